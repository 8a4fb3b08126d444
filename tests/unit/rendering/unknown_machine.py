"""A machine whose system calls nobody has listed: the forkserver of a test preloads this module."""

import platform

setattr(platform, "machine", lambda: "riscv64")  # noqa: B010 - it is a function there
