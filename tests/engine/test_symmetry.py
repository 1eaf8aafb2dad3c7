"""Names and moments are no evidence: other ones change nothing but themselves. Of datagrams and of log lines."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.traffic import NOON, Dialogue, icmp, pcap, udp
from tickets.engine.conversations import converse
from tickets.engine.readers import read_evidence
from tickets.engine.types import Conversation

ONE, OTHER = "10.0.0.1", "10.0.0.2"
QUESTION, ANSWER = b"\0\7\1\0\0\1" + bytes(12), b"\0\7\x81\x80\0\1\0\1" + bytes(20)
SAID = st.lists(
    st.tuples(st.booleans(), st.sampled_from([QUESTION, ANSWER, b"x", b"\x16\xfe\xfd" + bytes(20)])),
    min_size=1,
    max_size=6,
)
PORTS = st.tuples(st.sampled_from([53, 123, 40000]), st.sampled_from([53, 500, 40001]))
LINES = st.lists(
    st.tuples(
        st.booleans(),  # who is printed as the source
        st.sampled_from(["flow", "alert", "netflow", "dns"]),
        st.integers(0, 90),
        st.sampled_from(["tcp", "udp"]),
    ),
    min_size=1,
    max_size=5,
)
EVENTS: dict[str, dict[str, object]] = {
    "flow": {"flow": {"pkts_toserver": 3, "pkts_toclient": 2, "state": "established"}},
    "netflow": {"netflow": {"pkts": 3, "bytes": 180}},
    "alert": {
        "alert": {"signature_id": 1, "signature": "T", "action": "allowed"},
        "direction": "to_server",
    },
    "dns": {"dns": {"type": "query", "id": 7, "rrname": "example.net", "rrtype": "A"}},
}
Said = list[tuple[bool, bytes]]
Printed = list[tuple[bool, str, int, str]]


def datagrams(said: Said, ports: tuple[int, int], client: str, server: str) -> list[Dialogue]:
    talk = udp(f"{client}:{ports[0]}", f"{server}:{ports[1]}")
    for by_client, data in said:
        (talk.says if by_client else talk.answers)(data)
    return [talk, icmp(client, server, 500).message(8).message(0, from_server=True)]


def of_capture(talks: list[Dialogue], later_s: int = 0) -> list[Conversation]:
    for talk in talks:
        talk.frames = [frame._replace(at_us=frame.at_us + later_s * 1_000_000) for frame in talk.frames]
    return converse(read_evidence("x", pcap(*talks)).records)


def of_log(printed: Printed, client: str, server: str, later_s: int = 0) -> list[Conversation]:
    lines = []
    for is_client, kind, at_s, spoken in printed:
        moment = datetime.fromtimestamp(NOON, UTC) + timedelta(seconds=at_s + later_s)
        ends = (client, 40000, server, 53) if is_client else (server, 53, client, 40000)
        line = dict(zip(("src_ip", "src_port", "dest_ip", "dest_port"), ends, strict=True))
        lines.append(
            json.dumps(
                {"timestamp": moment.isoformat(), "event_type": kind, "proto": spoken, **line, **EVENTS[kind]}
            )
        )
    return converse(read_evidence("x", "\n".join(lines).encode()).records)


def told(found: Conversation, client: str) -> tuple[object, ...]:
    """What is concluded, with the client's name taken out."""
    rules = tuple((finding.rule, finding.supports) for finding in found.findings)
    orig = found.orig and found.orig.ip == client
    return orig, found.outcome, found.history, found.conn_state, found.confidence, found.service, rules


def moved(found: list[Conversation], seconds: int) -> list[tuple[object, ...]]:
    """What is concluded, with its times moved back."""
    back_ns = seconds * 1_000_000_000
    return [
        (*told(item, ONE), item.first_ns - back_ns, item.last_ns - back_ns, item.records, item.orig_packets)
        for item in found
    ]


@given(said=SAID, ports=PORTS)
@settings(max_examples=100)
def test_swapping_the_addresses_of_datagrams_swaps_only_names(said: Said, ports: tuple[int, int]) -> None:
    before, after = (
        of_capture(datagrams(said, ports, ONE, OTHER)),
        of_capture(datagrams(said, ports, OTHER, ONE)),
    )
    assert [told(item, ONE) for item in before] == [told(item, OTHER) for item in after]


@given(said=SAID, ports=PORTS, seconds=st.integers(0, 10**8))
@settings(max_examples=100)
def test_a_shift_in_time_of_datagrams_changes_only_times(
    said: Said, ports: tuple[int, int], seconds: int
) -> None:
    before, after = datagrams(said, ports, ONE, OTHER), datagrams(said, ports, ONE, OTHER)
    shifted = [
        replace(item, first_ns=item.first_ns - seconds * 10**9, last_ns=item.last_ns - seconds * 10**9)
        for item in of_capture(after, seconds)
    ]
    assert shifted == of_capture(before)


@given(printed=LINES)
@settings(max_examples=100)
def test_swapping_the_addresses_of_log_lines_swaps_only_names(printed: Printed) -> None:
    before, after = of_log(printed, ONE, OTHER), of_log(printed, OTHER, ONE)
    assert [told(item, ONE) for item in before] == [told(item, OTHER) for item in after]


@given(printed=LINES, seconds=st.integers(0, 10**8))
@settings(max_examples=100)
def test_a_shift_in_time_of_log_lines_changes_only_times(printed: Printed, seconds: int) -> None:
    assert moved(of_log(printed, ONE, OTHER, seconds), seconds) == moved(of_log(printed, ONE, OTHER), 0)
