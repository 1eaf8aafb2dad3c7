"""A rule's expectation held against the conversation as it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tickets.engine.intent import Match, match_intent, read_intent
from tickets.engine.rules import Variables, parse_rule
from tickets.engine.types import Conversation, EngineError, IntentMatch, Outcome, Protocol

from .samples import make_conversation

VARIABLES: Variables = {"HOME_NET": ("10.20.0.0/16", "192.0.2.0/24"), "EXTERNAL_NET": ("!$HOME_NET",)}

# ana's workstation reads a web page: the conversation behind "203.0.113.80:80 -> 10.20.30.40:3932".
PAGE = make_conversation("10.20.30.40:3932", "203.0.113.80:80", service="http")
# A stranger opens RDP towards a server of ours.
KNOCK = make_conversation("198.51.100.23:51544", "192.0.2.10:3389", outcome=Outcome.UNANSWERED)

INBOUND = "$EXTERNAL_NET any -> $HOME_NET 1024:"


def judge(
    header: str,
    conversation: Conversation = PAGE,
    options: str = "",
    protocol: str = "tcp",
    variables: Variables = VARIABLES,
) -> Match:
    rule = parse_rule(f"alert {protocol} {header} ({options}sid:1900001;)")
    return match_intent(rule, conversation, variables)


def test_a_rule_without_flow_expects_its_source_to_open_the_conversation() -> None:
    intent = read_intent(parse_rule(f"alert tcp {INBOUND} (sid:1;)"))
    assert str(intent.originator.addresses) == "$EXTERNAL_NET"
    assert str(intent.responder.ports) == "1024:"
    assert not intent.fires_on_replies


@pytest.mark.parametrize("word", ["to_client", "from_server"])
def test_a_rule_on_replies_expects_its_destination_to_open_the_conversation(word: str) -> None:
    intent = read_intent(parse_rule(f"alert tcp $EXTERNAL_NET 80 -> $HOME_NET any (flow:{word}; sid:1;)"))
    assert str(intent.originator.addresses) == "$HOME_NET"
    assert str(intent.responder) == "$EXTERNAL_NET port 80"
    assert intent.fires_on_replies


def test_a_rule_on_syn_and_ack_together_fires_on_replies() -> None:
    assert read_intent(parse_rule("alert tcp any any -> any any (flags:SA,12; sid:1;)")).fires_on_replies


@pytest.mark.parametrize("flags", ["S,12", "A+", "!SA", "*SA"])
def test_other_flags_say_nothing_of_a_reply(flags: str) -> None:
    rule = parse_rule(f"alert tcp any any -> any any (flags:{flags}; sid:1;)")
    assert not read_intent(rule).fires_on_replies


def test_return_traffic_does_not_fit_a_rule_on_inbound_connections() -> None:
    result, findings = judge(INBOUND)
    assert result is IntentMatch.MISMATCH
    parts = ["intent.originator_address", "intent.responder_address", "intent.responder_port"]
    assert [finding.rule for finding in findings] == parts
    assert findings[0].facts == {"expected": "$EXTERNAL_NET", "actual": "10.20.30.40", "missing": ""}
    assert all(str(record) == "capture.pcap:1" for finding in findings for record in finding.records)


def test_a_knock_fits_a_rule_on_inbound_connections() -> None:
    result, findings = judge(INBOUND, KNOCK)
    assert result is IntentMatch.MATCH
    assert len(findings) == 6


def test_a_reply_rule_fits_the_conversation_that_it_is_written_for() -> None:
    assert (
        judge("$EXTERNAL_NET 80 -> $HOME_NET any", options="flow:established,to_client; ").result == "match"
    )
    assert judge("$EXTERNAL_NET 80 -> $HOME_NET any", options="flow:to_server; ").result == "mismatch"


def test_any_fits_everything() -> None:
    for conversation in (PAGE, KNOCK, replace(PAGE, orig=None, resp=None)):
        assert judge("any any -> any any", conversation, protocol="ip").result is IntentMatch.MATCH


def test_a_two_way_rule_fits_either_way_round() -> None:
    assert judge("$EXTERNAL_NET 80 <> $HOME_NET any").result is IntentMatch.MATCH
    assert judge("$HOME_NET any <> $EXTERNAL_NET 80").result is IntentMatch.MATCH
    assert judge("$HOME_NET any <> $EXTERNAL_NET 443").result is IntentMatch.MISMATCH


def test_a_port_that_the_originator_does_not_have_is_a_mismatch() -> None:
    result, findings = judge("$HOME_NET 1:1023 -> $EXTERNAL_NET any")
    assert (result, [finding.rule for finding in findings]) == ("mismatch", ["intent.originator_port"])


def test_an_established_rule_does_not_fit_an_attempt() -> None:
    result, findings = judge(INBOUND, KNOCK, options="flow:established,to_server; ")
    assert (result, [finding.rule for finding in findings]) == ("mismatch", ["intent.state"])


@pytest.mark.parametrize(
    ("outcome", "result"),
    [("established", "match"), ("midstream", "match"), ("one_way", "unknown"), ("refused", "mismatch")],
)
def test_the_state_wanted_is_held_against_the_outcome(outcome: str, result: str) -> None:
    seen = replace(KNOCK, outcome=Outcome(outcome))
    assert judge(INBOUND, seen, options="flow:established; ").result == result


def test_another_transport_is_a_mismatch() -> None:
    result, findings = judge("any any -> any any", protocol="udp")
    assert (result, findings[0].facts["actual"]) == ("mismatch", "tcp")


@pytest.mark.parametrize(
    ("protocol", "service", "result"),
    [
        ("http", "http", "match"),
        ("http", "ssh", "mismatch"),
        ("http", "", "unknown"),
        ("tls", "ssl", "match"),
        ("dns", "http", "mismatch"),
        ("ntp", "http", "mismatch"),
    ],
)
def test_an_application_is_held_against_the_service_that_was_seen(
    protocol: str, service: str, result: str
) -> None:
    seen = replace(PAGE, service=service)
    assert judge("any any -> any any", seen, protocol=protocol).result == result


@pytest.mark.parametrize(("service", "result"), [("http", "match"), ("ssh", "mismatch"), ("", "unknown")])
def test_a_snort_rule_names_its_application_among_the_options(service: str, result: str) -> None:
    page = replace(PAGE, service=service)
    match = judge("any any -> any any", page, options="service:http; ")
    assert match.result == result
    if service == "ssh":
        assert match.findings[0].facts["expected"] == "http or http2"


def test_an_unknown_originator_leaves_a_directed_rule_unknown() -> None:
    result, findings = judge(INBOUND, replace(PAGE, orig=None, resp=None))
    assert result is IntentMatch.UNKNOWN
    assert [finding.rule for finding in findings] == ["intent.originator_unknown"]


def test_an_unknown_originator_does_not_hinder_what_fits_neither_way() -> None:
    unknown = replace(PAGE, orig=None, resp=None)
    result, findings = judge("any any -> any 53", unknown)
    assert (result, [finding.rule for finding in findings]) == ("mismatch", ["intent.originator_either"])
    result, findings = judge("any any -> any any", unknown, protocol="udp")
    assert (result, [finding.rule for finding in findings]) == ("mismatch", ["intent.protocol"])


def test_a_variable_that_is_not_stated_leaves_the_intent_unknown() -> None:
    result, findings = judge(INBOUND, KNOCK, variables={"HOME_NET": ("192.0.2.0/24",)})
    assert result is IntentMatch.UNKNOWN
    assert findings[0].facts["missing"] == "$EXTERNAL_NET"


def test_a_part_that_cannot_fit_decides_although_a_variable_is_missing() -> None:
    result, findings = judge("$EXTERNAL_NET any -> $HOME_NET 22", KNOCK, variables={})
    assert (result, [finding.rule for finding in findings]) == ("mismatch", ["intent.responder_port"])


def test_a_ping_has_no_ports_to_compare() -> None:
    ping = replace(make_conversation("198.51.100.23:8", "192.0.2.10:0"), protocol=Protocol.ICMP)
    assert judge("$EXTERNAL_NET any -> $HOME_NET 1024:", ping, protocol="icmp").result is IntentMatch.MATCH


def test_a_variable_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(EngineError, match="variable HOME_NET"):
        judge(INBOUND, variables={"HOME_NET": ("ten",)})
