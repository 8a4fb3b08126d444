"""The command and the Python client of Darkroom. The wheel also holds the service, in `_server`."""

__version__ = "0.1.0"  # a test compares it with pyproject.toml: reading the installed metadata takes 20 ms
