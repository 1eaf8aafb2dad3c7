"""A corrected scenario: whose key counts, from when on, and what it cannot correct."""

from __future__ import annotations

import pytest

from tests import factories as make
from tests.regrading import apply, line_of, shown_grade
from tickets.actions.regradings import (
    RegradingError,
    approve_regrading,
    bring_on_here,
    draft_for_engine,
    draft_for_erratum,
)
from tickets.models import GradeJob, Regrading, ScenarioVersion, Ticket
from tickets.models.truth import ScenarioKey, VariantVerdict
from tickets.reports.errata import read_corrections
from tickets.tasks.grading import record_grade
from tickets.tasks.jobs import claim, drain

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]

WHY = "BN1 is as true as FP1 here, and earns full marks now."


def make_work(reason_code: str = "BN1") -> Ticket:
    """ana closed the ticket as benign, which the first version does not accept."""
    ticket = make.make_ticket()
    make.make_submission(ticket, disposition="benign", reason_code=reason_code)
    drain(GradeJob, record_grade)
    return ticket


def make_accepted(ticket: Ticket) -> object:
    """What the ticket's own version accepts."""
    return ScenarioKey.objects.get(version=ticket.variant.version).accepted


def correct(version: ScenarioVersion, **key: object) -> ScenarioVersion:
    """The next version, which accepts BN1 as well unless `key` says otherwise."""
    newer = make.make_version(version.scenario)
    accepted = [{"reason_code": "BN1", "credit": 1.0, "reason": "As true as FP1."}]
    ScenarioKey.objects.filter(version=newer).update(**{"accepted": accepted, **key})
    return newer


def test_an_erratum_holds_old_work_against_the_key_of_the_later_version() -> None:
    ticket = make_work()
    before = shown_grade(ticket).points
    erratum = correct(ticket.variant.version)
    regrading = bring_on_here(draft_for_erratum(erratum, WHY, None))
    assert line_of(regrading, ticket).change == "rises"
    apply(regrading)
    after = shown_grade(ticket)
    assert after.points > before
    assert after.erratum == erratum
    assert after.criteria.get(criterion="disposition").result == "correct"


def test_inputs_that_were_stated_wrongly_give_a_new_verdict_beside_the_old_one() -> None:
    ticket = make_work()
    inputs = {**make.INPUTS, "auth": {"value": "in", "notes": [1]}}
    erratum = correct(ticket.variant.version, inputs=inputs)
    bring_on_here(draft_for_erratum(erratum, WHY, None))
    verdicts = VariantVerdict.objects.filter(variant=ticket.variant)
    assert {verdict.erratum for verdict in verdicts} == {None, erratum}
    assert len({verdict.sha256 for verdict in verdicts}) == 2


def test_corrected_weights_mark_old_work_anew_and_the_same_truth_stands() -> None:
    ticket = make_work()
    before = shown_grade(ticket)
    erratum = correct(ticket.variant.version, accepted=make_accepted(ticket))
    ScenarioVersion.objects.filter(pk=erratum.pk).update(weights={"outcome": 20, "texts": 0})
    erratum.refresh_from_db()
    regrading = bring_on_here(draft_for_erratum(erratum, WHY, None))
    apply(regrading)
    after = shown_grade(ticket)
    assert after.verdict_sha256 == before.verdict_sha256
    assert before.criteria.get(criterion="outcome").max_points == 8
    assert after.criteria.get(criterion="outcome").max_points == 20
    assert not after.criteria.filter(criterion__startswith="text_").exists()
    assert after.max_points == before.max_points + 12 - 15
    told = {(each.what, each.before, each.after) for each in read_corrections(regrading)[0].corrections}
    assert told == {("Marks: Outcome", "8", "20"), ("Marks: each text", "3", "0")}


def test_what_is_corrected_is_told_with_the_tickets_that_show_it() -> None:
    ticket = make_work()
    inputs = {**make.INPUTS, "auth": {"value": "in", "notes": [1]}}
    regrading = draft_for_erratum(correct(ticket.variant.version, inputs=inputs), WHY, None)
    [corrected] = read_corrections(regrading)
    assert (corrected.version, corrected.tickets) == (ticket.variant.version, 1)
    told = {each.what: (each.before, each.after) for each in corrected.corrections}
    assert told["Stated: Authorised"] == ("", "in")
    assert told["Accepted: BN1"] == ("", "100%, As true as FP1.")
    assert told["Accepted: FP2"][1] == ""
    assert not any(what.startswith(("Marks", "Network")) for what in told)


def test_a_regrading_of_another_cause_corrects_nothing() -> None:
    ticket = make_work()
    assert read_corrections(draft_for_engine(ticket.variant.version.scenario, WHY, None)) == []


def test_work_handed_in_after_the_correction_is_graded_by_the_corrected_key() -> None:
    ticket = make_work()
    apply(bring_on_here(draft_for_erratum(correct(ticket.variant.version), WHY, None)))
    late = make.make_ticket(make.make_user("lea"), assignment=ticket.item.assignment, variant=ticket.variant)
    make.make_submission(late, disposition="benign", reason_code="BN1")
    drain(GradeJob, record_grade)
    assert shown_grade(late).criteria.get(criterion="disposition").result == "correct"


def test_a_grade_that_was_being_written_while_the_correction_came_is_graded_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ticket = make_work()
    regrading = bring_on_here(draft_for_erratum(correct(ticket.variant.version), WHY, None))
    late = make.make_ticket(make.make_user("lea"), assignment=ticket.item.assignment, variant=ticket.variant)
    make.make_submission(late, disposition="benign", reason_code="BN1")
    asked = []

    def ask(of: Ticket) -> ScenarioVersion | None:
        asked.append(of)
        return None if len(asked) == 1 else regrading.erratum

    monkeypatch.setattr("tickets.tasks.grading.erratum_of", ask)
    job = claim(GradeJob)
    assert job is not None
    with pytest.raises(Exception, match="corrected meanwhile"):
        record_grade(job)
    assert not late.submission.grades.exists()


def test_work_that_came_in_after_the_dry_run_is_not_forgotten() -> None:
    ticket = make_work()
    regrading = bring_on_here(draft_for_erratum(correct(ticket.variant.version), WHY, None))
    late = make.make_ticket(make.make_user("lea"), assignment=ticket.item.assignment, variant=ticket.variant)
    make.make_submission(late)
    drain(GradeJob, record_grade)
    with pytest.raises(RegradingError, match="More work was graded"):
        approve_regrading(regrading, None, marks_may_fall=True)
    assert line_of(bring_on_here(regrading), late).change == "unchanged"


def test_another_class_keeps_the_key_that_it_had_until_its_own_regrading() -> None:
    ticket = make_work()
    zoes = make.make_ticket(make.make_user("zoe"), variant=ticket.variant)
    erratum = correct(ticket.variant.version)
    own = [ticket.item.assignment.cohort]
    apply(bring_on_here(draft_for_erratum(erratum, WHY, make.make_instructor("ivo"), own)))
    make.make_submission(zoes, disposition="benign", reason_code="BN1")
    drain(GradeJob, record_grade)
    assert shown_grade(zoes).erratum is None


@pytest.mark.parametrize(
    "shown", [{"rule_text": make.RULE_TEXT.replace("1024:", "2048:")}, {"story": "beacon"}]
)
def test_what_trainees_were_shown_cannot_be_corrected_afterwards(shown: dict[str, str]) -> None:
    ticket = make_work()
    newer = correct(ticket.variant.version)
    if "rule_text" in shown:
        ScenarioVersion.objects.filter(pk=newer.pk).update(**shown)
    else:
        ScenarioKey.objects.filter(version=newer).update(**shown)
    newer.refresh_from_db()
    with pytest.raises(RegradingError, match="corrects no earlier version"):
        draft_for_erratum(newer, WHY, None)
    assert not Regrading.objects.exists()
