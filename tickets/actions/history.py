"""Keeping what a draft was before.

Saves that only go on writing share a row for a minute, so that an hour of autosaves are sixty rows and not a thousand.
A save that takes text away begins a new one: what was deleted, or overwritten by an older draft, can be read again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tickets.models import ANSWER_FIELDS, TEXT_FIELDS, DraftVersion, Worksheet

SHARED_FOR = timedelta(minutes=1)
# A few characters gone are a mistyped word.
MAY_GO = 20


def keep_draft(saved: Worksheet) -> None:
    """Keep this draft as it was just saved."""
    assert saved.saved_at is not None
    answers = saved.answers()
    last = DraftVersion.objects.filter(worksheet=saved).order_by("-version").first()
    if last and saved.saved_at - last.began_at < SHARED_FOR and not takes_away(last.answers, answers):
        mine = DraftVersion.objects.filter(pk=last.pk, version=last.version)
        if mine.update(version=saved.version, answers=answers, saved_at=saved.saved_at):
            return
    DraftVersion.objects.get_or_create(
        worksheet=saved,
        version=saved.version,
        defaults={"answers": answers, "began_at": saved.saved_at, "saved_at": saved.saved_at},
    )


def takes_away(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Is more gone than a mistyped word: much of a text, a fact, or a record or action that was chosen?"""
    texts = ((str(before.get(name) or ""), str(after.get(name) or "")) for name in TEXT_FIELDS)
    facts = ((str(before.get(name) or ""), str(after.get(name) or "")) for name in ANSWER_FIELDS)
    return (
        any(characters_gone(old, new) > min(MAY_GO, len(old) // 2) for old, new in texts)
        or any(not new.startswith(old) for old, new in facts)
        or any(set(before.get(name) or ()) - set(after.get(name) or ()) for name in ("evidence", "actions"))
    )


def characters_gone(before: str, after: str) -> int:
    """How many characters of `before` lie between the beginning and the end that both share."""
    if after.startswith(before):
        return 0
    shortest = min(len(before), len(after))
    head = next((at for at in range(shortest) if before[at] != after[at]), shortest)
    rest = shortest - head
    tail = next((at for at in range(rest) if before[-1 - at] != after[-1 - at]), rest)
    return len(before) - head - tail
