"""CEF: escapes, custom fields, and that neither `src` nor `deviceDirection` says who opened a conversation."""

from __future__ import annotations

import pytest

from tests.engine.readers.lines import NOON_NS, log, one, read
from tickets.engine.conversations import converse
from tickets.engine.types import Alert, Endpoint, Outcome, Protocol, Statement

DENY = (
    "CEF:0|Example|Gate|2|106023|Access denied|4|rt=1767614400250 src=198.51.100.7 spt=40111 dst=192.0.2.30 dpt=3389 "
    "proto=TCP act=Deny deviceDirection=0"
)
DETECTION = (
    "CEF:0|Example|Net IDS|2|1:1900044:3|TRAINING reply to a high port|7|rt=1767614400000 src=203.0.113.80 spt=80 "
    "dst=10.20.30.40 dpt=3932 proto=6 act=alert cat=attempted-recon deviceDirection=0"
)


def test_a_policys_line_is_a_statement_that_names_nobody() -> None:
    record = log(DENY)
    assert (record.source, record.statement, record.orig) == ("cef", Statement.DENIED, None)
    assert (record.src, record.dst) == (Endpoint("198.51.100.7", 40111), Endpoint("192.0.2.30", 3389))
    assert record.time_ns == NOON_NS + 250_000_000
    assert record.fields["word"] == "Deny"


def test_a_detection_is_an_alert_with_its_signature() -> None:
    alert = one(DETECTION)
    assert isinstance(alert, Alert)
    assert (alert.sid, alert.message, alert.severity) == (1900044, "TRAINING reply to a high port", 7)
    assert (alert.src, alert.flow_orig, alert.category) == (
        Endpoint("203.0.113.80", 80),
        None,
        "attempted-recon",
    )


def test_the_constant_device_direction_reverses_nothing_and_proves_nothing() -> None:
    _, records, _ = read(DETECTION)
    (found,) = converse(records)
    assert found.orig == Endpoint("10.20.30.40", 3932)
    assert found.confidence < 0.9


def test_values_hold_blanks_and_escaped_signs() -> None:
    line = (
        r"CEF:0|Exa\|mple|Ga\\te|2|9|A name|4|rt=Jan 05 2026 12:00:00 src=198.51.100.7 spt=1 dst=192.0.2.30 dpt=2 "
        r"proto=UDP act=permitted by policy reason=rule a\=b in zone c cs1=web \\ front cs1Label=zone app=DNS"
    )
    record = log(line)
    assert record.fields["product"] == r"Exa|mple Ga\te"
    assert record.fields["reason"] == "rule a=b in zone c"
    assert record.fields["zone"] == r"web \ front"
    assert (record.statement, record.service, record.protocol) == (Statement.ALLOWED, "dns", Protocol.UDP)


def test_a_translated_address_is_another_view_of_the_conversation() -> None:
    record = log(f"{DENY} destinationTranslatedAddress=10.20.9.30 sourceTranslatedAddress=0.0.0.0")
    assert record.translated == ((Endpoint("198.51.100.7", 40111), Endpoint("10.20.9.30", 3389)),)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Jan  5 12:00:00 relay ",
        "<134>Jan  5 12:00:00 relay ",
        "<134>1 2026-01-05T12:00:00Z relay app - - - ",
    ],
)
def test_a_syslog_header_before_it_does_not_matter(header: str) -> None:
    assert log(header + DENY).statement is Statement.DENIED


def test_the_headers_time_is_taken_where_the_event_has_none() -> None:
    line = "<134>1 2026-01-05T12:00:00Z relay app - - - " + DENY.replace("rt=1767614400250 ", "")
    assert log(line).time_ns == NOON_NS


def test_allowed_is_no_success_and_a_reset_is_the_devices() -> None:
    allowed, reset = DENY.replace("act=Deny", "act=Allowed"), DENY.replace("act=Deny", "act=tcp-reset-both")
    assert log(allowed).statement is Statement.ALLOWED
    assert log(reset).statement is Statement.RESET
    (found,) = converse([log(allowed)])
    assert found.outcome is Outcome.ONE_WAY


def test_a_denied_packet_of_the_side_that_asked_went_unanswered() -> None:
    (found,) = converse([log(DENY)])
    assert (found.orig, found.outcome) == (Endpoint("198.51.100.7", 40111), Outcome.UNANSWERED)


def test_a_denied_packet_of_the_other_side_only_shows_that_it_was_seen() -> None:
    late = DENY.replace("spt=40111", "spt=443").replace("dpt=3389", "dpt=51000")
    (found,) = converse([log(late)])
    assert (found.orig, found.outcome) == (Endpoint("192.0.2.30", 51000), Outcome.ONE_WAY)


def test_icmp_and_ipv6_have_fields_of_their_own() -> None:
    line = "CEF:0|E|Gate|2|9|x|4|rt=1767614400000 c6a2=2001:db8::1 c6a3=2001:db8::2 proto=ICMPv6 icmpType=128 act=drop"
    record = log(line)
    assert (record.src, record.dst) == (Endpoint("2001:db8::1", 128), Endpoint("2001:db8::2", 129))


def test_a_malformed_line_is_told_and_the_rest_is_read() -> None:
    _, records, problems = read(
        DENY,
        "CEF:0|Example|Gate|2|",
        "nothing of the kind",
        DENY.replace("198.51.100.7", "198.51.100.777"),
        DENY.replace("proto=TCP", ""),
        DENY.replace("rt=1767614400250", "rt=soon"),
        "CEF:0|Example|Gate|2|9|user added|4|rt=1767614400000 suser=zoe",
        DENY,
    )
    assert len(records) == 2
    assert problems == [
        "line 2: the CEF header has fewer than seven parts",
        "line 3: the line holds no CEF header",
        "line 4: '198.51.100.777' is not an address",
        "line 5: the transport protocol is missing",
        "line 6: the time is missing or cannot be read",
    ]


def test_line_ends_and_a_byte_order_mark_do_not_matter() -> None:
    format_id, records, problems = read("\ufeff" + DENY + "\r")
    assert (format_id, len(records), problems) == ("cef", 1, [])
