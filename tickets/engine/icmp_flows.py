"""ICMP errors that only a flow record tells of -> the conversation that they answer.

A flow record has the type and code of an error, but not the packet that the error quotes (RFC 792). It is tied to
a conversation only where a single one fits: the error's receiver sent to the error's sender, at that time, and
nothing came back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from .traffic import MAX_NOTICES, ToldError, Traffic
from .types import FlowRecord, Outcome, Protocol

# An error follows its packet at once; a host may hold it back for a moment (RFC 1812, 4.3.2.8).
TOLERANCE_NS = 3_000_000_000
UNREACHABLE4, UNREACHABLE6 = 3, 1
# Between two hosts with more conversations that were not answered, an error fits more than one.
MAX_SILENT = 64

Pair = tuple[str, str]  # the addresses that was spoken from and to


def tie_errors(traffics: Iterable[Traffic]) -> None:
    """Give each error to the one conversation that it can answer."""
    known = list(traffics)
    errors = [error for traffic in known if traffic.protocol is Protocol.ICMP for error in _errors(traffic)]
    if not errors:
        return
    silent: defaultdict[Pair, list[tuple[Traffic, int]]] = defaultdict(list)
    for traffic in known:
        if traffic.protocol is not Protocol.ICMP and (side := _only_speaker(traffic)) is not None:
            silent[traffic.ends[side].ip, traffic.ends[1 - side].ip].append((traffic, side))
    for error in errors:
        fitting = _fitting(error, silent.get((error.resp.ip, error.orig.ip), ()))
        if len(fitting) == 1:
            traffic, side = fitting[0]
            kind, code = error.orig.port, error.resp.port
            told = ToldError(error.location, error.source, kind, code, error.orig.ip, side)
            traffic.told_errors = (*traffic.told_errors, told)[:MAX_NOTICES]


def _fitting(error: FlowRecord, candidates: Sequence[tuple[Traffic, int]]) -> list[tuple[Traffic, int]]:
    earliest, latest = error.time_ns - TOLERANCE_NS, error.end_ns + TOLERANCE_NS
    return [
        (traffic, side)
        for traffic, side in candidates[:MAX_SILENT]
        if traffic.last_ns >= earliest and traffic.first_ns <= latest
    ]


def _errors(traffic: Traffic) -> Iterator[FlowRecord]:
    flows = (log for log in traffic.logs if isinstance(log, FlowRecord))
    return (
        flow for flow in flows if flow.orig.port == (UNREACHABLE6 if ":" in flow.orig.ip else UNREACHABLE4)
    )


def _only_speaker(traffic: Traffic) -> int | None:
    """The side that sent, where flow records alone tell of the conversation and the other sent nothing."""
    flows = [log for log in traffic.logs if isinstance(log, FlowRecord)]
    speakers = {traffic.side_of(flow.orig) for flow in flows}
    was_answered = any(flow.resp_packets or flow.outcome is Outcome.ESTABLISHED for flow in flows)
    return None if traffic.has_packets or len(speakers) != 1 or was_answered else speakers.pop()
