"""Many files through one pipeline: what to do, what is done already, and doing it."""
