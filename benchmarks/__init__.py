"""Benchmarks. benchmarks/targets.mk lists the commands."""
