"""The scenario file of a version, for those who may set it."""

from __future__ import annotations

import io
import zipfile
from typing import NamedTuple

from tickets.models import ScenarioVersion
from tickets.models.truth import ScenarioKey
from tickets.tasks.evidence import load_files


class Exported(NamedTuple):
    """A scenario file, or an archive of it and the evidence beside it."""

    data: bytes
    is_archive: bool


def read_source(version: ScenarioVersion) -> str:
    """The file as it was imported, byte for byte; "" for a version that was made of an upload."""
    key = ScenarioKey.objects.filter(version=version).first()
    return key.source if key else ""


def export_pack(version: ScenarioVersion, name: str) -> Exported | None:
    """The file under this name with what was imported beside it; None for a version that was made of an upload."""
    source = read_source(version).encode()
    if not source:
        return None
    key = ScenarioKey.objects.get(version=version)
    variant = None if key.story else version.variants.select_related("bundle").first()
    if variant is None:
        return Exported(source, is_archive=False)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as entries:
        for file, data in [(name, source), *((each.name, each.data) for each in load_files(variant.bundle))]:
            # Without a time of its own, so that the same version gives the same archive.
            entries.writestr(zipfile.ZipInfo(file), data, zipfile.ZIP_DEFLATED)
    return Exported(archive.getvalue(), is_archive=True)
