"""Exit codes, and the error that ends a command with one."""

SOME_FAILED = 1
USAGE = 2
NOT_SIGNED_IN = 3
SERVER_AWAY = 4
INTERRUPTED = 130


class CommandError(Exception):
    """Ends the command. The message says what is wrong and what to do next."""

    def __init__(self, message: str, *, code: int = SOME_FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
