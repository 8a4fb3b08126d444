"""`darkroom`, also `python -m darkroom`."""

import sys

from darkroom.command.app import run


def main() -> int:
    """Return the exit code: 0 all done, 1 some failed, 2 usage, 3 not signed in, 4 server away, 130 interrupted."""
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
