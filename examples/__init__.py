"""Uses Darkroom, over HTTP only."""
