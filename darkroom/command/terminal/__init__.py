"""Output for a terminal: columns, and images where it can show them."""
