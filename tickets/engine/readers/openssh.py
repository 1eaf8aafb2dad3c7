"""sshd's lines in auth.log: who connected, and whether the login was accepted.

Source: OpenSSH's auth.c (auth_log) and sshd.c. `Accepted` and `Failed` name only the client; the
server is the host that writes, by name, and its port is not printed (0).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..types import Basis, Endpoint, Location, LogRecord, Problem, Protocol, Record, Statement
from .source import Source
from .values import endpoint, read_records, syslog_ns

FORMAT = "openssh"
HEADER = re.compile(
    r"(?:<\d{1,3}>)?(?P<time>\S+(?: +\d{1,2} [\d:.]+)?) (?P<host>\S+) sshd(?:-session)?\[\d+\]: "
)
# The user's name is the stranger's own text: only the last address on the line is sshd's.
LOGIN = re.compile(
    r"(?P<result>Accepted|Failed) (?P<method>\S+) for (?:invalid user )?(?P<user>.{0,256})"
    r" from (?P<ip>[0-9A-Fa-f.:%]+) port (?P<port>\d+)"
)
CONNECTION = re.compile(r"Connection from (\S+) port (\d+) on (\S+) port (\d+)")
STATEMENTS = {"Accepted": Statement.AUTHENTICATED, "Failed": Statement.AUTHENTICATION_FAILED}


def matches(head: bytes) -> bool:
    return re.search(rb"(?m)^\S.{0,80} sshd(-session)?\[\d+\]: ", head) is not None


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield logins and connections; auth.log holds lines of many programs, which are passed over."""
    return read_records(source, problems, _decode)


def _decode(location: Location, line: str) -> LogRecord | None:
    header = HEADER.match(line)
    if header is None:
        return None
    said = line[header.end() :]
    if connection := CONNECTION.match(said):
        client = endpoint(connection[1], connection[2])
        server = endpoint(connection[3], connection[4])
        return _record(location, header, client, server, Statement.ACCEPTED, {}, line)
    login = LOGIN.match(said)
    if login is None:
        return None
    client = endpoint(login["ip"], login["port"])
    fields = {"result": login["result"].lower(), "method": login["method"], "user": login["user"]}
    server = Endpoint(header["host"], 0)
    return _record(location, header, client, server, STATEMENTS[login["result"]], fields, line)


def _record(
    location: Location,
    header: re.Match[str],
    client: Endpoint,
    server: Endpoint,
    statement: Statement,
    fields: dict[str, str],
    line: str,
) -> LogRecord:
    return LogRecord(
        location=location,
        source=FORMAT,
        time_ns=syslog_ns(header["time"]),
        protocol=Protocol.TCP,
        src=client,
        dst=server,
        statement=statement,
        orig=client,
        resp=server,
        basis=Basis.HOST,
        service="ssh",
        fields=fields,
        raw=line,
    )
