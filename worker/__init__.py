"""Claims queued tasks, renders them, records the end, and sweeps. `worker.runner.running` starts it all."""
