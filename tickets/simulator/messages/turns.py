"""A script of what two sides say in turn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

MS = 1_000_000


class Turn(NamedTuple):
    """One message: who says it, and about how long that side thinks first."""

    from_client: bool
    payload: bytes
    think_ns: int = 2 * MS


Script = tuple[Turn, ...]


def ask(payload: bytes, think_ns: int = 1 * MS) -> Turn:
    return Turn(from_client=True, payload=payload, think_ns=think_ns)


def answer(payload: bytes, think_ns: int = 3 * MS) -> Turn:
    return Turn(from_client=False, payload=payload, think_ns=think_ns)


def in_turn(pairs: Iterable[tuple[bytes, bytes]], think_ns: int = 3 * MS) -> Script:
    """Questions, each with its answer."""
    turns: list[Turn] = []
    for question, reply in pairs:
        turns += [ask(question, think_ns // 2), answer(reply, think_ns)]
    return tuple(turns)


def in_lines(*lines: tuple[str, str], think_ns: int = 3 * MS) -> Script:
    """A dialogue of text lines: who speaks ("C" or "S") and what, without the line's end."""
    return tuple(
        Turn(from_client=who == "C", payload=f"{text}\r\n".encode(), think_ns=think_ns) for who, text in lines
    )
