"""Conversations in a row: a sweep over many targets, a beacon's beat."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tickets.simulator.network import Dialogue, Socket
from tickets.simulator.randomness import Stream

Knock = Callable[[Socket, Socket, int], Dialogue]


def play_sweep(
    pairs: Iterable[tuple[Socket, Socket]], start_ns: int, gap_ns: int, knock: Knock, chance: Stream
) -> tuple[Dialogue, ...]:
    """One attempt after another, about `gap_ns` apart; each target's state decides what becomes of it."""
    dialogues, at_ns = [], start_ns
    for client, server in pairs:
        dialogues.append(knock(client, server, at_ns))
        at_ns += chance.about(gap_ns)
    return tuple(dialogues)


def draw_beats(start_ns: int, period_ns: int, jitter_percent: int, count: int, chance: Stream) -> list[int]:
    """The moments of a beacon: each pause is the period, give or take the jitter."""
    beats, swing_ns = [start_ns], period_ns * jitter_percent // 100
    while len(beats) < count:
        beats.append(beats[-1] + chance.between(period_ns - swing_ns, period_ns + swing_ns))
    return beats
