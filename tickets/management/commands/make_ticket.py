"""`manage.py make_ticket`: a capture of one's own becomes a scenario, its verdict, and a cohort's tickets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError, transaction
from django.urls import reverse

from tickets.actions.assignments import publish_version
from tickets.engine import EvidenceFile
from tickets.models import Assignment, Cohort, Severity, Ticket, User, Variant
from tickets.reports.derivations import Conclusion, Derivation, read_derivation
from tickets.reports.spelling import on_one_line
from tickets.tasks.uploads import Handed, UploadError, author

MIB = 1024 * 1024
# Evidence lies in the database, whole. `analyze` reads a file of any size.
MAX_FILE_BYTES = 100 * MIB


class Command(BaseCommand):
    help = (
        "Make a ticket of captures and logs. The alert and its rule are given, or taken from an EVE file "
        "among the files."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="CAPTURE", help="captures and logs")
        parser.add_argument(
            "--alert", default="", help='as printed: "tcp 203.0.113.80:80 -> 10.20.30.40:3932"'
        )
        parser.add_argument(
            "--rule", type=Path, metavar="FILE", help="the one rule that fired, Suricata's language"
        )
        parser.add_argument("--context", type=Path, metavar="FILE", help="what the author states (YAML)")
        parser.add_argument("--cohort", required=True, metavar="NAME", help="whose trainees get a ticket")
        parser.add_argument("--title", default="", help="what trainees see in their queue")
        parser.add_argument("--statement", default="", help="what trainees are told at the start")
        parser.add_argument("--severity", default="medium", choices=Severity.values)
        parser.add_argument("--sensor", default="", help="where the alert comes from, in words")
        parser.add_argument(
            "--owner", default="", metavar="USERNAME", help="the instructor whose scenario it is"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        cohort = _find_cohort(options["cohort"])
        owner = _find_owner(options["owner"])
        handed = Handed(
            title=options["title"] or "An alert to judge",
            files=tuple(_read_file(path) for path in _different(options["files"])),
            alert_line=options["alert"],
            rule_text=_read_text(options["rule"]),
            context_text=_read_text(options["context"]),
            severity=options["severity"],
            sensor=options["sensor"],
            statement=options["statement"],
        )
        try:
            with transaction.atomic():
                variant = author(handed, owner)
                assignment = publish_version(variant.version, cohort)
        except UploadError as error:
            raise CommandError("\n".join(error.problems)) from error
        self._tell_verdict(variant)
        self._tell_tickets(assignment)

    def _tell_verdict(self, variant: Variant) -> None:
        derivation = read_derivation(variant)
        assert derivation is not None
        self.stdout.write(on_one_line(f"{variant.version.title}: {variant.alert_line}"))
        self.stdout.write(f"conversation: {derivation.conversation}\n\n")
        for conclusion in derivation.conclusions:
            self._tell_conclusion(conclusion)
        self._tell_unmarked(derivation)
        for file in variant.bundle.files.exclude(problems=[]):
            for problem in file.problems:
                self.stdout.write(on_one_line(f"not read: {file.name}: {problem}"))

    def _tell_conclusion(self, conclusion: Conclusion) -> None:
        self.stdout.write(on_one_line(f"{conclusion.label}: {conclusion.value}"))
        for proof in conclusion.proofs:
            against = "" if proof.supports else "Against it: "
            records = f" [{', '.join(proof.records)}]" if proof.records else ""
            self.stdout.write(on_one_line(f"  {against}{proof.sentence}{records} {proof.confidence}"))

    def _tell_unmarked(self, derivation: Derivation) -> None:
        self.stdout.write("")
        for conclusion in derivation.unmarked:
            self.stdout.write(
                on_one_line(f"not graded: {conclusion.label.lower()}. {conclusion.why_unmarked}")
            )
        if not derivation.unmarked:
            self.stdout.write("Every field is settled and will be graded.")
        self.stdout.write("")

    def _tell_tickets(self, assignment: Assignment) -> None:
        tickets = Ticket.objects.filter(item__assignment=assignment).select_related("trainee")
        for ticket in tickets:
            self.stdout.write(
                f"ticket {ticket.code} for {ticket.trainee.username}: {reverse('desk', args=[ticket.pk])}"
            )
        if not tickets:
            self.stdout.write(f"{assignment.cohort} has no trainees yet; who joins is given the ticket.")


def _find_cohort(name: str) -> Cohort:
    try:
        cohort = Cohort.objects.filter(name=name).first()
    except (OperationalError, ProgrammingError) as error:
        raise CommandError(
            "The database is not set up: run `make demo` once, or `manage.py migrate`."
        ) from error
    if cohort is None:
        known = ", ".join(Cohort.objects.values_list("name", flat=True)) or "none yet"
        raise CommandError(f"There is no cohort {name!r}. Cohorts: {known}.")
    return cohort


def _find_owner(username: str) -> User | None:
    if not username:
        return None
    user = User.objects.filter(username=username).first()
    if user is None or not user.is_instructor:
        raise CommandError(f"There is no instructor {username!r}.")
    return user


def _different(paths: list[Path]) -> list[Path]:
    """Each file once, however often it was named."""
    return list(dict.fromkeys(paths))


def _read_file(path: Path) -> EvidenceFile:
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise CommandError(
                f"{path}: {size // MIB} MiB; a ticket's file may hold {MAX_FILE_BYTES // MIB} MiB, for it is kept in "
                "the database. `manage.py analyze` reads any size; cut the capture to the alert's addresses."
            )
        return EvidenceFile(name=path.name, data=path.read_bytes())
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.") from error


def _read_text(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{path}: byte {error.start + 1} is not UTF-8 text.") from error
