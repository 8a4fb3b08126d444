"""API keys, with which programs use the API."""
