from __future__ import annotations

import json
import logging
import sys

from soctrainer.logs import JsonLines


def record(message: str, *arguments: object, **fields: object) -> logging.LogRecord:
    logger = logging.getLogger("soctrainer.test")
    return logger.makeRecord(logger.name, logging.WARNING, "f", 1, message, arguments, None, extra=fields)


def test_hostile_text_stays_on_its_line_and_cannot_steer_a_terminal() -> None:
    hostile = "ana\r\n{} \x1b[2J\x00\x7f\x85\u202eevil\u200b\ud800"
    line = JsonLines().format(record("log-in of %s", hostile))
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["message"] == f"log-in of {hostile}"


def test_a_line_carries_level_logger_time_and_what_was_added() -> None:
    line = json.loads(JsonLines().format(record("graded", ticket="T001", request=object())))
    assert line["level"] == "WARNING"
    assert line["logger"] == "soctrainer.test"
    assert line["ticket"] == "T001"
    assert "request" not in line
    assert line["time"].endswith("+00:00")


def test_a_traceback_is_part_of_its_line() -> None:
    failed = record("failed")
    try:
        raise ValueError("of no\nuse")
    except ValueError:
        failed.exc_info = sys.exc_info()
    line = JsonLines().format(failed)
    assert "\n" not in line
    assert "ValueError: of no\nuse" in json.loads(line)["exception"]
