"""`manage.py check_pack [FILE|FOLDER...]`: every mistake of scenario files, each with its line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tickets.actions.packs import catalogue_lessons
from tickets.packs import Flaw, Mistake, pack_schema, review_packs


class Command(BaseCommand):
    help = (
        "Tell all mistakes of scenario files, each with file and line: what cannot be read, words that give "
        "the answer away, families, lessons and stories that are not known, slugs and rules that come twice."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "paths",
            nargs="*",
            type=Path,
            metavar="FILE|FOLDER",
            help="scenario files, or folders of them (the shipped ones)",
        )

        parser.add_argument(
            "--schema", action="store_true", help="print docs/scenario-pack.schema.json instead"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["schema"]:
            self.stdout.write(json.dumps(pack_schema(), indent=2))
            return
        paths = list(
            dict.fromkeys(_files(options["paths"] or [settings.BASE_DIR / "fixtures" / "scenarios"]))
        )
        texts: dict[str, str] = {}
        flaws: list[Flaw] = []
        for path in paths:
            try:
                texts[str(path)] = path.read_bytes().decode()
            except (OSError, UnicodeDecodeError) as error:
                flaws.append(Flaw(str(path), Mistake(1, "", _why(error))))
        beside = {name: {path.name for path in Path(name).parent.iterdir()} for name in texts}
        flaws += review_packs(texts, catalogue_lessons(), beside=beside)
        for flaw in flaws:
            self.stdout.write(str(flaw))
        self.stdout.write(f"{len(paths)} files, {len(flaws)} mistakes")
        if flaws:
            raise CommandError(f"{len(flaws)} mistakes.", returncode=1)


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = sorted(path.glob("*.yaml"))
        if not found:
            raise CommandError(f"{path}: there is no scenario file (*.yaml) in this folder.")
        yield from found


def _why(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"Byte {error.start + 1} is not UTF-8 text."
    return f"{error.strerror}."
