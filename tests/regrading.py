"""Work that was graded by an engine which was wrong, so that there is something to regrade.

The old engine, 0.9.0, closed T001 as benign (BN2). The one that runs says false positive (FP1), so whoever
answered rightly gains by a regrading, and whoever agreed with the old engine loses.
"""

from __future__ import annotations

import json
from typing import Any

from tests import factories as make
from tickets.actions.regradings import approve_regrading, bring_on_here, draft_for_engine
from tickets.engine import ENGINE_VERSION, verdict_to_plain
from tickets.models import Grade, GradeJob, Regrading, RegradingLine, Submission, Ticket, Variant, hash_json
from tickets.models.truth import VariantVerdict
from tickets.tasks.grading import record_grade
from tickets.tasks.jobs import drain
from tickets.tasks.verdicts import judge_variant

OLD_ENGINE = "0.9.0"
REASON = "Engine 2 looks at who opened the connection before it closes a ticket."
AGREES_WITH_OLD: dict[str, Any] = {"disposition": "benign", "reason_code": "BN2"}


def grade_with_old_engine(*submissions: Submission) -> None:
    """Grade for real, with the verdict that the old engine would have given."""
    for variant in Variant.objects.filter(tickets__submission__in=submissions).distinct():
        judge_as_the_old_engine_did(variant)
    drain(GradeJob, record_grade, budget_s=600)
    Grade.objects.filter(submission__in=submissions).update(engine_version=OLD_ENGINE)
    VariantVerdict.objects.update(engine_version=OLD_ENGINE)


def judge_as_the_old_engine_did(variant: Variant) -> None:
    """Its verdict stands for that of the engine that runs, until `grade_with_old_engine` gives it its number."""
    plain = json.dumps(verdict_to_plain(judge_variant(variant)))
    wrong = json.loads(plain.replace('"false_positive"', '"benign"').replace('"FP1"', '"BN2"'))
    VariantVerdict.objects.get_or_create(
        variant=variant,
        engine_version=ENGINE_VERSION,
        defaults={"verdict": wrong, "sha256": hash_json(wrong)},
    )


def make_class() -> tuple[Ticket, Ticket]:
    """ana closed the ticket as false positive, uma as the old engine did; both are in ivo's class."""
    variant = make.make_variant()
    assignment = make.make_assignment()
    anas = make.make_ticket(assignment=assignment, variant=variant)
    umas = make.make_ticket(make.make_user("uma"), assignment=assignment, variant=variant)
    grade_with_old_engine(make.make_submission(anas), make.make_submission(umas, **AGREES_WITH_OLD))
    return anas, umas


def dry_run() -> Regrading:
    """A regrading of everything for a new engine, computed."""
    regrading = draft_for_engine(None, REASON, make.make_instructor("ivo"))
    return bring_on_here(regrading)


def apply(regrading: Regrading, *, marks_may_fall: bool = True) -> Regrading:
    approve_regrading(regrading, make.make_instructor("ivo"), marks_may_fall=marks_may_fall)
    return bring_on_here(regrading)


def line_of(regrading: Regrading, ticket: Ticket) -> RegradingLine:
    return RegradingLine.objects.get(regrading=regrading, ticket=ticket)


def shown_grade(ticket: Ticket) -> Grade:
    return Grade.objects.get(submission__ticket=ticket, is_current=True)
