import json
import logging
from typing import Literal

import pytest
import structlog

from core.logs import configure_logging


@pytest.mark.parametrize("log_format", ["json", "auto"])
def test_that_away_from_a_terminal_a_line_is_json(
    log_format: Literal["json", "auto"], capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(log_format, "info")
    structlog.get_logger().info("task_claimed", attempt=1)
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["attempt"], line["level"]) == ("task_claimed", 1, "info")
    assert line["timestamp"].endswith("Z")


def test_that_the_standard_library_logs_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json", "info")
    logging.getLogger("somebody").warning("hello")
    assert json.loads(capsys.readouterr().err)["event"] == "hello"


def test_that_the_console_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("console", "info")
    structlog.get_logger().warning("lease_lost", attempt=2)
    line = capsys.readouterr().err
    assert "lease_lost" in line
    assert not line.startswith("{")


def test_that_less_severe_lines_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json", "warning")
    structlog.get_logger().info("task_claimed")
    logging.getLogger("botocore").info("a request")
    assert capsys.readouterr().err == ""


def test_that_an_exception_is_part_of_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json", "info")
    try:
        raise ValueError("no")  # noqa: TRY301 - something to log
    except ValueError:
        structlog.get_logger().exception("sweep_failed")
    line = json.loads(capsys.readouterr().err)
    assert line["exception"][0]["exc_type"] == "ValueError"


def test_that_a_terminal_is_given_no_escape_sequences_of_strangers(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("console", "info")
    hostile = "a\x1b]0;owned\x07b\x9bc\rd"
    try:
        raise ValueError(hostile)  # noqa: TRY301 - something to log
    except ValueError:
        structlog.get_logger().exception("request_failed", path=hostile.replace("\r", ""), detail=hostile)
    logging.getLogger("somebody").warning(hostile)
    written = capsys.readouterr().err
    assert written.count("owned") == 4
    assert not {"\x1b]", "\x07", "\x9b", "\r"} & {*written, *(written[at : at + 2] for at in range(len(written)))}
