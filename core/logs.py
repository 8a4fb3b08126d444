"""Configures logging: each line is a constant event name with fields, as JSON or, at a terminal, in colour."""

import io
import logging
import re
import sys
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, WrappedLogger

from core import tracing

# A terminal obeys them; JSON escapes them by itself. C0 but tab and line feed, DEL, C1.
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Without local variables, among which there are tokens and passwords.
_TRACEBACKS = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)


def configure_logging(log_format: Literal["auto", "json", "console"], level: str) -> None:
    """Send structlog and the standard library's loggers to stderr in one format. Call once, at the entry point."""
    console = log_format == "console" or (log_format == "auto" and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        _add_trace_id,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    final: list[structlog.typing.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if console:
        final += [_escape_fields, structlog.dev.ConsoleRenderer(exception_formatter=_print_escaped_traceback)]
    else:
        final += [structlog.processors.ExceptionRenderer(_TRACEBACKS), structlog.processors.JSONRenderer()]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=final, foreign_pre_chain=shared))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for noisy in ("alembic", "botocore", "aiobotocore", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    for shouting in (
        "aiormq",
        "aio_pika",
    ):  # an ERROR for each attempt at an unavailable broker; broker.amqp_link logs it once
        logging.getLogger(shouting).setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        cache_logger_on_first_use=False,
    )


def audit_log(name: str) -> structlog.typing.FilteringBoundLogger:
    """Return a logger for what people and their keys do: each line has `"audit": true` (docs/operations.md)."""
    log: structlog.typing.FilteringBoundLogger = structlog.get_logger(name, audit=True)
    return log


def _add_trace_id(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Link the line to its trace, if there is one."""
    if trace_id := tracing.trace_id():
        event["trace_id"] = trace_id
    return event


def _escape_fields(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A path or an error may hold untrusted input."""
    return {name: _escape(value) if isinstance(value, str) else value for name, value in event.items()}


def _print_escaped_traceback(out: TextIO, exc_info: ExcInfo) -> None:
    text = io.StringIO()
    structlog.dev.plain_traceback(text, exc_info)
    out.write(_escape(text.getvalue()))


def _escape(text: str) -> str:
    return _CONTROL_CHARACTERS.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
