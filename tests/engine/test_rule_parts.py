"""A rule explained part by part: each part in plain words, and nothing of the traffic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.engine import explain_rule
from tickets.engine.rules import ACTIONS, DIRECTIONS, PROTOCOLS

RULE = (
    'alert tcp $EXTERNAL_NET any -> $HOME_NET 1024: (msg:"Inbound; high port"; flow:established,to_server; '
    'flags:A+; content:"|0d 0a|GET"; nocase; http.uri; threshold:type limit, track by_src, count 1, seconds 60; '
    "reference:cve,2021-44228; dsize:>300; classtype:attempted-recon; sid:1900001; rev:2;)"
)


def means(text: str, options: str) -> str:
    """What is said of the part that reads `text` in a rule with these options."""
    parts = explain_rule(f"alert tcp any any -> any any ({options} sid:1;)")
    return next(part.means for part in parts if part.text == text)


def test_the_parts_stand_in_the_order_of_the_rule() -> None:
    assert [part.text for part in explain_rule(RULE)] == [
        "alert",
        "tcp",
        "$EXTERNAL_NET any",
        "->",
        "$HOME_NET 1024:",
        "$EXTERNAL_NET",
        "$HOME_NET",
        "msg:Inbound; high port",
        "flow:established,to_server",
        "flags:A+",
        "content:|0d 0a|GET",
        "nocase",
        "http.uri",
        "threshold:type limit, track by_src, count 1, seconds 60",
        "reference:cve,2021-44228",
        "dsize:>300",
        "classtype:attempted-recon",
        "sid:1900001",
        "rev:2",
    ]


def test_the_header_is_told_end_by_end() -> None:
    said = {part.text: part.means for part in explain_rule(RULE)}
    assert said["$EXTERNAL_NET any"] == "The source of the packet must be in $EXTERNAL_NET, any port."
    assert (
        said["$HOME_NET 1024:"] == "The destination of the packet must be in $HOME_NET, port 1024 and above."
    )
    assert "says nothing of who opened the connection" in said["->"]
    assert said["$HOME_NET"] == "The addresses that this sensor is told to protect."


def test_what_the_sensor_has_set_is_told_with_each_variable() -> None:
    variables = {
        "HOME_NET": ["10.20.0.0/16", "192.0.2.0/24"],
        "EXTERNAL_NET": ["!$HOME_NET"],
        "OTHER": ["::1"],
    }
    said = {part.text: part.means for part in explain_rule(RULE, variables)}
    assert said["$HOME_NET"].endswith("told to protect. Here: 10.20.0.0/16, 192.0.2.0/24.")
    assert said["$EXTERNAL_NET"].endswith("not in $HOME_NET. Here: all but $HOME_NET.")
    assert "$OTHER" not in said


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("!10.0.0.0/8 !80", "must be outside 10.0.0.0/8, any port but 80"),
        ("any 1024:2048", "may be any address, ports 1024 to 2048"),
        ("any :1023", "may be any address, port 1023 and below"),
        ("[10.0.0.1,10.0.0.2] [80,443]", "must be in [10.0.0.1,10.0.0.2], port [80,443]"),
        ("$SITE_NET $SITE_PORTS", "must be in $SITE_NET, port $SITE_PORTS"),
    ],
)
def test_lists_ranges_and_negations_are_told(end: str, words: str) -> None:
    parts = explain_rule(f"alert tcp {end} -> any any (sid:1;)")
    assert parts[2].means == f"The source of the packet {words}."


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("flow:to_client,established", "on their way to the client. The connection must be established."),
        ('content:!"ok"', "must not be there"),
        ('content:"|0d 0a|"', "bytes in hexadecimal"),
        (
            "threshold:type both, track by_src, count 25, seconds 60",
            "once 25 packets fit within 60 seconds, counted by source",
        ),
        ("detection_filter:track by_dst, count 5, seconds 10", "every 5 packets that fit within 10 seconds"),
        ("dsize:100<>200", "between 100 and 200 bytes"),
        ("http.user_agent", "the User-Agent of an HTTP request"),
        ("krb5.cname", "A field of KRB5: cname."),
        ("some_new_word:1", "the sensor's manual says"),
    ],
)
def test_an_option_is_told_in_words(option: str, words: str) -> None:
    said = " ".join(part.means for part in explain_rule(f"alert tcp any any -> any any ({option}; sid:1;)"))
    assert words in said


def test_a_message_is_called_its_authors_words() -> None:
    assert "not a finding" in means("msg:Attack!", 'msg:"Attack!";')


def test_a_text_that_is_no_rule_has_no_parts() -> None:
    assert explain_rule("") == ()
    assert explain_rule("block everything that is bad") == ()


def test_every_action_protocol_and_direction_has_words() -> None:
    for action in ACTIONS:
        for direction in DIRECTIONS:
            parts = explain_rule(f"{action} tcp any any {direction} any any (sid:1;)")
            assert all(part.means.endswith(".") for part in parts)
    for protocol in PROTOCOLS:
        assert explain_rule(f"alert {protocol} any any -> any any (sid:1;)")[1].means


@given(st.text(), st.text())
def test_no_text_breaks_the_explanation(name: str, value: str) -> None:
    parts = explain_rule(f"alert tcp any any -> any any ({name}:{value}; sid:1;)")
    assert all(part.text and part.means for part in parts)
