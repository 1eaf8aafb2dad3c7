"""What a person does with a regrading: ask for one, approve it, give it up. The work between is done by jobs."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from tickets.engine import ENGINE_VERSION
from tickets.models import (
    AuditRecord,
    Cohort,
    Regrading,
    RegradingJob,
    RegradingLine,
    Scenario,
    ScenarioVersion,
    User,
    Variant,
)
from tickets.tasks import bring_on
from tickets.tasks.applying import compute_again, why_outdated
from tickets.tasks.errata import correctable_versions
from tickets.tasks.jobs import attempt, claim_one
from tickets.tasks.variants import can_generate
from tickets.tasks.wakeup import wake_relay

State = Regrading.State


class RegradingError(Exception):
    """Why a regrading was not drafted, approved or given up, in one sentence for whoever asked."""


class MarksWouldFallError(RegradingError):
    """Marks would fall, and nobody has said that they may."""


# -- Asking for one -------------------------------------------------------------------------------


def draft_for_engine(
    scenario: Scenario | None, reason: str, by: User | None, cohorts: Iterable[Cohort] | None = None
) -> Regrading:
    """Grade anew with the engine that runs: the work of a scenario, or all of it."""
    return _draft(reason, by, cohorts, cause=Regrading.Cause.ENGINE, scenario=scenario)


def draft_for_erratum(
    erratum: ScenarioVersion, reason: str, by: User | None, cohorts: Iterable[Cohort] | None = None
) -> Regrading:
    """Grade the work on earlier versions of a scenario by the key of a later one."""
    corrected = correctable_versions(erratum)
    if not corrected:
        raise RegradingError(
            gettext(
                "%(erratum)s corrects no earlier version: story and rule must be those that trainees were shown."
            )
            % {"erratum": erratum}
        )
    with transaction.atomic():
        regrading = _draft(
            reason, by, cohorts, cause=Regrading.Cause.ERRATUM, scenario=erratum.scenario, erratum=erratum
        )
        regrading.corrects.set(corrected)
    return regrading


def draft_for_broken(
    variant: Variant, remedy: str, reason: str, by: User | None, cohorts: Iterable[Cohort] | None = None
) -> Regrading:
    """Deal with tickets whose evidence turned out to be broken."""
    if remedy not in Regrading.Remedy.values:
        raise RegradingError(gettext("Choose what becomes of the tickets."))
    if remedy == Regrading.Remedy.REPLACE and not _has_other_evidence(variant):
        raise RegradingError(gettext("There is no other evidence of this scenario to give in its place."))
    return _draft(
        reason,
        by,
        cohorts,
        cause=Regrading.Cause.BROKEN,
        scenario=variant.version.scenario,
        variant=variant,
        remedy=remedy,
    )


def _has_other_evidence(variant: Variant) -> bool:
    others = variant.version.variants.filter(state=Variant.State.PASSED).exclude(pk=variant.pk)
    return can_generate(variant.version) or others.exists()


def _draft(reason: str, by: User | None, cohorts: Iterable[Cohort] | None, **fields: object) -> Regrading:
    reason = " ".join(reason.split())
    if not reason:
        raise RegradingError(gettext("Say why: the trainees concerned are told."))
    allowed = Cohort.objects.all() if by is None else Cohort.objects.taught_by(by)
    chosen = allowed if cohorts is None else allowed.filter(pk__in=[cohort.pk for cohort in cohorts])
    if not chosen.exists():
        raise RegradingError(gettext("No class is concerned."))
    with transaction.atomic():
        regrading = Regrading.objects.create(
            reason=reason, requested_by=by, engine_version=ENGINE_VERSION, **fields
        )
        regrading.cohorts.set(chosen)
        RegradingJob.objects.create(regrading=regrading)
        AuditRecord.objects.record("regrading.drafted", regrading, actor=by, cause=regrading.cause)
        wake_relay()
    return regrading


# -- Deciding -------------------------------------------------------------------------------------


def approve_regrading(regrading: Regrading, by: User | None, *, marks_may_fall: bool) -> Regrading:
    """Let a computed regrading be applied, as a whole. A job applies it.

    Raises MarksWouldFallError without an explicit word that marks may fall, where some would; RegradingError
    for one that is not computed, of which a ticket failed, or that no longer holds (then it is computed again).
    """
    with transaction.atomic():
        regrading = Regrading.objects.select_for_update(of=("self",)).get(pk=regrading.pk)
        _require_approvable(regrading, marks_may_fall=marks_may_fall)
        outdated = why_outdated(regrading)
        if outdated:
            compute_again(regrading, outdated)
        else:
            _approve(regrading, by, marks_may_fall=marks_may_fall)
    if outdated:
        raise RegradingError(gettext("%(outdated)s It is being computed again.") % {"outdated": outdated})
    return regrading


def _require_approvable(regrading: Regrading, *, marks_may_fall: bool) -> None:
    lines = RegradingLine.objects.filter(regrading=regrading)
    if regrading.state != State.COMPUTED:
        raise RegradingError(
            gettext("This regrading is %(state)s: there is nothing to approve.")
            % {"state": regrading.get_state_display()}
        )
    failed = lines.filter(change=RegradingLine.Change.FAILED).count()
    if failed:
        raise RegradingError(
            gettext(
                "%(failed)s of %(total)s tickets could not be graded, and it is all or nothing. Where evidence is broken, deal with that first."
            )
            % {"failed": failed, "total": lines.count()}
        )
    falls = lines.filter(is_fall=True).count()
    if falls and not marks_may_fall:
        raise MarksWouldFallError(
            gettext("The marks of %(falls)s of %(total)s would fall. Say that they may.")
            % {"falls": falls, "total": lines.count()}
        )


def _approve(regrading: Regrading, by: User | None, *, marks_may_fall: bool) -> None:
    regrading.state = State.APPROVED
    regrading.approved_by, regrading.approved_at = by, timezone.now()
    regrading.marks_may_fall = marks_may_fall
    regrading.save(update_fields=["state", "approved_by", "approved_at", "marks_may_fall"])
    RegradingJob.objects.get_or_create(regrading=regrading, state=RegradingJob.State.PENDING)
    AuditRecord.objects.record("regrading.approved", regrading, actor=by, marks_may_fall=marks_may_fall)
    wake_relay()


def abandon_regrading(regrading: Regrading, by: User | None) -> None:
    """Give up one that is not approved. What it computed stays to be read and never counts."""
    with transaction.atomic():
        open_ = Regrading.objects.filter(pk=regrading.pk, state__in=[State.DRAFTED, State.COMPUTED])
        if not open_.update(state=State.ABANDONED, abandoned_at=timezone.now()):
            raise RegradingError(gettext("What was approved cannot be given up."))
        AuditRecord.objects.record("regrading.abandoned", regrading, actor=by)


# -- Without workers ------------------------------------------------------------------------------


def bring_on_here(regrading: Regrading) -> Regrading:
    """Do the regrading's jobs in this process until none is left, as the command line does."""
    while job := claim_one(RegradingJob.objects.filter(regrading=regrading)):
        attempt(job, bring_on)
    regrading.refresh_from_db()
    return regrading
