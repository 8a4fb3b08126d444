"""The command. Each module has the commands of one subject; nothing but click is imported before one runs."""
