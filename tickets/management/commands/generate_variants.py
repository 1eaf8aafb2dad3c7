"""`manage.py generate_variants SCENARIO...`: more variants for a scenario's pool, now or by the workers."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tickets.models import ScenarioVersion
from tickets.tasks.variants import ScenarioError, generate_variant, request_pool


class Command(BaseCommand):
    help = "Generate variants of scenarios that a story of the simulator stands behind."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slugs", nargs="+", metavar="SCENARIO", help="the scenarios' names")
        parser.add_argument("--count", type=int, default=1, help="how many of each (1)")
        parser.add_argument(
            "--pool", type=int, metavar="SIZE", help="let the workers fill the pools up to this size instead"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for slug in options["slugs"]:
            version = _published(slug)
            if options["pool"] is not None:
                job = request_pool(version, options["pool"])
                self.stdout.write(f"{slug}: {'the workers fill the pool' if job else 'nothing is lacking'}")
                continue
            for _ in range(options["count"]):
                try:
                    variant = generate_variant(version)
                except ScenarioError as error:
                    raise CommandError(str(error)) from error
                self.stdout.write(f"{slug}: {variant.alert_line}")


def _published(slug: str) -> ScenarioVersion:
    version = (
        ScenarioVersion.objects.filter(scenario__slug=slug, state=ScenarioVersion.State.PUBLISHED)
        .order_by("-number")
        .first()
    )
    if version is None:
        raise CommandError(f"There is no published scenario {slug!r}.")
    return version
