"""The parts that need no server of their own."""
