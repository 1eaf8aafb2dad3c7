"""`manage.py regrade SCENARIO|--all --dry-run|--apply`: grade stored work anew, or only show what would change."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tickets.actions.regradings import (
    RegradingError,
    approve_regrading,
    bring_on_here,
    draft_for_engine,
    draft_for_erratum,
)
from tickets.engine import ENGINE_VERSION
from tickets.models import Regrading, Scenario, ScenarioVersion
from tickets.reports.regradings import (
    CriterionChange,
    TicketChange,
    read_changes,
    read_regrading,
    with_criteria,
)
from tickets.reports.spelling import on_one_line


class Command(BaseCommand):
    help = (
        "Grade stored submissions anew with the engine that runs, or by a later version of their scenario. "
        "A dry run changes no mark; it stays on the page Marks, to be approved there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("scenario", nargs="?", metavar="SCENARIO", help="the slug of one scenario")
        what.add_argument("--all", action="store_true", help="all scenarios")
        how = parser.add_mutually_exclusive_group(required=True)
        how.add_argument("--dry-run", action="store_true", help="show what would change")
        how.add_argument("--apply", action="store_true", help="let it count, all of it or nothing")
        parser.add_argument(
            "--by-version", type=int, metavar="N", help="hold earlier work against the key of version N"
        )
        parser.add_argument("--marks-may-fall", action="store_true", help="apply although marks fall")
        parser.add_argument("--reason", default="", help="what the trainees concerned are told")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            regrading = bring_on_here(self._draft(options))
            self._show(regrading)
            if options["apply"]:
                self._apply(regrading, marks_may_fall=options["marks_may_fall"])
        except RegradingError as error:
            raise CommandError(str(error)) from error

    def _draft(self, options: dict[str, Any]) -> Regrading:
        scenario = None
        if not options["all"]:
            scenario = Scenario.objects.filter(slug=options["scenario"]).first()
            if scenario is None:
                raise CommandError(f"There is no scenario {options['scenario']}.")
        number = options["by_version"]
        if number is None:
            reason = options["reason"] or f"Graded anew with engine {ENGINE_VERSION}."
            return draft_for_engine(scenario, reason, None)
        if scenario is None:
            raise CommandError("--by-version needs one scenario.")
        version = ScenarioVersion.objects.filter(scenario=scenario, number=number).first()
        if version is None:
            raise CommandError(f"{scenario.slug} has no version {number}.")
        reason = options["reason"] or f"The scenario was corrected (version {number})."
        return draft_for_erratum(version, reason, None)

    def _show(self, regrading: Regrading) -> None:
        report = read_regrading(regrading)
        if regrading.state != Regrading.State.COMPUTED:
            raise CommandError(f"The dry run was not computed. {report.fault}".strip())
        changes = with_criteria(list(read_changes(regrading)))
        for change in changes:
            self._show_ticket(change)
        self.stdout.write(f"{'criterion':28} {'n':>6} {'falls':>6} {'rises':>6} {'other':>6}")
        for count in report.criteria:
            self.stdout.write(f"{count.label:28} {count.n:6} {count.falls:6} {count.rises:6} {count.other:6}")
        told = ", ".join(f"{count.count} {count.label}" for count in report.counts) or "nothing is graded yet"
        self.stdout.write(f"{report.tickets} tickets, engine {regrading.engine_version}: {told}.")
        self.stdout.write(f"regrading {regrading.pk}")

    def _show_ticket(self, change: TicketChange) -> None:
        line = change.line
        before, after = line.before, line.after
        marks = f"{before.points} of {before.max_points}" if before is not None else "-"
        if after is not None:
            marks += f" -> {after.points} of {after.max_points}"
        self.stdout.write(
            f"{line.ticket.code} {line.ticket.trainee.username}: {line.get_change_display()}, {marks}"
        )
        if line.problem:
            self.stdout.write(on_one_line(f"    {line.problem}"))
        for criterion in change.criteria:
            self.stdout.write(on_one_line(f"    {_told(criterion)}"))

    def _apply(self, regrading: Regrading, *, marks_may_fall: bool) -> None:
        approve_regrading(regrading, None, marks_may_fall=marks_may_fall)
        regrading = bring_on_here(regrading)
        if regrading.state != Regrading.State.APPLIED:
            raise CommandError(f"It was not applied. {regrading.outdated}".strip())
        self.stdout.write("Applied.")


def _told(change: CriterionChange) -> str:
    sides = [
        f"{line.points} of {line.max_points} ({line.expected or '-'})" if line is not None else "not marked"
        for line in (change.before, change.after)
    ]
    return f"{change.label}: {sides[0]} -> {sides[1]}. {change.why}"
