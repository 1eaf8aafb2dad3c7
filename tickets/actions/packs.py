"""A scenario file comes in, with the evidence beside it where no story makes it: reviewed, judged, and stored or refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.db import transaction

from tickets.actions.scenarios import install_scenario
from tickets.engine import EngineError, EvidenceFile, Verdict
from tickets.models import AuditRecord, Scenario, ScenarioVersion, User
from tickets.packs import Flaw, Mistake, line_of, read_scenario, review_packs
from tickets.packs import Scenario as Pack
from tickets.quality import tell_unexpected
from tickets.tasks.scenarios import store_evidence
from tickets.tasks.uploads import UploadError, judge, read_alert_line, read_rule


class PackRefusedError(Exception):
    """A scenario file that is not taken, with all that is wrong with it."""

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        self.flaws = flaws
        super().__init__("\n".join(map(str, flaws)))


def catalogue_lessons() -> dict[str, str]:
    """The families of the catalogue, and the lesson that each belongs to."""
    path = Path(settings.BASE_DIR) / "fixtures" / "scenario_catalogue.json"
    return {row["id"]: row["lesson"] for row in json.loads(path.read_text(encoding="utf-8"))}


def import_pack(name: str, text: str, by: User, files: Sequence[EvidenceFile] = ()) -> ScenarioVersion:
    """The version that this scenario file says; where nothing changed none is added. What a superuser imports is
    shared, what an instructor imports is his or her own. PackRefusedError tells all mistakes, and nothing is stored."""
    owner = None if by.is_superuser else by
    others = set(Scenario.objects.exclude(owner=owner).values_list("slug", flat=True))
    beside = {name: {file.name for file in files}}
    if flaws := review_packs({name: text}, catalogue_lessons(), others, beside):
        raise PackRefusedError(flaws)
    with transaction.atomic():
        version = install_pack(name, read_scenario(text), files, owner)
        AuditRecord.objects.record("scenario.imported", version, actor=by, sha256=version.content_sha256)
    return version


def install_pack(
    name: str, pack: Pack, files: Sequence[EvidenceFile], owner: User | None = None
) -> ScenarioVersion:
    """The version with, where no story plays, its one variant. PackRefusedError where the engine sees in the evidence
    something else than the author expects."""
    named = [file for wanted in pack.evidence for file in files if file.name == wanted]
    if not named:
        return install_scenario(pack, owner)
    verdict = _judge(name, pack, named)
    with transaction.atomic():
        version = install_scenario(pack, owner, named)
        if not version.variants.exists():
            store_evidence(version, named, pack, verdict)
    return version


def _judge(name: str, pack: Pack, files: Sequence[EvidenceFile]) -> Verdict:
    """The engine's verdict, if it is what the author expects."""
    try:
        alert = read_alert_line(pack.alert) if pack.alert else None
        verdict, _ = judge(files, alert, read_rule(pack.rule), pack.context)
        unexpected = [
            Flaw(name, Mistake(line_of(pack.source, "expected"), "expected", f"The {problem}."))
            for problem in tell_unexpected(pack.expected, verdict)
        ]
        if unexpected:
            raise PackRefusedError(unexpected)
    except (EngineError, UploadError) as error:
        line = line_of(pack.source, "evidence")
        raise PackRefusedError([Flaw(name, Mistake(line, "evidence", str(error)))]) from error
    return verdict
