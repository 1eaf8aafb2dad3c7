"""Applying a regrading: one transaction in which all its lines come to count, or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from tickets.engine import ENGINE_VERSION
from tickets.models import (
    AuditRecord,
    Grade,
    Notice,
    Regrading,
    RegradingJob,
    RegradingLine,
    Submission,
    Ticket,
    Variant,
)
from tickets.tasks.jobs import finish
from tickets.tasks.regrading import drop_lines, lacking_tickets, tickets_in_scope
from tickets.tasks.wakeup import wake_relay

Change = RegradingLine.Change


def apply_regrading(job: RegradingJob) -> None:
    """Make an approved regrading count. If what it was computed from has changed, it is computed again instead,
    and needs a new approval."""
    with transaction.atomic():
        finish(job)
        regrading = Regrading.objects.select_for_update(of=("self",)).get(pk=job.regrading_id)
        if regrading.state != Regrading.State.APPROVED:
            return
        _hold_work(regrading)
        outdated = why_outdated(regrading)
        if outdated:
            compute_again(regrading, outdated)
        else:
            _apply(regrading, timezone.now())


def why_outdated(regrading: Regrading) -> str:
    """What has changed since the dry run, in a sentence; "" if it still holds."""
    if regrading.engine_version != ENGINE_VERSION:
        return f"It was computed by engine {regrading.engine_version}, and {ENGINE_VERSION} runs now."
    lines = RegradingLine.objects.filter(regrading=regrading)
    current = Grade.objects.filter(is_current=True, submission__ticket=OuterRef("ticket"))
    is_as_it_was = Q(before__is_current=True) | (Q(before=None) & ~Exists(current))
    if moved := lines.exclude(is_as_it_was).count():
        return f"The marks of {moved} {'ticket' if moved == 1 else 'tickets'} changed since it was computed."
    if lines.exclude(ticket__in=tickets_in_scope(regrading)).exists():
        return "Tickets were withdrawn since it was computed."
    met = Ticket.objects.filter(trainee=OuterRef("ticket__trainee"), variant=OuterRef("replacement"))
    if lines.filter(Exists(met), replacement__isnull=False).exists():
        return "A ticket that was to be given in place of another was given meanwhile."
    lacking = lacking_tickets(regrading)
    if regrading.cause == Regrading.Cause.ENGINE:
        # What was graded since then, by this engine, needs no grading anew.
        by_it = Grade.objects.filter(is_current=True, engine_version=regrading.engine_version)
        lacking = lacking.exclude(submission__in=by_it.values("submission"))
    return "More work was graded since it was computed." if lacking.exists() else ""


def compute_again(regrading: Regrading, why: str = "") -> None:
    """Back to the start, with a job that computes it anew. Call it in a transaction."""
    drop_lines(regrading)
    Regrading.objects.filter(pk=regrading.pk).update(
        state=Regrading.State.DRAFTED,
        outdated=why,
        engine_version=ENGINE_VERSION,
        computed_at=None,
        approved_at=None,
        approved_by=None,
        marks_may_fall=False,
    )
    RegradingJob.objects.get_or_create(regrading=regrading, state=RegradingJob.State.PENDING)
    AuditRecord.objects.record("regrading.drafted_again", regrading, why=why)
    wake_relay()


def _hold_work(regrading: Regrading) -> None:
    """Let work in scope wait for us, and wait for grades that are just being written.

    On PostgreSQL a new submission takes a share of its ticket's row, a new grade one of its submission's.
    """
    scope = tickets_in_scope(regrading).values("pk")
    list(Ticket.objects.filter(pk__in=scope).order_by("pk").select_for_update().values_list("pk"))
    list(Submission.objects.filter(ticket__in=scope).order_by("pk").select_for_update().values_list("pk"))


def _apply(regrading: Regrading, now: datetime) -> None:
    lines = list(
        RegradingLine.objects.filter(regrading=regrading).select_related(
            "ticket__item", "ticket__submission", "ticket__replaces", "before", "after", "replacement"
        )
    )
    regraded = RegradingLine.objects.filter(regrading=regrading, after__isnull=False)
    Grade.objects.filter(pk__in=regraded.values("before")).update(is_current=False)
    Grade.objects.filter(pk__in=regraded.values("after")).update(is_current=True)
    instead = _exclude(
        regrading, [line for line in lines if line.change in (Change.EXCLUDED, Change.REPLACED)], now
    )
    if regrading.variant_id is not None:
        Variant.objects.filter(pk=regrading.variant_id).update(
            state=Variant.State.BROKEN, broken_reason=regrading.reason
        )
    Notice.objects.bulk_create(
        _notice(regrading, line, instead.get(line)) for line in lines if _is_told(line)
    )
    AuditRecord.objects.bulk_create([_audit(regrading, line, instead.get(line)) for line in lines])
    Regrading.objects.filter(pk=regrading.pk).update(
        state=Regrading.State.APPLIED, applied_at=now, outdated=""
    )
    AuditRecord.objects.record(
        "regrading.applied", regrading, actor=regrading.approved_by, tickets=len(lines), **_counts(lines)
    )


def _exclude(
    regrading: Regrading, lines: Sequence[RegradingLine], now: datetime
) -> dict[RegradingLine, Ticket]:
    """Take tickets out of the reckoning. Returns those that were given in their place."""
    excluded = Ticket.objects.filter(pk__in=[line.ticket_id for line in lines])
    excluded.update(excluded_at=now, excluded_because=regrading.reason)
    given = {}
    for line in lines:
        if line.replacement is not None:
            old = line.ticket
            last = Ticket.objects.filter(item=old.item, trainee=old.trainee_id).aggregate(n=Max("attempt"))
            given[line] = Ticket.objects.create(
                item=old.item,
                trainee_id=old.trainee_id,
                variant=line.replacement,
                position=old.position,
                attempt=last["n"] + 1,
                replaces=old.replaces or old,
            )
    return given


# -- What is told ---------------------------------------------------------------------------------


def _is_told(line: RegradingLine) -> bool:
    """Nobody is told of a regrading that changed nothing of theirs."""
    return line.change != Change.UNCHANGED


def _notice(regrading: Regrading, line: RegradingLine, instead: Ticket | None) -> Notice:
    if line.change == Change.REPLACED and instead is not None:
        kind = Notice.Kind.REPLACED
        told = f"This ticket does not count any more. You have {instead.code} in its place."
    elif line.change == Change.EXCLUDED:
        kind, told = Notice.Kind.EXCLUDED, "This ticket does not count any more."
    else:
        kind, told = Notice.Kind.REGRADED, _marks_told(line)
    return Notice(ticket=line.ticket, kind=kind, text=f"{regrading.reason} {told}")


def _marks_told(line: RegradingLine) -> str:
    assert line.before is not None  # only what was graded is regraded
    assert line.after is not None
    before, after = _marks(line.before), _marks(line.after)
    if line.change == Change.SAME_MARKS:
        return f"Your marks stay {after}; what was expected has changed."
    return f"Your marks {'fell' if line.change == Change.FALLS else 'rose'} from {before} to {after}."


def _marks(grade: Grade) -> str:
    return f"{_number(grade.points)} of {_number(grade.max_points)}"


def _number(points: Decimal) -> str:
    return f"{points:.2f}".rstrip("0").rstrip(".")


def _audit(regrading: Regrading, line: RegradingLine, instead: Ticket | None) -> AuditRecord:
    name, actor = str(regrading.pk), regrading.approved_by
    if line.before is not None and line.after is not None:
        return AuditRecord.objects.prepare(
            "grade.regraded",
            line.after,
            actor=actor,
            regrading=name,
            change=line.change,
            before=line.before.sha256,
            after=line.after.sha256,
        )
    data = {"replacement": str(instead.pk)} if instead is not None else {}
    return AuditRecord.objects.prepare("ticket.excluded", line.ticket, actor=actor, regrading=name, **data)


def _counts(lines: Sequence[RegradingLine]) -> dict[str, int]:
    changes = [line.change for line in lines]
    return {str(change): changes.count(change) for change in Change if change in changes}
