"""Keys that say that something cannot be determined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from tests.quality.faults import a_line_of_another_hour_that_tells_who_asked
from tests.quality.openings import OPENINGS, Opened, late_start, no_session
from tests.quality.scenarios import play_scenario, scenario_of
from tests.simulator.played import file_of
from tickets.engine import IntentMatch, ReasonCode, Reversed
from tickets.grading import Criterion, OutcomeAnswer, build_key, model_answers
from tickets.quality import prove_variant


@pytest.mark.parametrize("make", OPENINGS.values(), ids=OPENINGS)
def test_a_variant_that_leaves_open_what_its_author_calls_open_is_fair(make: Callable[[], Opened]) -> None:
    verdict, report = prove_variant(*make())
    assert report.faults == ()
    assert verdict is not None
    model = model_answers(build_key(verdict))
    assert model.reversed is Reversed.CANNOT_BE_DETERMINED
    assert (model.originator_ip, model.responder_ip) == (None, None)


def test_without_a_session_the_model_says_that_the_outcome_cannot_be_determined() -> None:
    verdict, _ = prove_variant(*no_session())
    assert verdict is not None
    key = build_key(verdict)
    assert key.is_marked(Criterion.OUTCOME)
    assert model_answers(key).outcome is OutcomeAnswer.CANNOT_BE_DETERMINED


def test_an_author_who_calls_open_what_the_records_prove_is_told_so_with_the_record() -> None:
    scenario = scenario_of("T011")
    expected = replace(
        scenario.expected,
        reversed=Reversed.CANNOT_BE_DETERMINED,
        outcome=cast(Any, OutcomeAnswer.CANNOT_BE_DETERMINED),
    )
    played = play_scenario("T011")
    report = prove_variant(replace(scenario, expected=expected), played).report
    told = [fault.problem for fault in report.faults if fault.check == "open"]
    assert told[0] == f"the engine takes {played.truth.orig} for the originator, which should be open"
    assert f"proves the originator {played.truth.orig}, which should be open" in told[1]
    assert "the key's reversed is no, not cannot_be_determined" in told
    assert "the engine finds the outcome refused, which should be open" in told
    assert "the key's outcome is refused, not cannot_be_determined" in told
    assert {fault.check for fault in report.faults} == {"open", "expectation", "deletion"}


def test_a_proof_in_a_file_that_was_not_joined_to_the_others_is_caught() -> None:
    scenario, played = late_start()
    report = prove_variant(scenario, a_line_of_another_hour_that_tells_who_asked(played)).report
    told = f"firewall.log alone settles the originator as {played.truth.orig}, which should be open"
    assert told in [fault.problem for fault in report.faults if fault.check == "deletion"]


def test_an_outcome_that_is_expected_and_open_in_the_evidence_is_caught() -> None:
    scenario, played = no_session()
    hopeful = replace(scenario, expected=replace(scenario.expected, outcome=OutcomeAnswer.ESTABLISHED))
    assert {fault.check for fault in prove_variant(hopeful, played).report.faults} == {"truth", "expectation"}


def test_an_open_direction_that_the_author_takes_for_settled_is_caught() -> None:
    scenario, played = late_start()
    sure = replace(
        scenario.expected, reversed=Reversed.YES, intent=IntentMatch.MATCH, reason_code=ReasonCode.FP1
    )
    checks = {fault.check for fault in prove_variant(replace(scenario, expected=sure), played).report.faults}
    assert {"truth", "expectation", "proofs"} <= checks


def test_a_key_that_names_the_sides_where_nobody_asked_is_refused() -> None:
    played = play_scenario("T011")
    nobody = replace(played, truth=replace(played.truth, has_opener=False))
    report = prove_variant(scenario_of("T011"), nobody).report
    assert [str(fault.problem) for fault in report.faults] == [
        "nobody opened it in the story, and the scenario file says who did"
    ]


def test_an_alert_may_be_about_a_login_that_names_no_port_of_the_host() -> None:
    played = play_scenario("T003")
    number = next(
        at for at, line in enumerate(file_of(played, "auth.log").splitlines(), 1) if b"Accepted" in line
    )
    alert = replace(
        played.alert,
        location=None,
        raw=f"event=auth.log:{number}",
        source="siem",
        direction="",
        flow_orig=None,
    )
    stranger = replace(alert, src=alert.src._replace(port=alert.src.port - 1))
    told = [
        [
            fault.problem
            for fault in prove_variant(scenario_of("T003"), replace(played, alert=item)).report.faults
            if fault.check == "alert"
        ]
        for item in (alert, stranger)
    ]
    assert told == [[], [f"the alert is about auth.log:{number}, which has other ends"]]


def test_what_else_a_file_tells_may_leave_open_what_the_conversation_alone_would_settle() -> None:
    """Six servers send lists that nobody asked for; one of them alone would look like an answer to a question."""
    verdict, report = prove_variant(scenario_of("T026b"), play_scenario("T026b"))
    assert report.faults == ()
    assert verdict is not None
    assert verdict.reversed is Reversed.CANNOT_BE_DETERMINED
