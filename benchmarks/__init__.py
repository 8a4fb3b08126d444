"""What a task costs, measured on real servers, and how far that carries."""
