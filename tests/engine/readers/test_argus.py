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
        ("->", (5, 3), "FIN", CLIENT, Basis.HANDSHAKE),
        ("<-", (3, 5), "FIN", SERVER, Basis.HANDSHAKE),
        ("->", (3, 0), "REQ", CLIENT, Basis.HANDSHAKE),
        ("->", (0, 1), "ACC", CLIENT, Basis.SYN_ACK),
        ("->", (1, 1), "RST", CLIENT, Basis.SYN_ACK),
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


def test_icmp_has_type_and_code_in_hexadecimal() -> None:
    record = flow(HEADER, row("->", (1, 0), "ECO", proto="icmp", src=(CLIENT.ip, "0x0800")))
    assert (record.orig, record.resp) == (Endpoint(CLIENT.ip, 8), Endpoint(SERVER.ip, 0))
    found = conversation(HEADER, row("<->", (1, 1), "ECO", proto="icmp", src=(CLIENT.ip, "0x0800")))
    assert (found.orig, found.confidence) == (Endpoint(CLIENT.ip, 8), 0.97)


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
    own = "2026-01-05 12:00:00,2026-01-05 12:00:00,,man,0,0,,0,0,0,0,0,0,STA"
    _, records, problems = read(
        HEADER, own, "a,b", row("->", (1, 0), "ECO", proto="icmp", src=(CLIENT.ip, "3"))
    )
    assert records == []
    assert problems == [
        "line 3: 2 columns where the header names 14",
        "line 4: '3' is no ICMP type and code",
    ]
