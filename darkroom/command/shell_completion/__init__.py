"""Completion of names and steps in bash, zsh and fish."""
