"""Protocols of lines: FTP (RFC 959), SMTP (RFC 5321), and the greetings of SSH (RFC 4253, 4.2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tickets.simulator.sensors.spoken.turns import Turn

REPLY = re.compile(r"(\d{3})[ -](.*)")
GREETING = re.compile(rb"SSH-(\d\.\d+)-([^\r\n]*)\r?\n")


@dataclass(frozen=True, slots=True)
class Command:
    """A line of the client with the server's replies to it. The greeting answers no command: its `verb` is empty."""

    verb: str
    argument: str
    replies: tuple[tuple[str, str], ...]
    time_ns: int


def read_commands(turns: Sequence[Turn]) -> tuple[Command, ...]:
    """Each command with what the server said before the next."""
    commands: list[Command] = []
    for turn in turns:
        texts = [line for line in turn.data.decode("utf-8", "replace").split("\r\n") if line]
        if turn.from_orig:
            for text in texts:
                verb, _, argument = text.partition(" ")
                commands.append(Command(verb.upper(), argument, (), turn.end_ns))
            continue
        replies = tuple((match[1], match[2]) for match in map(REPLY.match, texts) if match)
        last = commands.pop() if commands else Command("", "", (), turn.end_ns)
        commands.append(Command(last.verb, last.argument, last.replies + replies, turn.end_ns))
    return tuple(commands)


@dataclass(frozen=True, slots=True)
class Greetings:
    """Protocol version and software of both sides of SSH; None for a side that was not heard."""

    client: tuple[str, str] | None
    server: tuple[str, str] | None
    time_ns: int


def read_greetings(turns: Sequence[Turn]) -> Greetings | None:
    found: dict[bool, tuple[str, str]] = {}
    time_ns = 0
    for turn in turns:
        match = GREETING.match(turn.data)
        if match and turn.from_orig not in found:
            found[turn.from_orig] = (match[1].decode(), match[2].decode("ascii", "replace"))
            time_ns = turn.end_ns
    return Greetings(found.get(True), found.get(False), time_ns) if found else None
