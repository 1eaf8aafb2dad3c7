"""A verdict goes to JSON and back without loss, and equal verdicts give equal bytes."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickets.engine.codec import verdict_from_plain, verdict_to_plain
from tickets.engine.types import (
    Alert,
    Conversation,
    DecisionInputs,
    Endpoint,
    EngineError,
    Finding,
    Location,
    Problem,
    Role,
    Verdict,
)

from .samples import make_verdict

words = st.text(max_size=12)
locations = st.builds(Location, words, st.integers(1, 10**9))
endpoints = st.builds(Endpoint, words, st.integers(0, 65535))
shares = st.floats(0, 1)
findings = st.builds(
    Finding,
    facts=st.dictionaries(words, words, max_size=3),
    confidence=shares,
    records=st.lists(locations, max_size=3).map(tuple),
    supports=st.booleans(),
)
several_findings = st.lists(findings, max_size=3).map(tuple)
conversations = st.builds(
    Conversation,
    endpoints=st.tuples(endpoints, endpoints),
    orig=st.none() | endpoints,
    confidence=shares,
    findings=several_findings,
)
verdicts = st.builds(
    Verdict,
    alert=st.builds(Alert, src=endpoints, dst=endpoints, location=st.none() | locations),
    conversation=st.none() | conversations,
    inputs=st.builds(DecisionInputs, role=st.none() | st.sampled_from(Role), dup=st.booleans()),
    findings=several_findings,
    problems=st.lists(st.builds(Problem), max_size=2).map(tuple),
)


@settings(max_examples=25)
@given(verdicts)
def test_any_verdict_comes_back_as_it_was(verdict: Verdict) -> None:
    text = json.dumps(verdict_to_plain(verdict))
    assert verdict_from_plain(json.loads(text)) == verdict


def test_equal_verdicts_give_equal_bytes() -> None:
    verdict, same = make_verdict({"a": "1", "b": "2"}), make_verdict({"b": "2", "a": "1"})
    assert verdict == same
    assert json.dumps(verdict_to_plain(verdict)) == json.dumps(verdict_to_plain(same))


def test_the_plain_form_reads_well() -> None:
    plain = verdict_to_plain(make_verdict({}))
    assert plain["alert"]["src"] == {"ip": "203.0.113.80", "port": 80}
    assert plain["reversed"] == "yes"
    assert plain["findings"][0]["records"] == ["capture.pcap:1"]
    assert plain["inputs"]["role"] == "work"
    assert plain["problems"] == []


def test_a_file_name_may_hold_a_colon() -> None:
    plain = verdict_to_plain(make_verdict({}))
    plain["findings"][0]["records"] = ["C:capture.pcap:7"]
    assert verdict_from_plain(plain).findings[0].records == (Location("C:capture.pcap", 7),)


def test_a_verdict_of_an_engine_that_knew_fewer_fields_is_read() -> None:
    verdict = make_verdict({})
    plain = verdict_to_plain(verdict)
    for name in ("translated", "layers"):
        del plain["conversation"][name]
    assert verdict_from_plain(plain) == verdict


@pytest.mark.parametrize(
    ("spoil", "place"),
    [
        (lambda plain: plain.pop("alert"), "verdict: Missing or unknown: alert"),
        (lambda plain: plain.update(extra=1), "verdict: Missing or unknown: extra"),
        (lambda plain: plain.update(reversed="perhaps"), "verdict.reversed"),
        (lambda plain: plain["alert"]["src"].update(port="80"), "verdict.alert.src.port"),
        (lambda plain: plain["inputs"].update(dup=1), "verdict.inputs.dup"),
        (lambda plain: plain["findings"][0].update(records=["capture.pcap"]), "verdict.findings.0.records.0"),
        (lambda plain: plain["conversation"].update(endpoints=[]), "verdict.conversation.endpoints"),
    ],
)
def test_data_that_does_not_fit_is_refused_with_its_place(
    spoil: Callable[[dict[str, Any]], object], place: str
) -> None:
    plain = copy.deepcopy(verdict_to_plain(make_verdict({})))
    spoil(plain)
    with pytest.raises(EngineError) as caught:
        verdict_from_plain(plain)
    assert str(caught.value).startswith(place)
