"""Rule text: what is read, and the column of what is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.engine.rules import (
    check_variables,
    contains_address,
    contains_port,
    is_at_home,
    missing_variables,
    parse_rule,
)
from tickets.engine.types import EngineError

INBOUND = (
    'alert tcp $EXTERNAL_NET any -> $HOME_NET 1024: (msg:"TRAINING SCAN inbound; high port"; '
    "flags:A+; classtype:attempted-recon; metadata:created_at 2026_01_02, deployment Perimeter; "
    "sid:1900001; rev:2;)"
)
VARIABLES = {
    "HOME_NET": ("10.20.0.0/16", "192.0.2.0/24"),
    "EXTERNAL_NET": ("!$HOME_NET",),
    "HTTP_PORTS": ("80", "8000:8090"),
}


def rule_with(source: str = "any", ports: str = "any", options: str = "") -> str:
    return f"alert tcp {source} any -> any {ports} ({options}sid:1;)"


def place_of_mistake(text: str) -> str | None:
    try:
        parse_rule(text)
    except EngineError as error:
        return error.place
    return None


def test_a_rule_is_read_into_its_parts() -> None:
    rule = parse_rule(INBOUND)
    assert (rule.action, rule.protocol, rule.direction) == ("alert", "tcp", "->")
    assert [str(part) for part in (rule.src, rule.sport, rule.dst, rule.dport)] == [
        "$EXTERNAL_NET",
        "any",
        "$HOME_NET",
        "1024:",
    ]
    assert (rule.sid, rule.rev, rule.classtype, rule.flags) == (1900001, 2, "attempted-recon", "A+")
    assert rule.msg == "TRAINING SCAN inbound; high port"
    assert rule.flow == frozenset()
    assert rule.metadata == (("created_at", "2026_01_02"), ("deployment", "Perimeter"))
    assert [option.name for option in rule.options] == ["msg", "flags", "classtype", "metadata", "sid", "rev"]
    assert rule.raw == INBOUND


def test_flow_and_target_are_read() -> None:
    rule = parse_rule(rule_with(options="flow: established , to_client; target:src_ip; nocase; "))
    assert rule.flow == {"established", "to_client"}
    assert rule.target == "src_ip"
    assert rule.rev == 1
    assert rule.options[2].value is None


@pytest.mark.parametrize(
    ("protocol", "options", "services"),
    [
        ("tcp", "", set()),
        ("http", "", {"http", "http2"}),
        ("tcp", "service:ssh;", {"ssh"}),
        ("tcp", "service:http, ssl;", {"http", "http2", "ssl", "tls"}),
        ("tcp", "metadata:policy security-ips drop, service smtp;", {"smtp"}),
        ("tcp", "service:netbios-ssn;", set()),
    ],
)
def test_the_applications_that_a_rule_is_about_are_named_in_three_ways(
    protocol: str, options: str, services: set[str]
) -> None:
    assert parse_rule(f"alert {protocol} any any -> any any ({options} sid:1;)").services == services


def test_escapes_in_a_quoted_value_are_undone() -> None:
    rule = parse_rule(rule_with(options=r'msg:"a \"quoted\"\; word"; content:"|3b|"; '))
    assert rule.msg == 'a "quoted"; word'
    assert rule.options[1].value == "|3b|"


def test_comments_and_continued_lines_are_taken() -> None:
    rule = parse_rule('# what it is for\n\nalert tcp any any -> any 80 ( \\\n  msg:"x"; \\\n  sid:7;)\n')
    assert (rule.sid, rule.msg) == (7, "x")


def test_a_list_may_hold_spaces_and_lists() -> None:
    rule = parse_rule(rule_with("[10.0.0.0/8, ![10.1.0.0/16,10.2.0.0/16]]"))
    assert str(rule.src) == "[10.0.0.0/8,![10.1.0.0/16,10.2.0.0/16]]"


def test_a_snort_service_rule_has_no_addresses() -> None:
    rule = parse_rule('alert http (msg:"any web request"; flow:to_server; sid:3;)')
    assert (str(rule.src), rule.direction, str(rule.dport)) == ("any", "->", "any")


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("", "column 1", "no rule"),
        ("# only a comment", "column 1", "no rule"),
        ("warn tcp any any -> any any (sid:1;)", "column 1", "'warn'"),
        ("alert tpc any any -> any any (sid:1;)", "column 7", "'tpc'"),
        ("alert tcp any any <- any any (sid:1;)", "column 19", "direction"),
        ("alert tcp any any -> any (sid:1;)", "column 26", "destination port is missing"),
        ("alert tcp any any -> any any any (sid:1;)", "column 30", "options"),
        ("alert tcp any any -> any any", "column 29", "options in parentheses are missing"),
        ("alert tcp 10.0.0.300 any -> any any (sid:1;)", "column 11", "10.0.0.300"),
        ("alert tcp [10.0.0.1,nine] any -> any any (sid:1;)", "column 21", "nine"),
        ("alert tcp [10.0.0.1 any -> any any (sid:1;)", "column 11", "closing ]"),
        ("alert tcp 10.0.0.9-10.0.0.1 any -> any any (sid:1;)", "column 11", "before it starts"),
        ("alert tcp $9 any -> any any (sid:1;)", "column 11", "variable"),
        ("alert tcp any any -> any 99999 (sid:1;)", "column 26", "99999"),
        ("alert tcp any any -> any 90:80 (sid:1;)", "column 26", "before it starts"),
        ("alert tcp any any -> any !any (sid:1;)", "column 27", "matches nothing"),
        ('alert tcp any any -> any any (msg:"open; sid:1;)', "column 31", "closing quote"),
        ("alert tcp any any -> any any (sid:1)", "column 31", "no ;"),
        ("alert tcp any any -> any any (nocase sid:1;)", "column 38", "; is missing"),
        ("alert tcp any any -> any any (sid:1;", "column 37", "closing parenthesis"),
        ("alert tcp any any -> any any (:1;)", "column 31", "name of an option"),
        ("alert tcp any any -> any any (sid:x;)", "column 31", "whole number"),
        ('alert tcp any any -> any any (msg:"x";)', "column 39", "no sid"),
        ("alert tcp any any -> any any (flow:to_sever; sid:1;)", "column 31", "to_sever"),
        ("alert tcp any any -> any any (flow:to_server,to_client; sid:1;)", "column 31", "both"),
        ("alert tcp any any -> any any (flags:Q; sid:1;)", "column 31", "TCP flags"),
        ("alert tcp any any -> any any (flags:; sid:1;)", "column 31", "TCP flags"),
        ("alert tcp any any -> any any (target:both; sid:1;)", "column 31", "src_ip or dest_ip"),
        ("alert tcp any any -> any any (sid:1;) alert", "column 39", "One rule"),
        ("# first\nalert tcp any any -> any 0x (sid:1;)", "line 2, column 26", "0x"),
    ],
)
def test_a_mistake_is_told_with_its_column(text: str, place: str, problem: str) -> None:
    with pytest.raises(EngineError) as caught:
        parse_rule(text)
    assert caught.value.place == place
    assert problem in caught.value.problem


@given(st.text(max_size=80))
def test_any_text_is_a_rule_or_an_engine_error(text: str) -> None:
    place = place_of_mistake(text)
    assert place is None or "column" in place


@given(st.text(alphabet='alert tcpany->[]!$:;(),."\\#0123456789HOME_sid', max_size=60))
def test_any_body_is_a_rule_or_an_engine_error(text: str) -> None:
    place = place_of_mistake(f"alert tcp any any -> any {text}")
    assert place is None or "column" in place


@pytest.mark.parametrize(
    ("addresses", "ip", "inside"),
    [
        ("any", "198.51.100.1", True),
        ("10.20.0.0/16", "10.20.30.40", True),
        ("!10.20.0.0/16", "10.20.30.40", False),
        ("10.20.30.40", "10.20.30.41", False),
        ("10.20.30.1-10.20.30.50", "10.20.30.40", True),
        ("[10.20.0.0/16,!10.20.30.0/24]", "10.20.30.40", False),
        ("[10.20.0.0/16,!10.20.30.0/24]", "10.20.31.40", True),
        ("[!10.20.30.0/24]", "198.51.100.1", True),
        ("[10.0.0.0/8,![10.20.0.0/16,10.21.0.0/16]]", "10.21.0.1", False),
        ("$HOME_NET", "192.0.2.10", True),
        ("!$HOME_NET", "192.0.2.10", False),
        ("$EXTERNAL_NET", "203.0.113.80", True),
        ("$EXTERNAL_NET", "10.20.30.40", False),
        ("2001:db8::/32", "2001:db8::9", True),
        ("10.20.0.0/16", "2001:db8::9", False),
        ("$NOWHERE", "10.20.30.40", None),
        ("!$NOWHERE", "10.20.30.40", None),
        ("[10.20.0.0/16,$NOWHERE]", "10.20.30.40", True),
        ("[10.20.0.0/16,$NOWHERE]", "10.21.30.40", None),
        ("[$NOWHERE,!10.20.0.0/16]", "10.20.30.40", False),
    ],
)
def test_an_address_is_in_a_list_as_the_rule_writes_it(addresses: str, ip: str, inside: bool | None) -> None:
    assert contains_address(parse_rule(rule_with(addresses)).src, ip, VARIABLES) is inside


@pytest.mark.parametrize(
    ("ports", "port", "inside"),
    [
        ("any", 0, True),
        ("80", 80, True),
        ("1024:", 1023, False),
        ("1024:", 65535, True),
        (":1023", 0, True),
        ("20:21", 22, False),
        ("!80", 80, False),
        ("[80,443,!443]", 443, False),
        ("$HTTP_PORTS", 8080, True),
        ("$SSH_PORTS", 22, None),
    ],
)
def test_a_port_is_in_a_range_as_the_rule_writes_it(ports: str, port: int, inside: bool | None) -> None:
    assert contains_port(parse_rule(rule_with(ports=ports)).dport, port, VARIABLES) is inside


def test_variables_that_are_not_stated_are_named() -> None:
    item = parse_rule(rule_with("[$HOME_NET,!$SCANNERS,$BRANCH]")).src
    stated = {"HOME_NET": ["10.20.0.0/16"], "BRANCH": ["!$PARTNERS"]}
    assert missing_variables(item, stated) == ("SCANNERS", "PARTNERS")


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({"HOME_NET": ["10.20.0.0/33"]}, "10.20.0.0/33"),
        ({"HTTP_PORTS": ["http"]}, "http"),
        ({"A": ["!$B"], "B": ["$A"]}, "defined by itself"),
    ],
)
def test_a_variable_that_cannot_be_read_is_an_error(variables: dict[str, list[str]], problem: str) -> None:
    with pytest.raises(EngineError, match=problem):
        check_variables(variables)


def test_home_is_what_the_sensor_protects() -> None:
    variables = {"HOME_NET": ["10.0.0.0/8", "!10.9.0.0/16", "2001:db8::/32"]}
    told = [is_at_home(ip, variables) for ip in ("10.1.1.1", "10.9.1.1", "2001:db8::7", "203.0.113.5")]
    assert told == [True, False, True, False]
    assert is_at_home("10.1.1.1", {}) is None
    assert is_at_home("a host", variables) is None
