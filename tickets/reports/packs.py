"""The scenario file of a version, for those who may set it."""

from __future__ import annotations

from tickets.models import ScenarioVersion
from tickets.models.truth import ScenarioKey


def read_source(version: ScenarioVersion) -> str:
    """The file as it was imported, byte for byte; "" for a version that was made of an upload."""
    key = ScenarioKey.objects.filter(version=version).first()
    return key.source if key else ""
