"""What every process agrees on: tasks, messages, keys, settings, errors, metrics, logs, traces. No pixels."""
