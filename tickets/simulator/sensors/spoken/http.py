"""HTTP/1 as a parser reads it: requests with the answers to them (RFC 9112)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tickets.simulator.sensors.spoken.turns import Turn

REQUEST = re.compile(rb"([A-Z]{3,10}) (\S+) HTTP/(\d\.\d)\r\n")
END_OF_HEAD = b"\r\n\r\n"
HEAD_LIMIT = 65_536
RESPONSE = re.compile(rb"HTTP/(\d\.\d) (\d{3}) ?([^\r\n]*)\r\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    method: str
    target: str
    version: str
    headers: dict[str, str] = field(default_factory=dict)
    body_bytes: int = 0
    time_ns: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    status: int
    reason: str
    version: str
    headers: dict[str, str] = field(default_factory=dict)
    body_bytes: int = 0
    time_ns: int = 0


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer; either may not have been seen."""

    asked: Request | None
    answered: Response | None

    @property
    def time_ns(self) -> int:
        """When it was complete."""
        return max(part.time_ns for part in (self.asked, self.answered) if part is not None)


def read_exchanges(turns: Sequence[Turn]) -> tuple[Exchange, ...]:
    """Answers come in the order of the requests."""
    asked = [request for turn in turns if turn.from_orig for request in _requests(turn)]
    answered = [
        response
        for turn in turns
        if not turn.from_orig
        for response in _responses(turn)
        if response.status >= 200
    ]
    longer = max(len(asked), len(answered))
    return tuple(
        Exchange(asked[at] if at < len(asked) else None, answered[at] if at < len(answered) else None)
        for at in range(longer)
    )


def _requests(turn: Turn) -> Iterator[Request]:
    for match, headers, body in _messages(turn.data, REQUEST):
        method, target, version = (part.decode("ascii", "replace") for part in match.groups())
        yield Request(
            method=method,
            target=target,
            version=version,
            headers=headers,
            body_bytes=body,
            time_ns=turn.end_ns,
        )


def _responses(turn: Turn) -> Iterator[Response]:
    for match, headers, body in _messages(turn.data, RESPONSE):
        yield Response(
            status=int(match[2]),
            reason=match[3].decode("ascii", "replace"),
            version=match[1].decode(),
            headers=headers,
            body_bytes=body,
            time_ns=turn.end_ns,
        )


def _messages(data: bytes, start: re.Pattern[bytes]) -> Iterator[tuple[re.Match[bytes], dict[str, str], int]]:
    """Start line, headers and size of the body of each message. What stands in a body is no start line: the next
    message begins where this one's length says. A parser that comes late looks for the first start line."""
    match = start.search(data)
    while match:
        head, _, _ = data[match.end() : match.end() + HEAD_LIMIT].partition(END_OF_HEAD)
        headers = _headers(head)
        body_at = match.end() + len(head) + len(END_OF_HEAD)
        size = _body_size(headers, start, len(data) - body_at)
        yield match, headers, size
        match = start.match(data, body_at + size)


def _body_size(headers: dict[str, str], start: re.Pattern[bytes], left: int) -> int:
    """RFC 9112, 6.3: the stated length; else an answer runs to the end, and a request has no body."""
    stated = headers.get("content-length", "")
    if stated.isascii() and stated.isdigit() and len(stated) < 16:
        return max(0, min(int(stated), left))
    return max(0, left) if start is RESPONSE or "transfer-encoding" in headers else 0


def _headers(head: bytes) -> dict[str, str]:
    pairs = (line.partition(b":") for line in head.split(b"\r\n") if b":" in line)
    return {
        name.decode("latin-1").strip().lower(): value.decode("latin-1").strip() for name, _, value in pairs
    }
