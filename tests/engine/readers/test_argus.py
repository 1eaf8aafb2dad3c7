"""Argus: its arrow says how sure it is, and where it is wrong none the less."""

from __future__ import annotations

import pytest

from tests.engine.readers.lines import CLIENT, NOON_NS, SERVER, one, read
from tickets.engine.conversations import converse
from tickets.engine.types import Basis, Conversation, Endpoint, FlowRecord, Outcome

HEADER = (
    "StartTime,LastTime,Flgs,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,SrcPkts,DstPkts,SrcBytes,DstBytes,State"
)


def row(
    arrow: str,
    counts: tuple[int, int],
    state: str,
    *,
    flags: str = " e        ",
    proto: str = "tcp",
    src: tuple[str, str] = (CLIENT.ip, "3932"),
    dst: tuple[str, str] = (SERVER.ip, "80"),
    size: int = 60,
) -> str:
    times = "2026-01-05 12:00:00.010000,2026-01-05 12:00:00.080000"
    sizes = (counts[0] * size, counts[1] * size)
    return f"{times},{flags},{proto},{src[0]},{src[1]},  {arrow},{dst[0]},{dst[1]},{counts[0]},{counts[1]},{sizes[0]},{sizes[1]},{state}"


def flow(*lines: str) -> FlowRecord:
    record = one(*lines)
    assert isinstance(record, FlowRecord)
    return record


def conversation(*lines: str) -> Conversation:
    (found,) = converse(read(*lines)[1])
    return found


@pytest.mark.parametrize(
    ("arrow", "counts", "state", "orig", "basis"),
    [
        ("->", (3, 0), "REQ", CLIENT, Basis.HANDSHAKE),
        ("->", (5, 3), "FIN", CLIENT, Basis.EITHER_SYN),
        ("->", (3, 2), "RST", CLIENT, Basis.EITHER_SYN),
        ("->", (1, 1), "RST", CLIENT, Basis.SYN_ACK),
        ("->", (0, 3), "FIN", CLIENT, Basis.SYN_ACK),
        ("->", (3, 0), "CON", CLIENT, Basis.SYN_ACK),
        ("->", (1, 0), "ACC", SERVER, Basis.SYN_ACK),  # a SYN-ACK alone: its sender answers
        ("->", (1, 1), "ACC", CLIENT, Basis.FIRST_PACKET),
        ("->", (5, 0), "FIN", CLIENT, Basis.FIRST_PACKET),
        ("<?>", (1, 1), "CON", CLIENT, Basis.FIRST_PACKET),
        ("?>", (1, 0), "CON", CLIENT, Basis.FIRST_PACKET),
    ],
)
def test_the_arrow_says_how_sure_the_source_is(
    arrow: str, counts: tuple[int, int], state: str, orig: Endpoint, basis: Basis
) -> None:
    record = flow(HEADER, row(arrow, counts, state))
    assert (record.orig, record.basis, record.state) == (orig, basis, state)
    assert (record.time_ns, record.end_ns) == (NOON_NS + 10_000_000, NOON_NS + 80_000_000)


@pytest.mark.parametrize(
    ("arrow", "counts", "state", "flags", "outcome"),
    [
        ("->", (5, 3), "FIN", " e", Outcome.ESTABLISHED),
        ("->", (4, 2), "CON", " e", Outcome.ESTABLISHED),
        ("->", (3, 0), "REQ", " e s", Outcome.UNANSWERED),
        ("->", (1, 1), "RST", " e", Outcome.REFUSED),
        ("->", (2, 1), "RST", " e", Outcome.ESTABLISHED),  # SYN, SYN-ACK, RST
        ("->", (2, 1), "RST", " e s", None),  # or the SYN was sent twice
        ("->", (5, 0), "FIN", " e", Outcome.ONE_WAY),
        ("->", (0, 1), "ACC", " e", Outcome.ONE_WAY),
        ("<?>", (1, 1), "CON", " e", Outcome.MIDSTREAM),
        ("<?>", (1, 1), "RST", " e", Outcome.MIDSTREAM),
        ("?>", (1, 0), "RST", " e", Outcome.ONE_WAY),
    ],
)
def test_the_state_says_what_became_of_it(
    arrow: str, counts: tuple[int, int], state: str, flags: str, outcome: Outcome | None
) -> None:
    assert flow(HEADER, row(arrow, counts, state, flags=flags)).outcome is outcome


def test_a_refusal_and_backscatter_look_alike_so_neither_is_a_key() -> None:
    found = conversation(HEADER, row("->", (1, 1), "RST", src=(SERVER.ip, "80"), dst=(CLIENT.ip, "3932")))
    assert (found.orig, found.outcome) == (SERVER, Outcome.REFUSED)
    assert found.confidence < 0.9


def test_where_argus_does_not_know_the_ports_suggest() -> None:
    server = {"src": (SERVER.ip, "8834"), "dst": (CLIENT.ip, "51022")}
    found = conversation(HEADER, row("<?>", (1, 1), "CON", **server))  # type: ignore[arg-type]
    assert (found.orig, found.outcome) == (Endpoint(CLIENT.ip, 51022), Outcome.MIDSTREAM)
    assert found.confidence < 0.9


def test_all_packets_from_the_other_side_do_not_make_it_the_originator() -> None:
    record = flow(HEADER, row("<-", (0, 3), "INT", proto="udp"))
    assert (record.orig, record.orig_packets, record.resp_packets) == (CLIENT, 0, 3)
    assert conversation(HEADER, row("<-", (0, 3), "INT", proto="udp")).outcome is Outcome.ONE_WAY


@pytest.mark.parametrize(
    ("port", "ends"), [("0x0008", (8, 0)), ("0x0a03", (3, 10)), ("0x000b", (11, 0)), ("0x0000", (0, 8))]
)
def test_icmp_has_its_code_before_its_type_in_hexadecimal(port: str, ends: tuple[int, int]) -> None:
    record = flow(HEADER, row("->", (1, 0), "ECO", proto="icmp", src=(CLIENT.ip, port)))
    assert (record.orig, record.resp) == (Endpoint(CLIENT.ip, ends[0]), Endpoint(SERVER.ip, ends[1]))


def test_the_type_tells_who_asked() -> None:
    found = conversation(HEADER, row("<->", (1, 1), "ECO", proto="icmp", src=(CLIENT.ip, "0x0008")))
    assert (found.orig, found.confidence) == (Endpoint(CLIENT.ip, 8), 0.97)


def test_an_answer_of_icmpv6_is_printed_as_a_request_so_the_type_names_nobody() -> None:
    ends = {"src": ("2001:db8::3", "128"), "dst": ("2001:db8::99", "0")}
    found = conversation(HEADER, row("->", (1, 0), "ECO", proto="ipv6-icmp", **ends))  # type: ignore[arg-type]
    assert (found.orig, {end.port for end in found.endpoints}) == (None, {128, 129})


def test_an_icmp_error_is_tied_to_the_only_conversation_that_it_can_answer() -> None:
    asked = row(
        "->",
        (1, 0),
        "INT",
        flags=" eU",
        proto="udp",
        src=(CLIENT.ip, "40123"),
        dst=(SERVER.ip, "161"),
    )
    error = row("->", (1, 0), "URP", proto="icmp", src=(SERVER.ip, "0x0303"), dst=(CLIENT.ip, "0xa100"))
    assert conversation(HEADER, asked).outcome is Outcome.REJECTED
    told = [item for item in converse(read(HEADER, asked, error)[1]) if item.service == "snmp"]
    assert (told[0].outcome, told[0].findings[-3].rule) == (Outcome.REFUSED, "flow.unreachable")
    second = asked.replace(",161,", ",162,")
    several = converse(read(HEADER, asked, second, error)[1])
    assert {item.outcome for item in several[:2]} == {Outcome.REJECTED}


@pytest.mark.parametrize(
    ("time", "time_ns"),
    [
        ("12:00:00.010000", 43_200_010_000_000),
        ("1767614400.010000", NOON_NS + 10_000_000),
        ("2026/01/05 12:00:00.010000", NOON_NS + 10_000_000),
    ],
)
def test_a_time_may_have_no_day(time: str, time_ns: int) -> None:
    header = "StartTime,Flgs,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,TotPkts,TotBytes,State"
    record = flow(header, f"{time}, e,tcp,10.20.30.40,3932,   ->,203.0.113.80,80,8,513,FIN")
    assert (record.time_ns, record.outcome) == (time_ns, None)


def test_a_list_without_times_and_with_its_header_in_a_comment() -> None:
    record = flow(
        "# case,Flgs,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,SrcPkts,DstPkts,State  (ra -n -c ,)",
        "a, e,tcp,10.20.30.40,3932,   ->,203.0.113.80,80,5,3,FIN",
    )
    assert (record.time_ns, record.outcome) == (0, Outcome.ESTABLISHED)


def test_its_own_management_records_are_passed_over_and_bad_rows_told() -> None:
    isis = "2026-01-05 12:00:00,2026-01-05 12:00:00,,isis,0000.0000.0002,,   ->,(null),0xc3cf,,1,0,180,0,CSNP"
    own = "2026-01-05 12:00:00,2026-01-05 12:00:00,,man,0,0,,0,0,0,0,0,0,STA"
    _, records, problems = read(
        HEADER, own, isis, "a,b", row("->", (1, 0), "ECO", proto="icmp", src=(CLIENT.ip, "0x3ffff"))
    )
    assert records == []
    assert problems == [
        "line 4: 2 columns where the header names 14",
        "line 5: '0x3ffff' is no ICMP type and code",
    ]
