"""Produces the output of an attempt: rendered, or copied from the same work done before."""
