"""What a worksheet says twice and not alike: a text beside the trainee's own fields. Nothing of the truth."""

from __future__ import annotations

from collections.abc import Mapping

from tickets.grading import check_texts, read_answers
from tickets.methodology import STEP_NAMES
from tickets.models import EvidenceRecord, Ticket


def read_text_checks(ticket: Ticket, answers: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """Sentences for "please check", by step; the steps with none are left out."""
    if not any(answers.get(step) for step in STEP_NAMES):
        return {}
    variant = ticket.variant
    notes = EvidenceRecord.objects.filter(bundle=variant.bundle_id, kind="context").values_list(
        "raw", flat=True
    )
    version = variant.version
    return check_texts(
        read_answers(answers)[0],
        claim=f"{variant.alert_src_ip}>{variant.alert_dst_ip}",
        notes=notes,
        copied=(version.rule_text, variant.statement or version.statement, variant.alert_message),
    )
