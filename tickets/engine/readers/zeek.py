"""Zeek's logs: conn.log, the logs of protocols and notice.log, each alone or several mixed in one stream.

`zeek_rows` knows how Zeek writes rows; `zeek_conn`, `zeek_protocols` and `zeek_notice` what they mean.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..types import Location, Problem, Record
from .source import Source
from .values import BadRecord, read_records
from .zeek_conn import connection
from .zeek_notice import notice
from .zeek_protocols import LOGS, protocol_log
from .zeek_rows import Values, paths_of, rows_decoder

KNOWN = {"conn", "notice", *LOGS}
# Logs that a file of its own is known by; any other, and several mixed, are MIXED.
NAMED = ("conn", "dns", "http", "ssl", "ssh", "notice")
MIXED = "zeek.logs"


class ZeekLog:
    """The format of one log, or of several mixed."""

    def __init__(self, path: str = "") -> None:
        self.FORMAT = f"zeek.{path}" if path else MIXED
        self._path = path

    def matches(self, head: bytes) -> bool:
        paths = paths_of(head)
        return paths == {self._path} if self._path else bool(paths & KNOWN)

    def read(self, source: Source, problems: list[Problem]) -> Iterator[Record]:
        """Yield what is about connections; rows of other logs (`weird`, `files`, `stats`) are passed over."""
        return read_records(source, problems, rows_decoder(_decode))


FORMATS = (*(ZeekLog(path) for path in NAMED), ZeekLog())


def _decode(path: str, location: Location, values: Values, line: str) -> Record | None:
    if path == "conn":
        return connection(location, values, line)
    if path == "notice":
        return notice(location, values, line)
    if path in LOGS:
        return protocol_log(path, location, values, line)
    if not path and "_path" not in values:
        raise BadRecord("the row is of no log of Zeek that is known")
    return None
