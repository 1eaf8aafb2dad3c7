"""Several captures of one case -> one list of conversations: what two of them saw of the same connection is one.

Each capture is grouped by itself, so it does not matter how captures are interleaved. Then conversations of
the same ends that follow one another are continued (a capture that was cut into several files), and those that
run side by side are laid over one another: two sensors saw the same packets, or each saw one direction of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .grouping import LOOK_BACK, TIMEOUTS_NS, Key, key_of
from .traffic import MAX_ATTEMPTS, MAX_NOTICES, MAX_PAYLOADS, MAX_RECORDS, Side, Traffic
from .types import Location


def merge_captures(captures: Sequence[Sequence[Traffic]]) -> list[Traffic]:
    """Return the conversations of all captures in the order of their beginnings.

    What one capture holds apart stays apart: it saw all of it, and an unrelated capture beside it changes nothing."""
    if len(captures) == 1:
        return sorted(captures[0], key=place)
    merged: list[Traffic] = []
    by_key: defaultdict[Key, list[_Held]] = defaultdict(list)
    numbered = ((traffic, number) for number, capture in enumerate(captures) for traffic in capture)
    for traffic, number in sorted(numbered, key=lambda item: place(item[0])):
        known = by_key[key_of(traffic.protocol, *traffic.ends)]
        recent = (held for held in known[: -LOOK_BACK - 1 : -1] if number not in held.captures)
        earlier = next((held for held in recent if _is_same(held.traffic, traffic)), None)
        if earlier is None:
            known.append(_Held(traffic, {number}))
            merged.append(traffic)
        else:
            turned = earlier.traffic.side_of(traffic.ends[0]) == 1
            is_repeated = _runs_beside(earlier.traffic, traffic)
            absorb(earlier.traffic, traffic, turned=turned, is_repeated=is_repeated)
            earlier.captures.add(number)
    return merged


class _Held(NamedTuple):
    """A conversation and the captures that have a part in it."""

    traffic: Traffic
    captures: set[int]


def place(traffic: Traffic) -> tuple[int, Location]:
    """Return where a conversation stands among others: by its time, then by its first record."""
    return traffic.first_ns, traffic.records[0] if traffic.records else Location("", 0)


def absorb(traffic: Traffic, other: Traffic, *, turned: bool, is_repeated: bool) -> None:
    """Add what another sensor, or the next file, saw of a conversation; `turned` when its ends stand the other
    way round. Of repeated packets each side is counted where most of them were seen, and what both saw first
    is what `traffic` saw."""
    sides = other.sides[::-1] if turned else other.sides
    for mine, theirs in zip(traffic.sides, sides, strict=True):
        _absorb_side(mine, theirs, is_repeated=is_repeated)
    if other.has_packets or not traffic.has_packets:
        traffic.spread(other.first_ns, other.last_ns)
    traffic.has_packets = traffic.has_packets or other.has_packets
    for index, letter in other.history:
        if (entry := (index ^ turned, letter)) not in traffic.history:
            traffic.history.append(entry)
    traffic.records.extend(other.records[: MAX_RECORDS - len(traffic.records)])
    _absorb_spoken(traffic, other, turned=turned, is_repeated=is_repeated)
    turned_notices = [notice._replace(side=notice.side ^ turned) for notice in other.unreachables]
    traffic.unreachables = (*traffic.unreachables, *turned_notices)[:MAX_NOTICES]
    traffic.logs.extend(other.logs)
    traffic.beginnings |= other.beginnings
    traffic.layers = traffic.layers or other.layers
    for view in other.views:
        traffic.add_view(view[::-1] if turned else view)
    for join in other.joins:
        traffic.add_join(join)


def _absorb_side(side: Side, other: Side, *, is_repeated: bool) -> None:
    count = max if is_repeated else _sum
    side.packets = count(side.packets, other.packets)
    side.payload_bytes = count(side.payload_bytes, other.payload_bytes)
    side.syn_count = count(side.syn_count, other.syn_count)
    if side.rst is None:
        side.rst, side.rst_has_ack, side.rst_answers_syn = other.rst, other.rst_has_ack, other.rst_answers_syn
    for name in ("first", "syn", "syn_ack", "fin", "data", "other", "without_ack", "syn_fin"):
        if getattr(side, name) is None:
            setattr(side, name, getattr(other, name))
    side.isns = _united(side.isns, other.isns)
    side.syn_ack_acks = _united(side.syn_ack_acks, other.syn_ack_acks)
    side.next_seq = side.next_seq if other.next_seq is None else other.next_seq
    side.icmp_type = other.icmp_type if side.icmp_type is None else side.icmp_type


def _sum(one: int, other: int) -> int:
    return one + other


def _united(one: Iterable[int], other: Iterable[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys([*one, *other]))[:MAX_ATTEMPTS]


def _absorb_spoken(traffic: Traffic, other: Traffic, *, turned: bool, is_repeated: bool) -> None:
    """What the other heard of a side follows what was heard here, as far as its first payloads reach."""
    heard = [side.payloads for side in traffic.sides]
    room = [0 if is_repeated and count else MAX_PAYLOADS - count for count in heard]
    for spoken in other.spoken:
        index = spoken.side ^ turned
        if spoken.ordinal <= room[index]:
            traffic.spoken.append(spoken._replace(side=index, ordinal=heard[index] + spoken.ordinal))
    for index, side in enumerate(traffic.sides):
        side.payloads += min(room[index], other.sides[index ^ turned].payloads)


def _is_same(traffic: Traffic, later: Traffic) -> bool:
    """Did both captures see the same connection? One that begins with a number of its own is another."""
    if later.first_ns - traffic.last_ns > TIMEOUTS_NS[traffic.protocol]:
        return False
    numbers, others = _numbers(traffic), _numbers(later)
    if numbers and others:
        return bool(numbers & others)
    return not (traffic.is_closed and others)


def _numbers(traffic: Traffic) -> set[tuple[str, int, int]]:
    """Return the initial numbers that each end used, as its SYN or the answer to it names them."""
    found = set()
    for side, peer in (traffic.sides, traffic.sides[::-1]):
        found |= {(*side.endpoint, isn) for isn in side.isns}
        found |= {(*side.endpoint, (ack - 1) & 0xFFFFFFFF) for ack in peer.syn_ack_acks}
    return found


def _runs_beside(traffic: Traffic, later: Traffic) -> bool:
    """Two sensors on one connection share most of the time that the shorter of them saw."""
    shared_ns = min(traffic.last_ns, later.last_ns) - later.first_ns
    shorter_ns = min(traffic.last_ns - traffic.first_ns, later.last_ns - later.first_ns)
    return shared_ns >= 0 and 2 * shared_ns >= shorter_ns
