"""Log lines as JSON: one event, one line, whatever hostile text a log message carries."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

_OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}


class JsonLines(logging.Formatter):
    """`{"time", "level", "logger", "message", ...extra}`.

    `ensure_ascii` escapes every control, bidi and zero-width character, so that a user name with a
    line feed or a terminal sequence in it can neither forge a line nor repaint a terminal.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {key: value for key, value in record.__dict__.items() if key not in _OWN | {"request"}}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True, default=str).replace("\x7f", "\\u007f")
