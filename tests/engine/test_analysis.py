"""From evidence files to a verdict, told as tickets that ana works."""

from __future__ import annotations

import json
from copy import copy
from dataclasses import replace
from typing import Any

import pytest

from tests.traffic import RST, pcap, tcp
from tickets.engine.analysis import EvidenceFile, analyze
from tickets.engine.explain import describe
from tickets.engine.reversal import judge_reversed
from tickets.engine.types import (
    Alert,
    Claim,
    Context,
    DirectionInput,
    Disposition,
    Effect,
    EngineError,
    IntentMatch,
    Location,
    Outcome,
    Protocol,
    ReasonCode,
    Reversed,
    Stated,
    Verdict,
)

from .samples import endpoint, make_alert, make_conversation

INBOUND = "alert tcp $EXTERNAL_NET any -> $HOME_NET 1024: (flags:A+; sid:1900001; rev:1;)"
REPLY = "alert tcp $EXTERNAL_NET 80 -> $HOME_NET any (flow:established,to_client; sid:1900001;)"
RDP = "alert tcp $EXTERNAL_NET any -> $HOME_NET 3389 (flags:S,12; sid:1900004;)"
NETWORKS = {"HOME_NET": ("10.20.0.0/16", "192.0.2.0/24"), "EXTERNAL_NET": ("!$HOME_NET",)}
HARMLESS = "auth=unk role=work mal=n origin=int evid=none"
HOSTILE = "auth=no role=infra mal=y origin=ext evid=none"

DAY = "2026-01-05T12:00:0"


def make_context(inputs: str = HARMLESS) -> Context:
    stated = {
        name: Stated(value=value) for name, _, value in (word.partition("=") for word in inputs.split())
    }
    notes = ("10.20.30.40 is a workstation.", "No test is on the calendar.")
    return Context(variables=NETWORKS, notes=notes, inputs=stated)


def eve(*events: dict[str, Any]) -> EvidenceFile:
    return EvidenceFile("eve.json", "".join(json.dumps(event) + "\n" for event in events).encode())


def alert_event(src: str, dst: str, sid: int = 1900001, second: str = "1", **more: Any) -> dict[str, Any]:
    return {
        "timestamp": f"{DAY}{second}.000000+0000",
        "event_type": "alert",
        "proto": "TCP",
        **ends(src, dst),
        "alert": {"signature_id": sid, "gid": 1, "rev": 1, "signature": "TRAINING", "severity": 2},
        **more,
    }


def flow_event(
    src: str, dst: str, ts: str = "1b", tc: str = "1b", state: str = "closed", second: str = "0"
) -> dict[str, Any]:
    start, end = f"{DAY}{second}.000000+0000", f"{DAY}{second}.900000+0000"
    return {
        "timestamp": end,
        "event_type": "flow",
        "proto": "TCP",
        "app_proto": "http",
        **ends(src, dst),
        "flow": {
            "pkts_toserver": 5,
            "pkts_toclient": 4 if tc != "00" else 0,
            "bytes_toserver": 612,
            "bytes_toclient": 5120 if tc != "00" else 0,
            "start": start,
            "end": end,
            "state": state,
            "reason": "timeout",
        },
        "tcp": {"tcp_flags_ts": ts, "tcp_flags_tc": tc, "state": state},
    }


def ends(src: str, dst: str) -> dict[str, Any]:
    source, target = endpoint(src), endpoint(dst)
    return {
        "src_ip": source.ip,
        "src_port": source.port,
        "dest_ip": target.ip,
        "dest_port": target.port,
    }


CLIENT, SERVER = "10.20.30.40:3932", "203.0.113.80:80"
SEED = eve(alert_event(SERVER, CLIENT), flow_event(CLIENT, SERVER))
KNOCKER, BASTION = "198.51.100.23:51544", "192.0.2.10:3389"
DENY = EvidenceFile(
    "firewall.log",
    b"Jan 05 2026 12:00:01 fw1 : %ASA-4-106023: Deny tcp src outside:198.51.100.23/51544 "
    b'dst dmz:192.0.2.10/3389 by access-group "outside_in" [0x0, 0x0]\n',
)


def seed_verdict(rule: str | None = INBOUND, **changes: Any) -> Verdict:
    return analyze([SEED], rule=rule, context=replace(make_context(), **changes))


def claims(verdict: Verdict, claim: Claim) -> list[str]:
    return [item.rule for item in verdict.findings if item.claim is claim and item.supports]


def test_a_syn_ack_that_is_reset_has_no_outcome_unless_somebody_is_known_to_have_asked() -> None:
    asked = tcp("192.0.2.77:3932", "203.0.113.9:80").syn().syn_ack().segment(RST)
    alert = Alert(protocol=Protocol.TCP, src=asked.server, dst=asked.client)
    for capture, outcome in ((asked, Outcome.ESTABLISHED), (copy(asked).cut(1), None)):
        file = EvidenceFile("capture.pcap", pcap(capture))
        verdict = analyze([file], alert=alert, rule="", context=Context())
        assert verdict.outcome is outcome


def test_the_seed_ticket_is_a_reversed_display_and_a_false_positive() -> None:
    verdict = seed_verdict()
    assert verdict.conversation is not None
    assert (verdict.conversation.orig, verdict.conversation.resp) == (endpoint(CLIENT), endpoint(SERVER))
    assert (verdict.reversed, verdict.outcome) == (Reversed.YES, Outcome.ESTABLISHED)
    assert (verdict.intent, verdict.effect) == (IntentMatch.MISMATCH, Effect.ESTABLISHED)
    assert (verdict.disposition, verdict.reason_code) == (Disposition.FALSE_POSITIVE, ReasonCode.FP1)
    assert (verdict.decided_by, verdict.depends_on) == ("R4", ())
    assert verdict.inputs.dir is DirectionInput.REV
    assert verdict.alert.location == Location("eve.json", 1)


def test_every_claim_cites_records_and_can_be_told() -> None:
    verdict = seed_verdict()
    for claim in set(Claim) - {Claim.SERVICE, Claim.JOINED}:
        proofs = [item for item in verdict.findings if item.claim is claim and item.supports]
        assert proofs, claim
        assert all(item.records for item in proofs)
    assert all(describe(item) for item in verdict.findings)


def test_the_disposition_rests_on_the_wire_and_on_the_context() -> None:
    decided = seed_verdict().findings[-1]
    assert decided.rule == "disposition.R4"
    assert {place.file for place in decided.records} == {"eve.json", "context"}


def test_a_rule_that_is_written_for_replies_is_not_wrong_data() -> None:
    verdict = seed_verdict(rule=REPLY)
    assert verdict.reversed is Reversed.YES
    assert verdict.inputs.dir is DirectionInput.PACKET
    assert claims(verdict, Claim.REVERSED) == ["reversed.by_design", "cause.response_rule"]
    assert (verdict.intent, verdict.reason_code) == (IntentMatch.MATCH, ReasonCode.BN2)


def test_an_upright_alert_that_a_firewall_denied_is_a_blocked_attempt() -> None:
    alert = make_alert(KNOCKER, BASTION, sid=1900004)
    verdict = analyze([DENY], alert=alert, rule=RDP, context=make_context(HOSTILE))
    assert (verdict.reversed, verdict.outcome) == (Reversed.NO, Outcome.UNANSWERED)
    assert (verdict.effect, verdict.intent) == (Effect.BLOCKED, IntentMatch.MATCH)
    assert (verdict.reason_code, verdict.decided_by) == (ReasonCode.BN1, "R10")


def test_an_input_that_is_not_stated_is_not_guessed() -> None:
    verdict = seed_verdict(inputs={"role": Stated(value="work"), "origin": Stated(value="int")})
    assert (verdict.disposition, verdict.reason_code, verdict.decided_by) == (None, None, "")
    assert verdict.depends_on == ("evid", "auth", "mal")
    assert verdict.findings[-1].rule == "disposition.open"
    assert not verdict.findings[-1].supports


def test_an_unstated_input_that_changes_nothing_does_not_hinder() -> None:
    stated = make_context("role=work mal=n origin=int evid=none").inputs
    assert seed_verdict(inputs=stated).reason_code is ReasonCode.FP1


def test_ports_alone_are_no_answer_key() -> None:
    middle = eve(
        alert_event(SERVER, CLIENT), flow_event(SERVER, CLIENT, ts="18", tc="10", state="established")
    )
    verdict = analyze([middle], rule=INBOUND, context=make_context())
    assert verdict.reversed is Reversed.CANNOT_BE_DETERMINED
    assert verdict.conversation is not None
    assert (verdict.conversation.orig, verdict.conversation.resp) == (None, None)
    assert claims(verdict, Claim.ORIGINATOR) == []
    assert verdict.inputs.dir is DirectionInput.GUESS
    assert verdict.intent is IntentMatch.UNKNOWN
    assert verdict.reason_code is ReasonCode.UN


def test_the_alert_is_found_by_the_sid_of_the_rule() -> None:
    other = alert_event("198.51.100.7:4000", "10.20.30.40:22", sid=7)
    files = [eve(other, alert_event(SERVER, CLIENT), flow_event(CLIENT, SERVER))]
    assert analyze(files, rule=INBOUND, context=make_context()).alert.location == Location("eve.json", 2)
    assert analyze(files, context=make_context()).alert.sid == 7
    with pytest.raises(EngineError, match="sid 1900004, but 1900001, 7"):
        analyze(files, rule=RDP, context=make_context())


def test_an_alert_given_by_hand_takes_the_place_of_its_record() -> None:
    given = Alert(protocol=Protocol.TCP, src=endpoint(SERVER), dst=endpoint(CLIENT))
    verdict = analyze([SEED], alert=given, rule=INBOUND, context=make_context())
    assert verdict.alert.location == Location("eve.json", 1)
    assert verdict.reason_code is ReasonCode.FP1


def test_of_two_conversations_the_one_at_the_alerts_time_is_judged() -> None:
    files = [
        eve(
            flow_event(SERVER, CLIENT, second="0"),
            flow_event(CLIENT, SERVER, second="8"),
            alert_event(SERVER, CLIENT, second="8"),
        )
    ]
    verdict = analyze(files, rule=INBOUND, context=make_context())
    assert verdict.conversation is not None
    assert verdict.conversation.orig == endpoint(CLIENT)
    timeless = replace(make_alert(SERVER, CLIENT, time_ns=None, sid=None), location=Location("by hand", 1))
    verdict = analyze(files, alert=timeless, rule=INBOUND, context=make_context())
    assert "alert.several_conversations" in [item.rule for item in verdict.findings]


def test_an_alert_without_its_conversation_settles_nothing() -> None:
    alert = make_alert("203.0.113.9:443", "10.20.30.41:5000")
    verdict = analyze([SEED], alert=alert, rule=INBOUND, context=make_context())
    assert verdict.conversation is None
    assert (verdict.reversed, verdict.outcome) == (Reversed.CANNOT_BE_DETERMINED, None)
    assert (verdict.intent, verdict.effect) == (IntentMatch.UNKNOWN, None)
    assert all(describe(item) for item in verdict.findings)


def test_without_a_rule_the_intent_is_unknown() -> None:
    verdict = seed_verdict(rule=None)
    assert verdict.intent is IntentMatch.UNKNOWN
    assert claims(verdict, Claim.INTENT) == ["intent.no_rule"]
    assert verdict.reversed is Reversed.YES


def test_a_stated_effect_refines_what_the_wire_shows_and_the_difference_is_told() -> None:
    verdict = seed_verdict(inputs={**make_context().inputs, "effect": Stated(value="success", notes=(2,))})
    assert verdict.effect is Effect.SUCCESS
    effects = [item for item in verdict.findings if item.claim is Claim.EFFECT]
    assert [(item.rule, item.supports) for item in effects] == [
        ("context.effect", True),
        ("effect.established", False),
    ]
    assert effects[0].records == (Location("context", 2),)


@pytest.mark.parametrize(
    ("inputs", "place", "problem"),
    [
        ("role=server", "input role", "'server' is not one of prod, work"),
        ("dir=rev", "input dir", "Only effect, evid"),
        ("evid=confirmed mal=n", "input evid", "harmless purpose"),
    ],
)
def test_a_stated_value_that_is_not_allowed_is_refused_with_its_place(
    inputs: str, place: str, problem: str
) -> None:
    with pytest.raises(EngineError) as caught:
        analyze([SEED], rule=INBOUND, context=make_context(inputs))
    assert (caught.value.file, caught.value.place) == ("context", place)
    assert problem in caught.value.problem


def test_a_note_that_does_not_exist_is_refused() -> None:
    with pytest.raises(EngineError, match="There is no note 3"):
        seed_verdict(inputs={"role": Stated(value="work", notes=(3,))})


def test_an_alert_with_another_sid_than_its_rule_is_refused() -> None:
    with pytest.raises(EngineError, match="sid 5"):
        analyze([SEED], alert=make_alert(SERVER, CLIENT, sid=5), rule=INBOUND, context=make_context())


def test_evidence_without_an_alert_needs_one_given() -> None:
    with pytest.raises(EngineError, match="no alert in the evidence"):
        analyze([DENY], rule=RDP, context=make_context())


def test_a_line_that_cannot_be_read_is_a_problem_of_the_verdict() -> None:
    broken = EvidenceFile("eve.json", SEED.data + b"{not json\n")
    verdict = analyze([broken], rule=INBOUND, context=make_context())
    assert [problem.file for problem in verdict.problems] == ["eve.json"]
    assert verdict.reason_code is ReasonCode.FP1


@pytest.mark.parametrize(
    ("confidence", "result"), [(0.99, "yes"), (0.7, "yes"), (0.69, "cannot_be_determined")]
)
def test_reversed_needs_a_clear_originator(confidence: float, result: str) -> None:
    conversation = make_conversation(CLIENT, SERVER, confidence=confidence)
    assert judge_reversed(make_alert(SERVER, CLIENT), conversation) == result


def test_a_host_that_talks_with_itself_has_no_direction() -> None:
    itself = make_conversation("10.20.30.40:5000", "10.20.30.40:5000")
    alert = make_alert("10.20.30.40:5000", "10.20.30.40:5000")
    assert judge_reversed(alert, itself) is Reversed.CANNOT_BE_DETERMINED


def test_the_order_in_which_the_author_states_inputs_changes_nothing() -> None:
    """PostgreSQL keeps the keys of stored JSON in an order of its own."""
    alert = replace(make_alert("203.0.113.80:80", "10.20.30.40:3932"), location=None)
    capture = pcap(tcp("10.20.30.40:3932", "203.0.113.80:80").handshake())
    files = [EvidenceFile("capture.pcap", capture)]
    backwards = " ".join(reversed(HARMLESS.split()))
    verdicts = [
        analyze(files, alert=alert, rule=INBOUND, context=make_context(inputs))
        for inputs in (HARMLESS, backwards)
    ]
    assert verdicts[0] == verdicts[1]
