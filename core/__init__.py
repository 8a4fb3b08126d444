"""What API and worker agree on: filters, pipeline, tasks, messages, settings, errors, metrics. No network, no disk."""
