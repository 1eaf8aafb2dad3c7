"""A thousand submissions are graded anew in a minute, as a dry run, each on evidence of its own.

    REGRADED=1000 pytest -s tests/tasks/test_regrading_speed.py

prints what a whole thousand takes; by default fewer are measured, and the rate is what counts."""

from __future__ import annotations

import os
import time
from itertools import cycle, islice
from random import Random
from typing import Any

import pytest

from tests import factories as make
from tickets.actions.demo import install_shipped_scenarios
from tickets.actions.regradings import bring_on_here, draft_for_engine
from tickets.engine import ENGINE_VERSION
from tickets.grading import answers_to_plain, build_key, read_accepted
from tickets.models import Assignment, Grade, GradeJob, ScenarioVersion, Ticket, Variant
from tickets.models.truth import ScenarioKey, VariantVerdict
from tickets.quality.trainees import World, write_worksheets
from tickets.tasks.grading import record_grade
from tickets.tasks.jobs import drain
from tickets.tasks.variants import generate_variant
from tickets.tasks.verdicts import current_verdict

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

COUNT = int(os.environ.get("REGRADED", "65"))
SECONDS_EACH = 60 / 1000


def hand_in(version: ScenarioVersion, assignment: Assignment, number: int, dice: Random) -> None:
    """A trainee's own variant, and a worksheet that is right in parts."""
    variant = generate_variant(version)
    item = assignment.items.filter(version=version).first() or make.make_item(assignment, version)
    trainee = make.make_user(f"trainee{number}")
    make.enroll(assignment.cohort, trainee)
    ticket = Ticket.objects.create(item=item, trainee=trainee, variant=variant)
    make.make_submission(ticket, **write(variant, dice))


def write(variant: Variant, dice: Random) -> dict[str, Any]:
    """What somebody writes who holds one of the wrong ideas that the variant gives occasion to."""
    verdict = current_verdict(variant).verdict
    accepted = read_accepted(ScenarioKey.objects.get(version=variant.version).accepted)
    held = write_worksheets(World(verdict, build_key(verdict, accepted)))
    return dict(answers_to_plain(held[dice.choice(sorted(held))]))


def test_a_dry_run_takes_less_than_a_minute_for_a_thousand_submissions(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assignment, dice = make.make_assignment(), Random(7)
    for number, version in enumerate(islice(cycle(install_shipped_scenarios()), COUNT)):
        hand_in(version, assignment, number, dice)
    drain(GradeJob, record_grade, budget_s=600)
    Grade.objects.update(engine_version="0.9.0")
    VariantVerdict.objects.all().delete()  # another engine has none yet
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    regrading = bring_on_here(draft_for_engine(None, "Another engine.", None))
    wall_s, cpu_s = time.perf_counter() - began_s, time.process_time() - began_cpu_s
    with capsys.disabled():
        print(f"\ndry run of {COUNT} submissions: {cpu_s:.1f} s of one core, {wall_s:.1f} s on the clock")
    assert regrading.state == "computed"
    assert regrading.lines.count() == COUNT
    assert not regrading.lines.filter(change="failed").exists()
    assert VariantVerdict.objects.filter(engine_version=ENGINE_VERSION).count() == COUNT
    assert cpu_s <= COUNT * SECONDS_EACH
