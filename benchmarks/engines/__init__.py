"""The engines of `make bench-render`: each a program that renders one row again and again (see loop.py)."""
