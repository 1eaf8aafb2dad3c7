"""`manage.py generate_variants SLUG...`: more variants for a scenario's pool."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tickets.actions.scenarios import ScenarioError, generate_variant
from tickets.models import ScenarioVersion


class Command(BaseCommand):
    help = "Generate variants of scenarios that a story of the simulator stands behind."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slugs", nargs="+", metavar="SLUG", help="the scenarios' names")
        parser.add_argument("--count", type=int, default=1, help="how many of each (1)")

    def handle(self, *args: Any, **options: Any) -> None:
        for slug in options["slugs"]:
            version = (
                ScenarioVersion.objects.filter(scenario__slug=slug, state=ScenarioVersion.State.PUBLISHED)
                .order_by("-number")
                .first()
            )
            if version is None:
                raise CommandError(f"There is no published scenario {slug!r}.")
            for _ in range(options["count"]):
                try:
                    variant = generate_variant(version)
                except ScenarioError as error:
                    raise CommandError(str(error)) from error
                self.stdout.write(f"{slug}: {variant.alert_line}")
