"""Packet filters (Linux, pf): one line a packet, and only what one packet shows."""

from __future__ import annotations

import pytest

from tests.engine.readers.lines import NOON_NS, log, read
from tickets.engine.conversations import converse
from tickets.engine.types import (
    Basis,
    Conversation,
    Effect,
    Endpoint,
    Outcome,
    Protocol,
    QuotedPacket,
    Statement,
)

OUTSIDE, INSIDE = Endpoint("203.0.113.80", 80), Endpoint("10.20.30.40", 3932)


def conversation(*lines: str) -> Conversation:
    (found,) = converse(read(*lines)[1])
    return found


# Linux

MAC = "MAC=00:00:5e:00:53:aa:00:00:5e:00:53:bb:08:00 "


def nf(rest: str, prefix: str = "FW: ", into: str = "eth0", out: str = "") -> str:
    return (
        f"Jan  5 12:00:00 fw1 kernel: [  12.345678] {prefix}IN={into} OUT={out} {MAC}"
        f"SRC=203.0.113.80 DST=10.20.30.40 LEN=60 TOS=0x00 PREC=0x00 TTL=48 ID=7 DF {rest} "
    )


def tcp(flags: str) -> str:
    return f"PROTO=TCP SPT=80 DPT=3932 SEQ=5 ACK=9 WINDOW=64240 RES=0x00 {flags} URGP=0"


@pytest.mark.parametrize(
    ("flags", "orig", "basis"),
    [
        ("SYN", OUTSIDE, Basis.HANDSHAKE),
        ("ECE CWR SYN", OUTSIDE, Basis.HANDSHAKE),
        ("ACK SYN", INSIDE, Basis.REPLY),
        ("ACK FIN", None, Basis.FIRST_PACKET),
        ("ACK PSH", None, Basis.FIRST_PACKET),
        ("RST", None, Basis.FIRST_PACKET),
        ("SYN FIN", None, Basis.FIRST_PACKET),
        ("", None, Basis.FIRST_PACKET),
    ],
)
def test_only_a_syn_or_its_answer_shows_who_opened(flags: str, orig: Endpoint | None, basis: Basis) -> None:
    record = log(nf(tcp(flags)))
    assert (record.src, record.dst) == (OUTSIDE, INSIDE)
    assert (record.orig, record.basis, record.statement) == (orig, basis, Statement.SEEN)


def test_an_acknowledgement_number_is_no_flag() -> None:
    assert log(nf(tcp("SYN"))).fields["flags"] == "SYN"


@pytest.mark.parametrize(
    ("prefix", "statement"),
    [
        ("FW-DROP-IN: ", Statement.DENIED),
        ("[UFW BLOCK] ", Statement.DENIED),
        ("input denied ", Statement.DENIED),
        ("REJECT ", Statement.RESET),
        ("[UFW ALLOW] ", Statement.ALLOWED),
        ("NEW ", Statement.SEEN),
        ("", Statement.SEEN),
    ],
)
def test_only_the_prefix_says_what_became_of_the_packet(prefix: str, statement: Statement) -> None:
    record = log(nf(tcp("SYN"), prefix))
    assert (record.statement, record.fields.get("word", "")) == (statement, prefix.strip())


@pytest.mark.parametrize(
    ("prefix", "flags", "outcome"),
    [
        ("DROP ", "SYN", Outcome.UNANSWERED),
        ("REJECT ", "SYN", Outcome.REJECTED),
        ("DROP ", "ACK FIN", Outcome.ONE_WAY),
        ("DROP ", "ACK SYN", Outcome.ONE_WAY),
        ("NEW ", "SYN", Outcome.ONE_WAY),
        ("ACCEPT ", "SYN", Outcome.ONE_WAY),
    ],
)
def test_a_dropped_syn_is_unanswered_and_nothing_else_says_an_outcome(
    prefix: str, flags: str, outcome: Outcome
) -> None:
    found = conversation(nf(tcp(flags), prefix))
    assert found.outcome is outcome
    effects = {item.value for item in found.findings if item.rule.startswith("firewall.denied")}
    assert (Effect.BLOCKED.value in effects) == (prefix in ("DROP ", "REJECT "))


def test_late_return_traffic_proves_no_opener() -> None:
    found = conversation(nf(tcp("ACK FIN"), "INVALID "))
    assert (found.orig, found.confidence < 0.9) == (INSIDE, True)
    assert all(item.rule.startswith("port.") for item in found.findings if item.claim.value == "originator")


def test_hardware_addresses_are_printed_destination_first() -> None:
    fields = log(nf(tcp("SYN"))).fields
    assert (fields["mac_src"], fields["mac_dst"]) == ("00:00:5e:00:53:bb", "00:00:5e:00:53:aa")


@pytest.mark.parametrize(
    ("into", "out", "path"),
    [("eth0", "", "to this host"), ("eth0", "eth1", "forwarded"), ("", "eth0", "from this host")],
)
def test_the_interfaces_say_which_way_the_packet_went(into: str, out: str, path: str) -> None:
    assert log(nf(tcp("SYN"), into=into, out=out)).fields["path"] == path


def test_a_datagram_may_be_a_late_answer() -> None:
    """Its source is the first that is known to have sent, and the port of a service weighs more."""
    line = nf("PROTO=UDP SPT=53 DPT=40123 LEN=40", "DROP ")
    record = log(line)
    assert (record.orig, record.basis) == (Endpoint("203.0.113.80", 53), Basis.FIRST_PACKET)
    found = conversation(line)
    assert (found.orig, found.outcome) == (Endpoint("10.20.30.40", 40123), Outcome.ONE_WAY)
    assert found.confidence < 0.9


def test_a_datagram_between_high_ports_has_its_first_sender_for_originator() -> None:
    found = conversation(nf("PROTO=UDP SPT=40123 DPT=50123 LEN=40", "DROP "))
    assert (found.orig, found.outcome) == (Endpoint("203.0.113.80", 40123), Outcome.UNANSWERED)
    assert found.confidence == 0.75


@pytest.mark.parametrize(
    ("said", "orig", "outcome"),
    [
        ("PROTO=ICMP TYPE=8 CODE=0 ID=1 SEQ=1", Endpoint("203.0.113.80", 8), Outcome.UNANSWERED),
        ("PROTO=ICMP TYPE=0 CODE=0 ID=1 SEQ=1", Endpoint("10.20.30.40", 8), Outcome.ONE_WAY),
        ("PROTO=ICMP TYPE=11 CODE=0", Endpoint("203.0.113.80", 11), Outcome.ONE_WAY),
    ],
)
def test_icmp_asks_or_answers_by_its_type(said: str, orig: Endpoint, outcome: Outcome) -> None:
    found = conversation(nf(said, "DROP "))
    assert (found.protocol, found.orig, found.outcome) == (Protocol.ICMP, orig, outcome)


def test_an_icmp_error_keeps_the_packet_that_it_quotes() -> None:
    quote = "SRC=10.20.30.40 DST=198.51.100.9 LEN=60 TOS=0x00 TTL=61 ID=9 PROTO=UDP SPT=40123 DPT=161 LEN=40 "
    record = log(nf(f"PROTO=ICMP TYPE=3 CODE=3 [{quote}]"))
    assert (record.src, record.dst) == (Endpoint("203.0.113.80", 3), Endpoint("10.20.30.40", 3))
    assert record.quoted == QuotedPacket(
        protocol=Protocol.UDP, src=Endpoint("10.20.30.40", 40123), dst=Endpoint("198.51.100.9", 161)
    )


@pytest.mark.parametrize(
    "quote", ["SRC=10.20.30.40 DST=198.51.100.9 LEN=60 PROTO=47 ", "SRC=x PROTO=TCP ", "SRC="]
)
def test_a_quote_without_ports_says_nothing(quote: str) -> None:
    record = log(nf(f"PROTO=ICMP TYPE=3 CODE=1 [{quote}]"))
    assert (record.quoted, record.src.ip) == (None, "203.0.113.80")


def test_ipv6_is_written_in_full_and_read_in_short() -> None:
    said = (
        "Jan  5 12:00:00 fw1 kernel: DROP6 IN=eth0 OUT= MAC=33:33:ff:00:00:10:00:00:5e:00:53:fe:86:dd "
        "SRC=2001:0db8:0000:0000:0000:0000:0000:00fe DST=ff02:0000:0000:0000:0000:0001:ff00:0010 LEN=72 TC=0 "
        "HOPLIMIT=255 FLOWLBL=0 PROTO=ICMPv6 TYPE=135 CODE=0 "
    )
    record = log(said)
    assert (record.src, record.dst) == (Endpoint("2001:db8::fe", 135), Endpoint("ff02::1:ff00:10", 136))
    assert conversation(said).outcome is Outcome.ONE_WAY


@pytest.mark.parametrize(
    ("start", "time_ns"),
    [
        ("Jan  5 12:00:00 fw1 kernel: ", 4 * 86400 * 10**9 + 43200 * 10**9),
        ("<4>Jan  5 12:00:00 fw1 kernel: ", 4 * 86400 * 10**9 + 43200 * 10**9),
        ("<4>1 2026-01-05T12:00:00Z fw1 kernel - - - ", NOON_NS),
        ("2026-01-05T13:00:00+01:00 fw1 kernel: [1.000001] ", NOON_NS),
        ("[  12.345678] ", 0),
        ("", 0),
    ],
)
def test_what_stands_before_the_line_does_not_matter(start: str, time_ns: int) -> None:
    record = log(start + nf(tcp("SYN")).partition("] ")[2])
    assert (record.orig, record.time_ns) == (OUTSIDE, time_ns)


def test_a_bad_packet_is_told_and_what_has_no_ports_passed_over() -> None:
    lines = (
        nf(tcp("SYN")),
        nf("PROTO=TCP INCOMPLETE [8 bytes]"),
        nf("FRAG:185 PROTO=UDP"),
        nf("PROTO=2"),
        nf("PROTO=ICMP TYPE=300 CODE=0"),
        nf(tcp("SYN")).replace("203.0.113.80", "203.0.113.800"),
        "Jan  5 12:00:00 fw1 kernel: [  13.000000] eth0: link is up",
    )
    kind, records, problems = read(*lines)
    assert (kind, len(records)) == ("netfilter", 1)
    assert problems == [
        "line 2: the packet's ports are missing",
        "line 5: '300' is not a type or code of ICMP",
        "line 6: '203.0.113.800' is not an address",
    ]


# pf


def pf(action: str, rest: str, way: str = "in", start: str = "Jan  5 12:00:00 fw2 filterlog[912]: ") -> str:
    return f"{start}5,,,1000000103,igb0,match,{action},{way},4,0x0,,48,54321,0,DF,{rest}"


def pf_tcp(flags: str) -> str:
    return f"6,tcp,60,203.0.113.80,10.20.30.40,80,3932,0,{flags},1234567890,,64240,,mss;sackOK;TS"


@pytest.mark.parametrize(
    ("action", "flags", "orig", "basis", "outcome"),
    [
        ("pass", "S", OUTSIDE, Basis.HANDSHAKE, Outcome.ONE_WAY),
        ("block", "S", OUTSIDE, Basis.DENIED_PACKET, Outcome.UNANSWERED),
        ("block", "SEW", OUTSIDE, Basis.DENIED_PACKET, Outcome.UNANSWERED),
        ("block", "SA", INSIDE, Basis.REPLY, Outcome.ONE_WAY),
        ("block", "FA", None, Basis.FIRST_PACKET, Outcome.ONE_WAY),
        ("block", "R", None, Basis.FIRST_PACKET, Outcome.ONE_WAY),
    ],
)
def test_a_pass_is_the_first_packet_and_a_block_any(
    action: str, flags: str, orig: Endpoint | None, basis: Basis, outcome: Outcome
) -> None:
    line = pf(action, pf_tcp(flags))
    record = log(line)
    assert (record.src, record.dst, record.orig, record.basis) == (OUTSIDE, INSIDE, orig, basis)
    assert conversation(line).outcome is outcome


@pytest.mark.parametrize("way", ["in", "out"])
def test_the_direction_is_the_interfaces_and_turns_nothing(way: str) -> None:
    record = log(pf("pass", pf_tcp("S"), way))
    assert (record.orig, record.fields["interface"]) == (OUTSIDE, f"{way} on igb0")


@pytest.mark.parametrize(
    ("action", "basis", "orig"),
    [
        ("pass", Basis.SESSION, Endpoint("203.0.113.80", 53)),
        ("block", Basis.FIRST_PACKET, Endpoint("10.20.30.40", 4000)),
    ],
)
def test_a_passed_datagram_made_a_state_and_a_blocked_one_may_be_late(
    action: str, basis: Basis, orig: Endpoint
) -> None:
    line = pf(action, "17,udp,76,203.0.113.80,10.20.30.40,53,4000,56")
    assert log(line).basis is basis
    assert conversation(line).orig == orig


@pytest.mark.parametrize(
    ("said", "ends", "orig"),
    [
        ("request,1,2", (8, 0), "203.0.113.80"),
        ("reply,1,2", (0, 8), "10.20.30.40"),
        ("unreachport,198.51.100.9,17,161", (3, 3), "203.0.113.80"),
        ("timexceed,ttl", (11, 0), "203.0.113.80"),
        ("datalength=64", (0, 0), None),
    ],
)
def test_icmp_is_named_in_words_where_it_is_named(said: str, ends: tuple[int, int], orig: str | None) -> None:
    record = log(pf("block", f"1,icmp,88,203.0.113.80,10.20.30.40,{said}"))
    assert (record.src.port, record.dst.port) == ends
    assert (record.orig.ip if record.orig else None) == orig
    assert record.fields["message"] == said.replace(",", " ")


@pytest.mark.parametrize(
    "start",
    [
        "Jan  5 12:00:00 filterlog: ",
        "<134>Jan  5 12:00:00 fw2.example filterlog[1]: ",
        "<134>1 2026-01-05T12:00:00.000000+00:00 fw2 filterlog 912 - - ",
        '<134>1 2026-01-05T12:00:00Z fw2 filterlog 912 - [meta sequenceId="7"] ',
    ],
)
def test_ipv6_has_its_own_columns_and_syslog_its_own_start(start: str) -> None:
    line = f"{start}4,,,1,igb0,match,block,in,6,0x00,0x00000,255,TCP,6,60,2001:db8::9,2001:db8:1::10,51000,22,0,S,1,,65535,,"
    record = log(line)
    assert (record.orig, record.resp) == (Endpoint("2001:db8::9", 51000), Endpoint("2001:db8:1::10", 22))
    assert record.protocol is Protocol.TCP


def test_a_bad_line_of_pf_is_told_and_other_protocols_passed_over() -> None:
    lines = (
        pf("pass", pf_tcp("S")),
        pf("pass", "2,igmp,36,203.0.113.80,224.0.0.22,datalength=12"),
        "Jan  5 12:00:00 fw2 filterlog[912]: 5,,,1,igb0,match,pass,in,9,0x0",
        pf("pass", "6,tcp,60"),
        pf("pass", "6,tcp,60,203.0.113.80,10.20.30.40"),
        pf("pass", "6,tcp,60,203.0.113.80,10.20.30.40,80,99999,0,S"),
        "Jan  5 12:00:00 fw2 sshd[1]: hello",
    )
    kind, records, problems = read(*lines)
    assert (kind, len(records)) == ("pf.filterlog", 1)
    assert problems == [
        "line 3: the version of IP is missing",
        "line 4: 18 columns are too few",
        "line 5: the packet's ports are missing",
        "line 6: '99999' is not a port",
    ]


@pytest.mark.parametrize(
    "more",
    [
        "MARK=0x1",
        "MARK=0xa CTRACK=1",
        "UID=1000 GID=1000 MARK=0x3",
    ],
)
def test_a_packets_mark_or_owner_changes_nothing(more: str) -> None:
    assert log(nf(f"{tcp('SYN')} {more}")).orig == OUTSIDE


def test_a_bridges_ports_and_addresses_apart_change_nothing() -> None:
    line = nf(tcp("SYN"), into="br0", out="br0 PHYSIN=eth1 PHYSOUT=eth2")
    apart = "MACSRC=00:00:5e:00:53:bb MACDST=00:00:5e:00:53:aa MACPROTO=0800 "
    plain, decoded = log(line), log(line.replace(MAC, apart))
    assert plain.orig == decoded.orig == OUTSIDE
    assert plain.fields["mac_src"] == decoded.fields["mac_src"] == "00:00:5e:00:53:bb"
