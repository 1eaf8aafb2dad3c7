"""`manage.py regenerate VARIANT...`: make a variant's evidence again and compare it with what is stored."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tickets.models import Variant
from tickets.tasks.variants import Regenerated, ScenarioError, regenerate_variant


class Command(BaseCommand):
    help = (
        "Make variants again from scenario file, seed and simulator, and compare the hashes. Writes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "variants", nargs="+", metavar="VARIANT", type=uuid.UUID, help="the variants' ids"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        differing = [variant_id for variant_id in options["variants"] if not self._compare(variant_id)]
        if differing:
            raise CommandError(
                f"{len(differing)} of {len(options['variants'])} came out otherwise.", returncode=1
            )

    def _compare(self, variant_id: uuid.UUID) -> bool:
        variant = Variant.objects.select_related("version", "bundle").filter(pk=variant_id).first()
        if variant is None:
            raise CommandError(f"There is no variant {variant_id}.")
        try:
            made = regenerate_variant(variant)
        except ScenarioError as error:
            raise CommandError(str(error)) from error
        self._tell(variant, made)
        return made.is_same

    def _tell(self, variant: Variant, made: Regenerated) -> None:
        for file in made.files:
            word = "same" if file.stored == file.again else "differs"
            self.stdout.write(f"{word:8} {file.again or '-':64} {file.name}")
        versions = f"made by simulator {made.made_by}"
        if made.made_by != made.runs:
            versions += f", and {made.runs} runs"
        self.stdout.write(f"{variant.pk}: {'the same bytes' if made.is_same else 'other bytes'}, {versions}")
