"""Reading a worksheet: every honest spelling is accepted, every near miss is told what is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.engine import DISPOSITION_OF, Disposition, Location, Protocol, ReasonCode, Reversed
from tickets.grading import (
    Answers,
    Confidence,
    OutcomeAnswer,
    answers_to_plain,
    read_answers,
)

FIELDS = (
    "originator_ip",
    "originator_port",
    "responder_ip",
    "responder_port",
    "protocol",
    "reversed",
    "outcome",
    "intent",
    "disposition",
    "reason_code",
    "confidence",
)


@pytest.mark.parametrize(
    ("field", "typed", "meant"),
    [
        ("originator_ip", "203.0.113.80", "203.0.113.80"),
        ("originator_ip", "  203.0.113.80\t", "203.0.113.80"),
        ("originator_ip", "203.0.113.80\u200b", "203.0.113.80"),
        ("originator_ip", "\u00a0203.0.113.80", "203.0.113.80"),
        ("originator_ip", "`203.0.113.80`", "203.0.113.80"),
        ("originator_ip", '"203.0.113.80"', "203.0.113.80"),
        ("originator_ip", "203[.]0[.]113[.]80", "203.0.113.80"),
        ("originator_ip", "203.0.113[.]80", "203.0.113.80"),
        ("originator_ip", "203(.)0(.)113(.)80", "203.0.113.80"),
        ("originator_ip", "203{.}0{.}113{.}80", "203.0.113.80"),
        ("originator_ip", "203[dot]0[dot]113[dot]80", "203.0.113.80"),
        ("originator_ip", "203(DOT)0(dot)113(Dot)80", "203.0.113.80"),
        ("originator_ip", "[203.0.113.80]", "203.0.113.80"),
        ("originator_ip", "::ffff:203.0.113.80", "203.0.113.80"),
        ("originator_ip", "::FFFF:CB00:7150", "203.0.113.80"),
        ("originator_ip", "2001:db8::1", "2001:db8::1"),
        ("originator_ip", "2001:DB8::1", "2001:db8::1"),
        ("originator_ip", "2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"),
        ("originator_ip", "2001:db8:0:0:0:0:0:1", "2001:db8::1"),
        ("originator_ip", "[2001:db8::1]", "2001:db8::1"),
        ("originator_ip", "2001[:]db8::1", "2001:db8::1"),
        ("responder_ip", "2001:db8::192.0.2.1", "2001:db8::c000:201"),
        ("originator_ip", "10[.]20.30[.]40", "10.20.30.40"),
        ("originator_ip", "hxxp://203[.]0[.]113[.]80", "203.0.113.80"),
        ("originator_ip", "hxxps[://]203.0.113[.]80/", "203.0.113.80"),
        ("originator_ip", "http://203.0.113.80", "203.0.113.80"),
        ("originator_ip", "http://[2001:db8::1]/", "2001:db8::1"),
        ("originator_ip", "203.0.113.80.", "203.0.113.80"),
        ("originator_ip", "203.0.113.80,", "203.0.113.80"),
        ("originator_ip", "203.0.113.80 ;", "203.0.113.80"),
        ("originator_ip", "“203.0.113.80”", "203.0.113.80"),
        ("originator_ip", "‘203.0.113.80’,", "203.0.113.80"),
        ("originator_ip", "<203.0.113.80>", "203.0.113.80"),
        ("originator_ip", "(203.0.113.80)", "203.0.113.80"),
        ("originator_ip", "２０３．０．１１３．８０", "203.0.113.80"),
        ("originator_ip", "203。0。113。80", "203.0.113.80"),
        ("originator_ip", "２００１：ｄｂ８：：１", "2001:db8::1"),
        ("originator_ip", "\u202f203.0.113.80\u3000", "203.0.113.80"),
        ("originator_ip", "\u200e203.0.113.80\u200f", "203.0.113.80"),
        ("originator_ip", "2001:DB8:0:0::1.", "2001:db8::1"),
        ("responder_port", "445", 445),
        ("responder_port", " 445 ", 445),
        ("responder_port", "\u00a0445\u00a0", 445),
        ("responder_port", "445 tcp", 445),
        ("responder_port", "TCP 445", 445),
        ("responder_port", "tcp:445", 445),
        ("responder_port", "445 (tcp)", 445),
        ("responder_port", "port: 445", 445),
        ("responder_port", "port\u00a0445/tcp", 445),
        ("responder_port", "dst port 445", 445),
        ("responder_port", "dport=445", 445),
        ("responder_port", "#445", 445),
        ("responder_port", "445.", 445),
        ("responder_port", "'445'", 445),
        ("responder_port", "４４５", 445),
        ("responder_port", "４４５／ｔｃｐ", 445),
        ("responder_port", "445/tcp", 445),
        ("responder_port", "445/TCP", 445),
        ("responder_port", "445 / tcp", 445),
        ("responder_port", "tcp/445", 445),
        ("responder_port", "udp/53", 53),
        ("responder_port", "53/udp", 53),
        ("responder_port", ":445", 445),
        ("responder_port", "port 445", 445),
        ("responder_port", "Port445", 445),
        ("responder_port", "00080", 80),
        ("responder_port", "0", 0),
        ("responder_port", "65535", 65535),
        ("responder_port", 445, 445),
        ("protocol", "tcp", Protocol.TCP),
        ("protocol", "TCP", Protocol.TCP),
        ("protocol", " Tcp ", Protocol.TCP),
        ("protocol", "6", Protocol.TCP),
        ("protocol", 6, Protocol.TCP),
        ("protocol", "udp", Protocol.UDP),
        ("protocol", "17", Protocol.UDP),
        ("protocol", "icmp", Protocol.ICMP),
        ("protocol", "1", Protocol.ICMP),
        ("protocol", "ICMPv6", Protocol.ICMP),
        ("protocol", "ipv6-icmp", Protocol.ICMP),
        ("protocol", "58", Protocol.ICMP),
        ("protocol", "Tcp ", Protocol.TCP),
        ("protocol", "tcp.", Protocol.TCP),
        ("protocol", "tcp (6)", Protocol.TCP),
        ("protocol", "6/tcp", Protocol.TCP),
        ("protocol", "17 (UDP)", Protocol.UDP),
        ("protocol", "proto 6", Protocol.TCP),
        ("protocol", "Protocol: udp", Protocol.UDP),
        ("protocol", "IPPROTO_TCP", Protocol.TCP),
        ("protocol", "ＴＣＰ", Protocol.TCP),
        ("reversed", "yes", Reversed.YES),
        ("reversed", "Yes", Reversed.YES),
        ("reversed", "NO", Reversed.NO),
        ("reversed", "cannot be determined", Reversed.CANNOT_BE_DETERMINED),
        ("reversed", "cannot_be_determined", Reversed.CANNOT_BE_DETERMINED),
        ("outcome", "established", OutcomeAnswer.ESTABLISHED),
        ("outcome", "One way", OutcomeAnswer.ONE_WAY),
        ("outcome", "one-way", OutcomeAnswer.ONE_WAY),
        ("outcome", "cannot_be_determined", OutcomeAnswer.CANNOT_BE_DETERMINED),
        ("outcome", "one\u2011way", OutcomeAnswer.ONE_WAY),
        ("outcome", "One\u2013way", OutcomeAnswer.ONE_WAY),
        ("outcome", "cannot\u2010be\u2010determined", OutcomeAnswer.CANNOT_BE_DETERMINED),
        ("originator_ip", "2001[:]db8[:][:]1", "2001:db8::1"),
        ("originator_ip", "hxxps://203[.]0[.]113[.]80/", "203.0.113.80"),
        ("originator_ip", "203 (dot) 0 (dot) 113 (dot) 80", "203.0.113.80"),
        ("originator_ip", "[::ffff:203.0.113.80]", "203.0.113.80"),
        ("responder_port", "\u200e445\u200f", 445),
        ("disposition", "false_positive", Disposition.FALSE_POSITIVE),
        ("disposition", "False positive", Disposition.FALSE_POSITIVE),
        ("disposition", "true-positive", Disposition.TRUE_POSITIVE),
        ("reason_code", "fp1", ReasonCode.FP1),
        ("reason_code", " DUP ", ReasonCode.DUP),
        ("confidence", "3", Confidence.HIGH),
        ("confidence", 1, Confidence.LOW),
    ],
)
def test_a_spelling_that_can_only_mean_one_thing_is_accepted(
    field: str, typed: object, meant: object
) -> None:
    answers, problems = read_answers({field: typed})
    assert problems == ()
    assert getattr(answers, field) == meant


@pytest.mark.parametrize(
    ("field", "typed", "hint"),
    [
        ("originator_ip", "203.0.113.80 80", "port in its own field"),
        ("originator_ip", "203.0.113.80/443", "port in its own field"),
        ("originator_ip", "203.0.113.80 port 80", "port in its own field"),
        ("originator_ip", "203.0.113.80.80", "port in its own field"),
        ("originator_ip", "203.0.113.80:65536", "port in its own field"),
        ("originator_ip", "203.0.113.0/24", "not a network"),
        ("originator_ip", "203.0.113.80/32", "not a network"),
        ("originator_ip", "2001:db8::/32", "not a network"),
        ("originator_ip", "fe80::1%eth0", "without the zone"),
        ("originator_ip", "203.0.113.080", "not an IP address"),
        ("originator_ip", "010.020.030.040", "10 and not 010"),
        ("originator_ip", "203.0.113.256", "from 0 to 255"),
        ("originator_ip", "10.20.30.400", "from 0 to 255"),
        ("originator_ip", "203.0.113", "not an IP address"),
        ("originator_ip", "203,0,113,80", "not an IP address"),
        ("originator_ip", "www.example.net", "the host's address"),
        ("originator_ip", "ws-04", "the host's address"),
        ("originator_ip", "hxxp://www[.]example[.]net/", "the host's address"),
        ("originator_ip", "http://203.0.113.80/index.html", "not an IP address"),
        ("originator_ip", "203.0.113.80²", "not an IP address"),
        ("originator_ip", "203.0.113.80 -> 10.20.30.40", "two addresses"),
        ("originator_ip", "203.0.113.80 or 10.20.30.40", "two addresses"),
        ("originator_ip", "203.0.113.80:80 10.20.30.40:3932", "two addresses"),
        ("originator_ip", "2001:db8::1 2001:db8::2", "two addresses"),
        ("originator_ip", "1" * 5000, "too long"),
        ("originator_ip", "2001:db8:::1", "not an IP address"),
        ("originator_ip", "3405803856", "not an IP address"),
        ("originator_ip", "203.0.113.80, 10.20.30.40", "two addresses"),
        ("originator_ip", "٢٠٣.0.113.80", "not an IP address"),
        ("originator_ip", "fe80::1%25eth0", "without the zone"),
        ("originator_ip", "203.0.113.80\u201390", "not an IP address"),
        ("originator_ip", "203[.]0[.]113[.]0/24", "not a network"),
        ("responder_port", "445\u2013446", "0 to 65535"),
        ("responder_port", "\u2212445", "0 to 65535"),
        ("responder_port", "٤٤٥", "0 to 65535"),
        ("responder_port", "tcp/445/udp", "0 to 65535"),
        ("responder_port", "65536", "0 to 65535"),
        ("responder_port", "-1", "0 to 65535"),
        ("responder_port", "http", "0 to 65535"),
        ("responder_port", "445-446", "0 to 65535"),
        ("responder_port", "445, 139", "0 to 65535"),
        ("responder_port", "0x1bd", "0 to 65535"),
        ("responder_port", "445.0", "0 to 65535"),
        ("responder_port", "445/http", "0 to 65535"),
        ("responder_port", "99999", "0 to 65535"),
        ("responder_port", "44 5", "0 to 65535"),
        ("responder_port", "4₄5", "0 to 65535"),
        ("responder_port", "tcp", "0 to 65535"),
        ("protocol", "http", "tcp, udp or icmp"),
        ("protocol", "tcp (17)", "tcp, udp or icmp"),
        ("protocol", "tcp/ip", "tcp, udp or icmp"),
        ("protocol", "tls", "tcp, udp or icmp"),
        ("protocol", "tcp/udp", "tcp, udp or icmp"),
        ("protocol", "7", "tcp, udp or icmp"),
        ("reversed", "maybe", "cannot_be_determined"),
        ("reversed", "true", "cannot_be_determined"),
        ("outcome", "success", "established"),
        ("intent", "yes", "mismatch"),
        ("disposition", "harmless", "benign"),
        ("reason_code", "FP3", "FP2"),
        ("confidence", "4", "1, 2 or 3"),
        ("confidence", "high", "1, 2 or 3"),
        ("evidence", ["capture.pcap"], "capture.pcap:1"),
        ("evidence", ["capture.pcap:0"], "capture.pcap:1"),
        ("evidence", ["capture.pcap:one"], "capture.pcap:1"),
        ("evidence", [":4"], "capture.pcap:1"),
        ("evidence", "capture.pcap:-3", "capture.pcap:1"),
    ],
)
def test_a_near_miss_is_a_problem_with_a_hint_and_no_answer(field: str, typed: object, hint: str) -> None:
    answers, problems = read_answers({field: typed})
    assert [problem.field for problem in problems] == [field]
    assert hint in problems[0].problem
    assert getattr(answers, field) in (None, ())


@pytest.mark.parametrize(
    ("address", "ip", "port"),
    [
        ("203.0.113.80:80", "203.0.113.80", 80),
        ("203[.]0[.]113[.]80:80", "203.0.113.80", 80),
        ("203.0.113.80:80/tcp", "203.0.113.80", 80),
        ("[2001:db8::1]:443", "2001:db8::1", 443),
        ("hxxp://203.0.113[.]80:8080/", "203.0.113.80", 8080),
    ],
)
@pytest.mark.parametrize("side", ["originator", "responder"])
def test_a_port_pasted_with_its_address_counts_once_and_may_not_contradict_the_port_field(
    side: str, address: str, ip: str, port: int
) -> None:
    for typed in ("", f"{port}/tcp"):
        answers, problems = read_answers({f"{side}_ip": address, f"{side}_port": typed})
        assert problems == ()
        assert getattr(answers, f"{side}_ip") == ip
        assert getattr(answers, f"{side}_port") == port
    answers, problems = read_answers({f"{side}_ip": address, f"{side}_port": "9"})
    assert [problem.field for problem in problems] == [f"{side}_ip"]
    assert "write the address alone" in problems[0].problem
    assert getattr(answers, f"{side}_ip") is None
    _, problems = read_answers({f"{side}_ip": address, f"{side}_port": "http"})
    assert [problem.field for problem in problems] == [f"{side}_port"]


@pytest.mark.parametrize("blank", ["", "   ", "\u200b", None])
def test_a_blank_is_neither_an_answer_nor_a_problem(blank: object) -> None:
    answers, problems = read_answers(dict.fromkeys((*FIELDS, "evidence"), blank))
    assert problems == ()
    assert answers == Answers()


def test_a_worksheet_without_fields_is_blank() -> None:
    assert read_answers({}) == (Answers(), ())


@pytest.mark.parametrize("code", list(ReasonCode))
@pytest.mark.parametrize("disposition", list(Disposition))
def test_a_reason_code_must_belong_to_its_disposition(disposition: Disposition, code: ReasonCode) -> None:
    _, problems = read_answers({"disposition": disposition.value, "reason_code": code.value})
    assert bool(problems) == (DISPOSITION_OF[code] is not disposition)
    assert all(problem.field == "reason_code" and "choose" in problem.problem for problem in problems)


def test_pins_are_kept_once_each_in_their_order() -> None:
    answers, problems = read_answers({"evidence": ["eve.json:2", "capture.pcap:1", " eve.json:2 ", ""]})
    assert problems == ()
    assert answers.evidence == (Location("eve.json", 2), Location("capture.pcap", 1))


def test_one_malformed_pin_leaves_the_others() -> None:
    answers, problems = read_answers({"evidence": ["eve.json", "context:1"]})
    assert answers.evidence == (Location("context", 1),)
    assert len(problems) == 1


def test_every_problem_is_told_at_once_in_the_order_of_the_fields() -> None:
    _, problems = read_answers({"protocol": "http", "originator_ip": "x", "responder_port": "y"})
    assert [problem.field for problem in problems] == ["originator_ip", "responder_port", "protocol"]


def test_texts_are_kept_as_written_but_for_line_ends_and_edges() -> None:
    answers, _ = read_answers({"analysis": "  The SYN came first.\r\nThen the answer. \n"})
    assert answers.texts["analysis"] == "The SYN came first.\nThen the answer."
    assert answers.texts["reason"] == ""


@given(
    st.builds(
        Answers,
        originator_ip=st.none() | st.ip_addresses(v=4).map(str),
        originator_port=st.none() | st.integers(0, 65535),
        responder_ip=st.none() | st.ip_addresses(v=6, network="2001:db8::/32").map(str),
        responder_port=st.none() | st.integers(0, 65535),
        protocol=st.none() | st.sampled_from(Protocol),
        reversed=st.none() | st.sampled_from(Reversed),
        outcome=st.none() | st.sampled_from(OutcomeAnswer),
        reason_code=st.none() | st.sampled_from(ReasonCode),
        confidence=st.none() | st.sampled_from(Confidence),
        evidence=st.lists(
            st.builds(Location, st.sampled_from(["capture.pcap", "eve.json"]), st.integers(1, 99)),
            unique=True,
        ).map(tuple),
    )
)
def test_answers_written_out_and_read_again_are_the_same(answers: Answers) -> None:
    assert read_answers(answers_to_plain(answers)) == (answers, ())


@given(st.dictionaries(st.sampled_from((*FIELDS, "evidence", "analysis")), st.text() | st.lists(st.text())))
def test_nothing_that_can_be_typed_raises(raw: dict[str, object]) -> None:
    read_answers(raw)
