"""Tasks: what moves them through their states, reads, adds and deletes them, and the log of what happened."""
