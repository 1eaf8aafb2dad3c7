"""Cisco ASA and FTD: what each message says of who opened a conversation, and what it leaves open."""

from __future__ import annotations

import pytest

from tests.engine.readers.lines import CLIENT, NOON_NS, SERVER, log, read
from tickets.engine.conversations import converse
from tickets.engine.types import (
    Basis,
    Conversation,
    Endpoint,
    LogRecord,
    Outcome,
    Protocol,
    QuotedPacket,
    Statement,
)

ASA = "Jan 05 2026 12:00:00: %ASA-6-{}: {}"
MAPPED = Endpoint("192.0.2.1", 40001)


def asa(number: int, said: str) -> LogRecord:
    return log(ASA.format(number, said))


def conversations(*messages: tuple[int, str]) -> list[Conversation]:
    return converse(read(*(ASA.format(*message) for message in messages))[1])


@pytest.mark.parametrize("name", ["%ASA-6-", "%FTD-6-", "%ASA-session-6-"])
@pytest.mark.parametrize(
    ("start", "time_ns"),
    [
        ("Jan 05 2026 12:00:00: ", NOON_NS),
        ("<166>Jan 05 2026 12:00:00 fw1 : ", NOON_NS),
        ("Jan  5 12:00:09 relay1 Jan 05 2026 12:00:00 fw1 : ", NOON_NS),
        ("<166>1 2026-01-05T12:00:00.000Z fw1 - - - - ", NOON_NS),
        ("2026-01-05T12:00:00+00:00 fw1 ", NOON_NS),
        ("<166>", 0),
    ],
)
def test_asa_and_ftd_say_the_same_behind_any_header(name: str, start: str, time_ns: int) -> None:
    said = (
        f"{start}{name}106006: Deny inbound UDP from 203.0.113.80/80 to 10.20.30.40/3932 on interface outside"
    )
    record = log(said)
    assert (record.src, record.dst, record.time_ns) == (SERVER, CLIENT, time_ns)


@pytest.mark.parametrize(
    ("word", "said", "orig"),
    [
        ("inbound", " type 8 code 0", Endpoint("198.51.100.1", 8)),
        ("outbound", " type 8 code 0", Endpoint("10.20.9.10", 8)),
        ("inbound", "", Endpoint("198.51.100.1", 0)),
    ],
)
def test_an_icmp_connection_comes_from_outside_or_from_inside(word: str, said: str, orig: Endpoint) -> None:
    record = asa(
        302020,
        f"Built {word} ICMP connection for faddr 198.51.100.1/7(LOCAL\\ana) gaddr 192.0.2.10/0 laddr 10.20.9.10/0{said}",
    )
    assert (record.protocol, record.statement, record.basis) == (
        Protocol.ICMP,
        Statement.ALLOWED,
        Basis.SESSION,
    )
    assert (record.src.ip, record.dst.ip, record.orig) == ("198.51.100.1", "10.20.9.10", orig)
    assert record.translated == ((record.src, Endpoint("192.0.2.10", record.dst.port)),)


def test_an_icmp_teardown_names_nobody() -> None:
    record = asa(
        302021,
        "Teardown ICMP connection for faddr 198.51.100.1/7 gaddr 10.20.9.10/0 laddr 10.20.9.10/0 type 8 code 0",
    )
    assert (record.statement, record.orig, record.translated) == (Statement.CLOSED, None, ())
    assert (record.src, record.dst) == (Endpoint("198.51.100.1", 8), Endpoint("10.20.9.10", 0))


@pytest.mark.parametrize(
    ("number", "said", "ends", "orig", "basis"),
    [
        (
            106014,
            "Deny inbound icmp src outside:203.0.113.80 dst inside:10.20.30.40 (type 8, code 0)",
            (8, 0),
            "203.0.113.80",
            Basis.DENIED_PACKET,
        ),
        (
            106014,
            "Deny inbound icmp src outside:203.0.113.80 dst inside:10.20.30.40 (type 0, code 0)",
            (0, 8),
            "10.20.30.40",
            Basis.REPLY,
        ),
        (
            106010,
            "Deny inbound tcp src outside:203.0.113.80/80 dst inside:10.20.30.40/3932",
            (80, 3932),
            "203.0.113.80",
            Basis.DENIED_PACKET,
        ),
        (
            106023,
            'Deny udp src outside:203.0.113.80/53(LOCAL\\ana) dst dmz:10.20.30.40/3932 by access-group "IN" [0x0, 0x0]',
            (53, 3932),
            "203.0.113.80",
            Basis.FIRST_PACKET,
        ),
        (
            106100,
            "access-list IN denied icmp outside/203.0.113.80(8) -> dmz/10.20.30.40(0) hit-cnt 1 first hit [0x0]",
            (8, 0),
            "203.0.113.80",
            Basis.DENIED_PACKET,
        ),
        (
            710003,
            "TCP access denied by ACL from 203.0.113.80/40001 to outside:192.0.2.1/ssh",
            (40001, 22),
            "203.0.113.80",
            Basis.DENIED_PACKET,
        ),
        (
            710005,
            "UDP request discarded from 203.0.113.80/40001 to outside:192.0.2.1/161",
            (40001, 161),
            "203.0.113.80",
            Basis.FIRST_PACKET,
        ),
        (
            710005,
            "TCP request discarded from 203.0.113.80/40001 to outside:192.0.2.1/22",
            (40001, 22),
            None,
            None,
        ),
    ],
)
def test_a_denied_packet_shows_its_opener_as_far_as_one_packet_does(
    number: int, said: str, ends: tuple[int, int], orig: str | None, basis: Basis | None
) -> None:
    record = asa(number, said)
    assert (record.statement, record.src.port, record.dst.port) == (Statement.DENIED, *ends)
    assert (record.orig.ip if record.orig else None) == orig
    assert basis is None or record.basis is basis


def test_a_late_answer_is_told_as_an_answer() -> None:
    """A SYN-ACK that comes after the embryonic timeout finds no connection."""
    said = "Deny TCP (no connection) from 203.0.113.80/80 to 10.20.30.40/3932 flags SYN ACK  on interface outside"
    (found,) = conversations((106015, said))
    assert (found.orig, found.outcome, found.confidence < 0.9) == (CLIENT, Outcome.ONE_WAY, True)
    assert "device.reply_packet" in {item.rule for item in found.findings}


@pytest.mark.parametrize("flags", ["ACK", "FIN ACK", "RST", "PSH ACK"])
def test_a_packet_of_a_connection_that_is_gone_names_nobody(flags: str) -> None:
    said = f"Deny TCP (no connection) from 203.0.113.80/80 to 10.20.30.40/3932 flags {flags}  on interface outside"
    assert asa(106015, said).orig is None


def test_a_denied_dns_response_was_asked_for_by_its_receiver() -> None:
    said = "Deny inbound UDP from 203.0.113.80/53 to 10.20.30.40/3932 due to DNS Response"
    (found,) = conversations((106007, said))
    assert (found.orig, found.outcome) == (CLIENT, Outcome.ONE_WAY)


def test_a_denied_datagram_from_a_services_port_may_be_a_late_answer() -> None:
    said = 'Deny udp src outside:203.0.113.80/53 dst dmz:10.20.30.40/40123 by access-group "IN" [0x0, 0x0]'
    (found,) = conversations((106023, said))
    assert (found.orig, found.outcome) == (Endpoint("10.20.30.40", 40123), Outcome.ONE_WAY)
    assert found.confidence < 0.9


@pytest.mark.parametrize(("word", "orig"), [("outbound", None), ("inbound", Endpoint("203.0.113.80", 20))])
def test_the_word_of_an_active_ftp_data_connection_is_its_control_connections(
    word: str, orig: Endpoint | None
) -> None:
    record = asa(
        302013,
        f"Built {word} TCP connection 9 for outside:203.0.113.80/20 (203.0.113.80/20) "
        "to inside:10.20.30.40/50001 (10.20.30.40/50001)",
    )
    assert record.orig == orig


def test_built_before_the_handshake_is_no_answer() -> None:
    said = (
        "Built inbound TCP connection 9 for outside:203.0.113.80/40001 (203.0.113.80/40001) "
        "to dmz:10.20.30.40/22 (10.20.30.40/22)"
    )
    (found,) = conversations((302013, said))
    assert found.outcome is Outcome.ONE_WAY
    timeout = (
        "Teardown TCP connection 9 for outside:203.0.113.80/40001 to dmz:10.20.30.40/22 "
        "duration 0:00:30 bytes 0 SYN Timeout"
    )
    (found,) = conversations((302013, said), (302014, timeout))
    assert found.outcome is Outcome.UNANSWERED


TRANSLATION = (
    "Built dynamic TCP translation from inside:10.20.30.40/3932(LOCAL\\ana) to outside:192.0.2.1/40001"
)
BUILT = (
    "Built outbound TCP connection 9 for outside:203.0.113.80/80 (203.0.113.80/80) "
    "to inside:10.20.30.40/3932 (192.0.2.1/40001)"
)
LATE = "Deny TCP (no connection) from 203.0.113.80/80 to 192.0.2.1/40001 flags RST  on interface outside"


@pytest.mark.parametrize("before", [(305011, TRANSLATION), (302013, BUILT)])
def test_a_later_packet_to_a_translated_address_is_told_as_it_looks_inside(before: tuple[int, str]) -> None:
    _, records, problems = read(ASA.format(*before), ASA.format(106015, LATE))
    assert problems == []
    assert isinstance(records[-1], LogRecord)
    assert (records[-1].dst, records[-1].translated) == (MAPPED, ((SERVER, CLIENT),))


def test_a_translation_is_no_conversation_of_its_own_and_joins_others() -> None:
    assert conversations((305011, TRANSLATION)) == []
    (found,) = conversations((305011, TRANSLATION), (302013, BUILT), (106015, LATE))
    assert (found.orig, found.resp) == (CLIENT, SERVER)


def test_a_packet_to_an_address_of_which_nothing_is_known_stays_as_it_is() -> None:
    assert asa(106015, LATE).translated == ()


def test_an_icmp_error_without_a_connection_keeps_what_it_quotes() -> None:
    said = (
        "No matching connection for ICMP error message: icmp src outside:203.0.113.80 dst inside:10.20.30.40 "
        "(type 3, code 3) on outside interface.  Original IP payload: udp src 10.20.30.40/40123 dst 203.0.113.80/161."
    )
    record = asa(313005, said)
    assert (record.statement, record.src) == (Statement.DENIED, Endpoint("203.0.113.80", 3))
    assert record.quoted == QuotedPacket(
        protocol=Protocol.UDP, src=Endpoint("10.20.30.40", 40123), dst=Endpoint("203.0.113.80", 161)
    )
    asked = next(item for item in conversations((313005, said)) if item.protocol is Protocol.UDP)
    assert (asked.orig, asked.outcome) == (Endpoint("10.20.30.40", 40123), Outcome.REFUSED)


def test_messages_that_are_of_no_conversation_are_passed_over_and_bad_ones_told() -> None:
    lines = (
        ASA.format(733100, "[Scanning] drop rate-1 exceeded. Current burst rate is 10 per second"),
        ASA.format(
            305012, "Teardown dynamic TCP translation from inside:10.20.30.40/1 to outside:192.0.2.1/2"
        ),
        ASA.format(305011, "Built dynamic ICMP translation from inside:10.20.30.40/1 to outside:192.0.2.1/2"),
        ASA.format(106010, "Deny inbound protocol 50 src outside:203.0.113.80 dst inside:10.20.30.40"),
        ASA.format(302020, "Built inbound ICMP connection for nobody"),
        ASA.format(710003, "TCP access denied by ACL from 203.0.113.80/40001 to outside:192.0.2.1/gopher"),
        ASA.format(
            106014, "Deny inbound icmp src outside:203.0.113.80 dst inside:10.20.30.40 (type 300, code 0)"
        ),
    )
    kind, records, problems = read(*lines)
    assert (kind, records) == ("cisco.asa", [])
    assert problems == [
        "line 5: the message is not written as Cisco documents it",
        "line 6: 'gopher' is not a port",
        "line 7: '300' is not a type or code of ICMP",
    ]
