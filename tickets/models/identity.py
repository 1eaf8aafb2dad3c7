"""What every row has: an id that may stand in a URL because it says nothing."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from enum import StrEnum

from django.db import models
from django_stubs_ext import StrOrPromise


class Identified(models.Model):
    """A row with a random UUID as its primary key: no URL, admin page or export shows a count."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


def choices_of(
    values: type[StrEnum], labels: Mapping[str, StrOrPromise] | None = None
) -> list[tuple[str, StrOrPromise]]:
    """The members of a closed set as Django choices; a label is the value in words unless one is given."""
    labels = labels or {}
    return [(value.value, labels.get(value.value, value.value.replace("_", " "))) for value in values]


def one_of(field: str, values: Iterable[str], *, name: str, or_blank: bool = False) -> models.CheckConstraint:
    """The database's own word that a column holds a member of a closed set."""
    allowed = [str(value) for value in values]
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__in": [*allowed, ""] if or_blank else allowed}), name=name
    )
