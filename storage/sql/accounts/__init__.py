"""What belongs to an account besides its images and tasks."""
