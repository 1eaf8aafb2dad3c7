"""Log lines, alerts and ICMP errors -> the conversation that each of them speaks of.

A record joins the conversation of its sensor's own flow record; else of the same two ends that is nearest in time; where
there is none, one with the same Community ID; else it makes one of its own. Where a record states an address translation, the conversation
that was seen before it and the one that was seen behind it become one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TypeGuard

from .captures import absorb, place
from .community_id import community_id_of
from .grouping import NS, Key, Notice, beginning, key_of
from .halves import opens_anew
from .traffic import MAX_NOTICES, Caused, Join, Log, Traffic, Unreachable
from .types import Alert, Basis, Endpoint, FlowRecord, Location, LogRecord, Protocol, Statement, TcpFlags

# Log lines come late and their clocks differ by a little.
LOG_TOLERANCE_NS = 300 * NS
# A syslog line without a year lies in 1970: its time cannot be held against a capture's.
FIRST_YEAR_NS = 366 * 86400 * NS
# Firewalls give what they denied the session's number 0.
NO_FLOW = frozenset({"", "0"})
# Between the same endpoints conversations follow one another, so the nearest in time is among these many.
NEAR = 8


class Joining:
    """All conversations of a case, found by their ends; `all` is in no order until `join` has ended."""

    def __init__(self, traffics: Iterable[Traffic]) -> None:
        self.all: list[Traffic] = []
        self._united: dict[int, Traffic] = {}  # those that became part of another, by their identity
        self._by_key: defaultdict[Key, list[Traffic]] = defaultdict(list)  # each in order of time
        self._by_end: dict[Endpoint, list[Traffic]] | None = None
        self._by_id: defaultdict[str, list[Traffic]] | None = None
        self._by_flow: dict[tuple[str, Key], Traffic] = {}  # by the number that a sensor gives its flow
        self._named: frozenset[str] = frozenset()  # those of these numbers that other lines name
        for traffic in traffics:
            self._enter(traffic, key_of(traffic.protocol, *traffic.ends))

    def join(self, notices: Iterable[Notice], logs: Iterable[Log]) -> None:
        """Give every record to its conversation. In what order they come in does not matter."""
        for notice in sorted(notices, key=lambda notice: (notice.time_ns, notice.location)):
            self._join_notice(notice)
        waiting = sorted(logs, key=_order)
        self._named = frozenset(log.flow_id for log in waiting if not isinstance(log, FlowRecord)) - NO_FLOW
        alerts = [log for log in waiting if isinstance(log, Alert)]
        joined = [(log, self._join_log(log)) for log in waiting[: len(waiting) - len(alerts)]]
        for log, traffic in joined:
            if isinstance(log, FlowRecord | LogRecord) and log.translated:
                self._join_views(log, traffic)
        self._enter_views()
        for alert in alerts:
            if alert.src.ip and alert.dst.ip:  # one about a host alone is about no conversation
                self._join_log(alert)
        self.all = sorted((item for item in self.all if id(item) not in self._united), key=place)

    def _enter(self, traffic: Traffic, key: Key) -> None:
        """`key` is the one of its ends."""
        known = self._by_key.get(key)
        if known is None:
            self._by_key[key] = [traffic]
        else:
            insort(known, traffic, key=beginning)
        self.all.append(traffic)
        if self._by_end is not None:
            _note_ends(self._by_end, traffic)
        if self._by_id is not None:
            insort(self._by_id[community_id_of(traffic.protocol, *traffic.ends)], traffic, key=beginning)

    def _start(self, protocol: Protocol, src: Endpoint, dst: Endpoint, time_ns: int) -> Traffic:
        traffic = Traffic(protocol, src, dst, time_ns)
        self._enter(traffic, key_of(protocol, src, dst))
        return traffic

    def _at(self, protocol: Protocol, src: Endpoint, dst: Endpoint, time_ns: int) -> Traffic | None:
        return _nearest(self._by_key.get(key_of(protocol, src, dst)), time_ns)

    # ICMP errors

    def _join_notice(self, notice: Notice) -> None:
        """The quoted packet was sent before the error that quotes it (RFC 792), whether it was captured or not."""
        quoted = notice.quoted
        traffic = self._at(quoted.protocol, quoted.src, quoted.dst, notice.time_ns)
        if traffic is None:
            traffic = self._start(quoted.protocol, quoted.src, quoted.dst, notice.time_ns)
        if not traffic.has_packets:
            traffic.note_record(notice.location)
            traffic.spread(notice.time_ns, notice.time_ns)
        if len(traffic.unreachables) < MAX_NOTICES:
            side = traffic.side_of(quoted.src) or 0
            told = Unreachable(notice.location, notice.kind, notice.code, notice.reporter, side, quoted)
            traffic.unreachables = (*traffic.unreachables, told)
        self._note_cause(notice, traffic)

    def _note_cause(self, notice: Notice, quoted: Traffic) -> None:
        """An error is sent to whoever sent the packet that it is about. Where that one was seen to send, nobody forged
        the packet in its name."""
        asker, side = notice.quoted.src, quoted.side_of(notice.quoted.src)
        ends = Endpoint(notice.reporter, notice.kind), Endpoint(asker.ip, notice.code)
        error = self._at(Protocol.ICMP, *ends, notice.time_ns)
        sent = quoted.sides[side].first if side is not None else None
        if error is not None and error.caused_by is None and sent is not None:
            error.caused_by = Caused(sent, notice.location)

    # Logs

    def _join_log(self, log: Log) -> Traffic:
        first, second = ends_of(log)
        key = key_of(log.protocol, first, second)
        time_ns = log.time_ns or 0
        known = self._of_flow(log, key)
        if known is not None:
            known.add_log(log, is_beginning=False)
            return known
        traffic = self._login_conversation(log)
        if traffic is None:
            traffic = (
                _nearest(self._by_key.get(key), time_ns) or self._join_by_flow(log) or self._join_by_id(log)
            )
        is_beginning = _is_beginning(log)
        if traffic is None or (is_beginning and _is_next_connection(traffic, log)):
            traffic = Traffic(log.protocol, first, second, time_ns)
            self._enter(traffic, key)
        traffic.add_log(log, is_beginning)
        if not traffic.has_packets and time_ns:
            traffic.spread(time_ns, log.end_ns if isinstance(log, FlowRecord) else time_ns)
        if log.flow_id in self._named and isinstance(log, FlowRecord):
            self._by_flow[log.flow_id, key] = traffic
        return traffic

    def _of_flow(self, log: Log, key: Key) -> Traffic | None:
        """Return the conversation of the sensor's own flow record, whenever the line was written: what Suricata raises
        when a flow ends may carry any time."""
        if not self._by_flow or isinstance(log, FlowRecord):
            return None
        traffic = self._by_flow.get((log.flow_id, key))
        return None if traffic is None else self._kept(traffic)

    def _login_conversation(self, log: Log) -> Traffic | None:
        """Lines that name the client only (sshd's logins, some decoys'): its address and port are enough."""
        if not _names_client_only(log):
            return None
        if self._by_end is None:
            self._by_end = defaultdict(list)
            for traffic in self.all:
                _note_ends(self._by_end, traffic)
        return _nearest(self._by_end.get(log.src), log.time_ns)

    def _join_by_flow(self, log: Log) -> Traffic | None:
        """Return the conversation of an alert that prints what a proxy forwarded in place of one end (Suricata's
        `xff` in mode `overwrite`): the sensor's own flow beside it has the packet's ends."""
        if not isinstance(log, Alert) or log.flow_orig is None or log.flow_resp is None:
            return None
        ends = ends_of(log)
        if len({*ends, log.flow_orig, log.flow_resp}) != 3:  # both ends are printed, or neither
            return None
        traffic = self._at(log.protocol, log.flow_orig, log.flow_resp, log.time_ns or 0) or self._start(
            log.protocol, log.flow_orig, log.flow_resp, log.time_ns or 0
        )
        traffic.add_join(Join("join.forwarded", log.location, ends, f"{log.flow_orig} and {log.flow_resp}"))
        view = _aligned(traffic, ends)
        if view is not None:
            traffic.add_view(view)
        return traffic

    def _join_by_id(self, log: Log) -> Traffic | None:
        """Return the conversation whose Community ID the record prints, though it prints other ends."""
        if not log.community_id:
            return None
        if self._by_id is None:
            self._by_id = defaultdict(list)
            for known in sorted(self.all, key=beginning):
                self._by_id[community_id_of(known.protocol, *known.ends)].append(known)
        traffic = _nearest(self._by_id.get(log.community_id), log.time_ns or 0)
        if traffic is None or traffic.protocol is not log.protocol:
            return None
        ends = ends_of(log)
        traffic.add_join(Join("join.community_id", log.location, ends, log.community_id))
        view = _aligned(traffic, ends)
        if view is not None:
            traffic.add_view(view)
        return traffic

    # Address translation

    def _join_views(self, log: FlowRecord | LogRecord, own: Traffic) -> None:
        """Make one of the conversations that the record says are one, before and behind the translation."""
        ends = ends_of(log)
        for stated in log.translated:
            own = self._kept(own)
            view = stated if own.side_of(ends[0]) == 0 else stated[::-1]
            other = self._at(log.protocol, *stated, log.time_ns)
            if other is not None and other is not own:
                own = self._unite(own, other, view)
            elif other is None:
                own.add_view(view)
            own.add_join(Join("join.translation", log.location, ends, f"{stated[0]} and {stated[1]}"))

    def _unite(self, own: Traffic, other: Traffic, view: tuple[Endpoint, Endpoint]) -> Traffic:
        """Lay the two over one another; `view` are the other's ends in the order of our own. The ends of the one
        that more was seen of are the conversation's."""
        turned = other.ends[0] != view[0]
        kept, left = (other, own) if _completeness(other) > _completeness(own) else (own, other)
        first, second = left.ends
        kept.add_view((second, first) if turned else (first, second))
        absorb(kept, left, turned=turned, is_repeated=True)
        _take_out(self._by_key[key_of(left.protocol, first, second)], left)
        self._united[id(left)] = kept
        return kept

    def _kept(self, traffic: Traffic) -> Traffic:
        """Return what a conversation became part of, itself if of none."""
        while id(traffic) in self._united:
            traffic = self._united[id(traffic)]
        return traffic

    def _enter_views(self) -> None:
        """Let alerts find a conversation by either side's ends."""
        for traffic in self.all:
            for view in traffic.views if id(traffic) not in self._united else ():
                insort(self._by_key[key_of(traffic.protocol, *view)], traffic, key=beginning)


def _take_out(known: list[Traffic], traffic: Traffic) -> None:
    """Its beginning may have moved since it was entered, so where it should stand is only the first guess."""
    guess = bisect_left(known, traffic.first_ns, key=beginning)
    near = range(guess, min(len(known), guess + NEAR))
    at = next((place for place in near if known[place] is traffic), None)
    del known[known.index(traffic) if at is None else at]


def _completeness(traffic: Traffic) -> tuple[bool, bool, bool]:
    """What makes one view of a conversation better than another: packets, of both sides, from the first on."""
    both = all(side.packets for side in traffic.sides)
    return traffic.has_packets, both, any(side.syn for side in traffic.sides)


def _aligned(traffic: Traffic, ends: tuple[Endpoint, Endpoint]) -> tuple[Endpoint, Endpoint] | None:
    """Return the ends in the order of the conversation's sides, by an end or a port that they share."""
    own = traffic.ends
    for view in (ends, ends[::-1]):
        if view[0] == own[0] or view[1] == own[1]:
            return view
    ports = [end.port for end in own]
    for view in (ends, ends[::-1]):
        if [end.port for end in view] == ports and ports[0] != ports[1]:
            return view
    return None


def _note_ends(by_end: dict[Endpoint, list[Traffic]], traffic: Traffic) -> None:
    if traffic.protocol is Protocol.TCP:
        for side in traffic.sides:
            insort(by_end[side.endpoint], traffic, key=beginning)


def _nearest(candidates: Sequence[Traffic] | None, time_ns: int) -> Traffic | None:
    """Return the conversation nearest in time, None when all are too far away."""
    if not candidates:
        return None
    at = bisect_right(candidates, time_ns, key=beginning)
    near = candidates[max(0, at - NEAR) : at + 1]
    nearest = min(near, key=lambda traffic: _distance_ns(traffic, time_ns), default=None)
    if nearest is None or _distance_ns(nearest, time_ns) > LOG_TOLERANCE_NS:
        return None
    return nearest


def _distance_ns(traffic: Traffic, time_ns: int) -> int:
    if time_ns < FIRST_YEAR_NS or traffic.last_ns < FIRST_YEAR_NS:
        return 0
    return max(time_ns - traffic.last_ns, traffic.first_ns - time_ns, 0)


def ends_of(log: Log) -> tuple[Endpoint, Endpoint]:
    """Return the two ends as the record prints them."""
    return (log.orig, log.resp) if isinstance(log, FlowRecord) else (log.src, log.dst)


def _order(log: Log) -> tuple[int, int, Location]:
    return _rank(log), log.time_ns or 0, log.location or Location("", 0)


def _rank(log: Log) -> int:
    """A flow record spans its conversation, so it comes before the single lines that may fall into it; a line that
    names the client only comes after those that name both ends."""
    if isinstance(log, FlowRecord):
        return 0
    return 3 if isinstance(log, Alert) else 2 if _names_client_only(log) else 1


def _names_client_only(log: Log) -> TypeGuard[LogRecord]:
    """sshd's logins, and decoys whose own port is not in the line."""
    if not isinstance(log, LogRecord) or log.basis not in (Basis.HOST, Basis.DECOY):
        return False
    return not log.dst.port and log.src.port > 0 and log.protocol is Protocol.TCP


def _is_next_connection(traffic: Traffic, log: Log) -> bool:
    """Logs alone: a second flow that saw its own SYN, or a second "Built", is a second connection. `log` is of a beginning."""
    if traffic.has_packets:
        return False
    if isinstance(log, FlowRecord) and log.is_half:
        return opens_anew(traffic, log)
    return log.source in traffic.beginnings


def _is_beginning(log: Log) -> bool:
    if isinstance(log, FlowRecord):
        return _has_syn(log.orig_flags) or "S" in log.history
    return isinstance(log, LogRecord) and log.statement is Statement.ALLOWED and "connection" in log.fields


@lru_cache(maxsize=512)
def _has_syn(flags: TcpFlags | None) -> bool:
    """Python looks at single flags slowly, and there are few different ones."""
    return flags is not None and bool(flags & TcpFlags.SYN)
