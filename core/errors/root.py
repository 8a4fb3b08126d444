"""The root of the error tree, and the operator's branch."""

from typing import ClassVar


class DarkroomError(Exception):
    """Carries a stable `code` for machines and a `detail` for people."""

    code: ClassVar[str] = "internal_error"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class ConfigurationError(DarkroomError):
    code = "configuration_error"
