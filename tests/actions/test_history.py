"""Which drafts are kept: one a minute while somebody goes on writing, and always what a save takes away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import factories as make
from tickets.actions.history import characters_gone
from tickets.actions.worksheets import open_ticket, save_worksheet
from tickets.models import DraftVersion, Ticket

LONG = "The workstation sent the SYN, so the alert is reversed."


@pytest.fixture
def ticket(db: None) -> Ticket:
    ticket = make.make_ticket()
    open_ticket(ticket, make.NOON)
    return ticket


def save(ticket: Ticket, *texts: str, every_s: int = 5) -> list[tuple[int, str]]:
    """Save these reasons one after the other; the kept versions with their reasons, the oldest first."""
    for number, text in enumerate(texts):
        now = make.NOON + timedelta(seconds=every_s * number)
        save_worksheet(ticket, version=number, answers={"reason": text}, now=now)
    kept = DraftVersion.objects.filter(worksheet__ticket=ticket).order_by("version")
    return [(draft.version, draft.answers["reason"]) for draft in kept]


def test_who_goes_on_writing_leaves_one_version_a_minute(ticket: Ticket) -> None:
    texts = [LONG[: 2 + number] for number in range(25)]
    assert save(ticket, *texts) == [(12, texts[11]), (24, texts[23]), (25, texts[24])]


def test_what_a_save_takes_away_is_kept(ticket: Ticket) -> None:
    assert save(ticket, LONG, "", "Anew.") == [(1, LONG), (3, "Anew.")]


def test_what_is_overwritten_by_something_as_long_is_kept(ticket: Ticket) -> None:
    assert [reason for _, reason in save(ticket, LONG, LONG.swapcase())] == [LONG, LONG.swapcase()]


def test_a_mistyped_word_is_none(ticket: Ticket) -> None:
    assert save(ticket, f"{LONG} It wsa", LONG, f"{LONG} It was.") == [(3, f"{LONG} It was.")]


def test_a_fact_or_a_pin_that_goes_is_kept(ticket: Ticket) -> None:
    drafts: list[dict[str, object]] = [
        {"outcome": "refused"},
        {"outcome": "rejected"},
        {"evidence": ["capture.pcap:1"]},
        {},
    ]
    for number, given in enumerate(drafts):
        save_worksheet(ticket, version=number, answers=given, now=make.NOON)
    kept = DraftVersion.objects.filter(worksheet__ticket=ticket).order_by("version")
    assert [(draft.answers["outcome"], draft.answers["evidence"]) for draft in kept] == [
        ("refused", []),
        ("rejected", []),
        ("", ["capture.pcap:1"]),
        ("", []),
    ]


@pytest.mark.parametrize(
    ("before", "after", "gone"),
    [
        ("", "abc", 0),
        ("abc", "abc", 0),
        ("abc", "", 3),
        ("abcdef", "abXef", 2),
        ("aaa", "aa", 1),
        ("ab", "ba", 2),
    ],
)
def test_what_is_gone_lies_between_what_both_share(before: str, after: str, gone: int) -> None:
    assert characters_gone(before, after) == gone
