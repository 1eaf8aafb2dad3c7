"""What the quality checks of a variant found, for the instructors who may set its scenario."""

from __future__ import annotations

from tickets.models import Variant
from tickets.models.truth import VariantReport
from tickets.quality import Report, report_from_plain


def read_quality(variant: Variant) -> Report | None:
    """The stored report; None for an upload, which nobody played."""
    row = VariantReport.objects.filter(variant=variant).first()
    return None if row is None else report_from_plain(row.report)
