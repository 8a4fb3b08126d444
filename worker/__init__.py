"""Messages in: claims a task, renders it, records the end; sweeps what was forgotten.

`worker.runner.running` starts it all. Nothing is imported here, because every render child is forked from a process
that imports this package and should hold no more than it needs.
"""
