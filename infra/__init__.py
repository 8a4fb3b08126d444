"""What Darkroom runs on."""
