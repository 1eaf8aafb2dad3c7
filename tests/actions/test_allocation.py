"""A mixed assignment: each trainee another order, another part, other evidence."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from tests import factories as make
from tests.actions.test_assignments import generated_version
from tickets.actions.allocation import Strata
from tickets.actions.assignments import assign, give_assignment_tickets, give_tickets
from tickets.engine import DISPOSITION_OF, Disposition, ReasonCode
from tickets.models import Assignment, AssignmentItem, Cohort, PoolJob, ScenarioVersion, Ticket, User
from tickets.models.truth import ScenarioKey, VariantVerdict
from tickets.reports.queue import read_queue
from tickets.reports.queue_wanted import Wanted

pytestmark = pytest.mark.django_db

# Twelve scenarios: half of them reversed, four dispositions, fewer true positives than harmless ones.
TAUGHT = (
    *(("yes", code) for code in ("FP1", "FP1", "BN2", "FP2", "UN", "BN1")),
    *(("no", code) for code in ("BN2", "BN1", "FP2", "TP1", "TP2", "UN")),
)


@pytest.fixture
def versions() -> list[ScenarioVersion]:
    return [_version(*taught) for taught in TAUGHT]


def _version(reversed_: str, code: str) -> ScenarioVersion:
    """A scenario that teaches this, with one variant."""
    version = make.make_version()
    source = json.dumps(
        {
            "expected": {
                "reversed": reversed_,
                "outcome": "established",
                "intent": "match",
                "reason_code": code,
            }
        }
    )
    ScenarioKey.objects.filter(version=version).update(source=source)
    make.make_variant(version)
    return version


def _class(size: int) -> tuple[Cohort, list[User]]:
    people = [make.make_user(f"t{number}") for number in range(size)]
    return make.make_cohort(trainees=people), people


def _mixed(cohort: Cohort, versions: list[ScenarioVersion], **fields: int) -> Assignment:
    return assign(cohort, "A shift", versions, order=Assignment.Order.MIXED, **fields)  # type: ignore[arg-type]


def _work_of(person: User) -> list[Ticket]:
    return list(Ticket.objects.filter(trainee=person).order_by("item__assignment__created_at", "position"))


def _taught(ticket: Ticket) -> tuple[bool, Disposition]:
    expected = json.loads(ScenarioKey.objects.get(version=ticket.item.version).source)["expected"]
    return expected["reversed"] == "yes", DISPOSITION_OF[ReasonCode(expected["reason_code"])]


def _assert_is_mixed(tickets: list[Ticket]) -> None:
    taught = [_taught(ticket) for ticket in tickets]
    for run in (taught[at : at + 6] for at in range(len(taught) - 5)):
        assert 2 <= sum(is_reversed for is_reversed, _ in run) <= 4
        assert len({disposition for _, disposition in run}) >= 3


def test_each_trainee_works_all_scenarios_in_an_order_of_his_or_her_own(
    versions: list[ScenarioVersion],
) -> None:
    cohort, people = _class(4)
    _mixed(cohort, versions)
    orders = [_work_of(person) for person in people]
    assert {len(order) for order in orders} == {len(versions)}
    assert len({tuple(ticket.item_id for ticket in order) for order in orders}) == 4
    assert [ticket.position for ticket in orders[0]] == list(range(1, 13))
    for order in orders:
        _assert_is_mixed(order)


def test_a_part_of_the_pool_is_mixed_too_and_trainees_get_other_parts(
    versions: list[ScenarioVersion],
) -> None:
    cohort, people = _class(6)
    _mixed(cohort, versions, tickets_each=6)
    parts = [_work_of(person) for person in people]
    assert {len(part) for part in parts} == {6}
    assert len({frozenset(ticket.item_id for ticket in part) for part in parts}) > 1
    for part in parts:
        _assert_is_mixed(part)


def test_giving_again_gives_nothing_and_what_is_added_later_goes_on_from_there(
    versions: list[ScenarioVersion],
) -> None:
    cohort, (ana,) = _class(1)
    assignment = _mixed(cohort, versions[:6])
    assert give_assignment_tickets(assignment) == []
    for number, version in enumerate(versions[6:], start=7):
        AssignmentItem.objects.create(assignment=assignment, position=number, version=version)
    assert len(give_assignment_tickets(assignment)) == 6
    assert [ticket.position for ticket in _work_of(ana)] == list(range(1, 13))


def test_a_trainee_who_has_his_part_gets_no_more(versions: list[ScenarioVersion]) -> None:
    cohort, (ana,) = _class(1)
    assignment = _mixed(cohort, versions, tickets_each=5)
    assert give_assignment_tickets(assignment) == []
    assert len(_work_of(ana)) == 5


def test_who_joins_later_gets_an_order_too(versions: list[ScenarioVersion]) -> None:
    cohort, _ = _class(1)
    _mixed(cohort, versions, tickets_each=6)
    bo = make.make_user("bo")
    assert len(give_tickets(make.enroll(cohort, bo))) == 6
    _assert_is_mixed(_work_of(bo))


def test_the_tickets_of_an_earlier_assignment_count_for_the_first_of_the_next(
    versions: list[ScenarioVersion],
) -> None:
    cohort, (ana,) = _class(1)
    upright = [_version("no", code) for code in ("BN1", "BN2", "FP2", "UN")]
    assign(cohort, "Upright", upright)
    _mixed(cohort, versions)
    taught = [_taught(ticket)[0] for ticket in _work_of(ana)]
    assert taught[4:6] == [True, True], "after four upright ones two reversed ones have to come"


def test_the_queue_shows_a_mixed_assignment_in_the_trainees_own_order(
    versions: list[ScenarioVersion],
) -> None:
    cohort, (ana, bo) = _class(2)
    _mixed(cohort, versions)
    for person in (ana, bo):
        (group,) = read_queue(person, make.NOON, Wanted()).groups
        assert [row.ticket for row in group.rows] == _work_of(person)


def test_a_listed_assignment_stays_in_the_order_of_its_list(versions: list[ScenarioVersion]) -> None:
    cohort, (ana,) = _class(1)
    assign(cohort, "A lesson", versions)
    (group,) = read_queue(ana, make.NOON, Wanted()).groups
    assert [row.ticket.item.version for row in group.rows] == versions


def test_an_upload_is_mixed_by_its_verdict() -> None:
    variant = make.make_variant()
    VariantVerdict.objects.create(
        variant=variant,
        engine_version="1",
        verdict={"reversed": "yes", "disposition": "benign"},
        sha256="0" * 64,
    )
    candidate = Strata([]).of(variant.version)
    assert (candidate.is_reversed, candidate.disposition) == (True, Disposition.BENIGN)
    assert candidate.rule == "1900001"


def test_an_upload_that_stays_open_counts_as_undetermined() -> None:
    version = make.make_version(rule_text="no rule")
    candidate = Strata([version]).of(version)
    assert (candidate.is_reversed, candidate.disposition) == (False, Disposition.UNDETERMINED)
    assert candidate.rule == ""


def test_only_a_mixed_assignment_gives_a_part() -> None:
    listed = make.make_assignment()
    listed.tickets_each = 3
    with pytest.raises(ValidationError, match="Only a mixed assignment"):
        listed.full_clean()
    with pytest.raises(IntegrityError):
        listed.save()


def test_setting_a_scenario_lets_the_workers_fill_its_pool() -> None:
    cohort, _ = _class(5)
    assign(cohort, "Directions", [generated_version()])
    assert [job.wanted for job in PoolJob.objects.all()] == [15]


def test_a_class_is_given_its_tickets_in_a_few_queries_for_each_scenario(
    versions: list[ScenarioVersion], django_assert_max_num_queries: Callable[..., object]
) -> None:
    """Whatever the number of trainees: what grows with it are the tickets that are stored."""
    cohort, people = _class(8)
    with django_assert_max_num_queries(40 + 5 * len(versions) + len(people) * len(versions)):  # type: ignore[attr-defined]
        _mixed(cohort, versions)
