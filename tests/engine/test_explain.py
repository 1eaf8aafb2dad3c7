"""Every finding has words, and they say what was found."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

import tickets.engine
from tickets.engine.disposition import STATED_INPUTS, TABLE
from tickets.engine.explain import WORDS, describe, lesson, rule_reads
from tickets.engine.explain.originators import WORDS as ORIGINATORS
from tickets.engine.rules import parse_rule
from tickets.engine.types import Cause, Claim, Finding, IntentMatch, Location, Reversed

ENGINE = Path(tickets.engine.__file__).parent
FAMILIES = "|".join(sorted({rule.partition(".")[0] for rule in WORDS} - {"context", "disposition"}))
# Ids that the modules put together from an enum's word.
COMPOSED = {
    *(f"disposition.{row.id}" for row in TABLE),
    *(f"context.{name}" for name in STATED_INPUTS),
    *(f"reversed.{value}" for value in Reversed),
    *(f"cause.{value}" for value in Cause),
    *(f"effect.{word}" for word in ("established", "refused", "rejected", "unanswered")),
    *(f"effect.decoy_{word}" for word in ("accepted", "refused")),
    "intent.originator_unknown",
    "intent.originator_either",
}
# Texts of the same look that are formats of evidence and no rules.
NO_RULES = {"host.docker"}


def finding(rule: str, value: str = "x", **facts: str) -> Finding:
    places = (Location("capture.pcap", 1),)
    return Finding(rule=rule, claim=Claim.ORIGINATOR, value=value, records=places, facts=facts)


@cache
def rules_in_the_source() -> set[str]:
    """Every text in the engine's modules that is written like a rule's id."""
    found = set()
    for path in (*ENGINE.glob("*.py"), *ENGINE.glob("answers/*.py"), *ENGINE.glob("rungs/*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        found |= {
            text
            for text in texts
            if isinstance(text, str) and re.fullmatch(rf"({FAMILIES})\.[a-z_]*[a-z]", text)
        }
    return found - NO_RULES


def test_every_rule_of_the_engine_has_words() -> None:
    rules = rules_in_the_source()
    assert {"intent.protocol", "effect.denied", "alert.no_conversation", "tcp.syn"} <= rules
    assert rules | COMPOSED <= set(WORDS)


def test_no_words_stand_for_a_rule_that_is_gone() -> None:
    assert set(WORDS) <= rules_in_the_source() | COMPOSED | {"disposition.open"}


@pytest.mark.parametrize("rule", WORDS)
def test_words_are_plain_sentences(rule: str) -> None:
    sentence = WORDS[rule].sentence
    for text in [sentence] if isinstance(sentence, str) else sentence.values():
        names = {name for _, name, _, _ in Formatter().parse(text) if name}
        facts = {name: "mal" if name == "depends_on" else "something" for name in names - {"value"}}
        value = "" if isinstance(sentence, str) else next(key for key in sentence if sentence[key] == text)
        told = describe(finding(rule, value, **facts))
        assert told.endswith(".")
        assert told.count("{") == 0
    assert lesson(rule).count(". ") == 1
    assert lesson(rule).endswith(".")


@pytest.mark.parametrize("name", list(STATED_INPUTS))
def test_every_value_that_an_author_may_state_has_words(name: str) -> None:
    for value in STATED_INPUTS[name]:
        assert describe(finding(f"context.{name}", value))


@pytest.mark.parametrize("rule", [rule for rule in WORDS if rule.startswith("intent.") and "no_" not in rule])
def test_every_answer_about_the_intent_has_words(rule: str) -> None:
    facts = dict.fromkeys(("expected", "actual", "missing", "first", "second"), "x")
    for value in IntentMatch:
        assert describe(finding(rule, value, **facts))


def test_the_sentence_is_filled_from_the_facts() -> None:
    told = describe(finding("tcp.syn", orig="10.20.30.40:3932", resp="203.0.113.80:80", seq="7"))
    assert told == (
        "10.20.30.40:3932 sent a SYN without ACK (sequence number 7); only the side that opens a connection "
        "does that (RFC 9293, 3.5)."
    )


@pytest.mark.parametrize(("attempts", "told"), [("1", "1 time "), ("4", "4 times ")])
def test_what_is_counted_is_named_in_its_number(attempts: str, told: str) -> None:
    assert told in describe(finding("tcp.syn_unanswered", attempts=attempts))
    assert "(s)" not in str(WORDS)


def test_an_empty_fact_is_called_not_given() -> None:
    told = describe(finding("firewall.denied", source="cisco.asa", reason=""))
    assert told == "cisco.asa denied the packet (reason: not given)."


def test_a_rule_without_words_raises() -> None:
    with pytest.raises(KeyError):
        describe(finding("tcp.made_up"))
    with pytest.raises(KeyError):
        lesson("tcp.made_up")


def test_a_missing_fact_raises() -> None:
    with pytest.raises(KeyError, match="seq"):
        describe(finding("tcp.syn", orig="10.20.30.40:3932"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "alert tcp $EXTERNAL_NET any -> $HOME_NET 1024: (flags:A+; classtype:attempted-recon; sid:1;)",
            (
                "The rule looks at TCP packets from $EXTERNAL_NET to $HOME_NET, port 1024 or higher. The packet must "
                "have the TCP flags ACK, and may have others. Its author files it under attempted-recon."
            ),
        ),
        (
            'alert http any any -> [10.0.0.1,10.0.0.2] [80,8080] (flow:established,to_server; content:"x"; sid:1;)',
            (
                "The rule looks at HTTP traffic from any address to [10.0.0.1,10.0.0.2], port [80,8080]. It wants packets "
                "on their way to the server. The connection must be established. The packet's content must match "
                "the patterns in the rule."
            ),
        ),
        (
            "alert tcp any :1023 <> any 6000:6007 (flags:!F; sid:1;)",
            (
                "The rule looks at TCP packets between any address, port 1023 or lower and any address, ports 6000 to "
                "6007, either way. The packet must not have the TCP flags FIN."
            ),
        ),
        (
            "alert tcp any any -> any !22 (flow:from_server; flags:S,12; sid:1;)",
            (
                "The rule looks at TCP packets from any address to any address, port !22. It wants packets that come "
                "from the server. The packet's TCP flags must be exactly SYN."
            ),
        ),
    ],
)
def test_a_rule_is_told_in_words(text: str, told: str) -> None:
    assert rule_reads(parse_rule(text)) == told


def test_every_rung_stands_in_the_table_of_the_docs() -> None:
    table = (Path(__file__).parents[2] / "docs" / "engine.md").read_text()
    told = set(re.findall(r"`([a-z_]+\.[a-z_*]+)`", table))
    assert {
        rule for rule in ORIGINATORS if rule not in told and rule.partition(".")[0] + ".*" not in told
    } == set()
