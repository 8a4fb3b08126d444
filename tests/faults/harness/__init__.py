"""What the fault tests run on: servers that can be broken, a load, and a checker."""
