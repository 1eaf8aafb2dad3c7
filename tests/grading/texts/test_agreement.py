"""How far the reader agrees with the labels, on the texts it was made with and on those kept aside."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.grading.texts.labelled import (
    NAMES,
    SIDES,
    STATEMENTS,
    Row,
    checks_of,
    facts_of,
    load,
    read,
    rows,
    said,
)
from tickets.grading.texts import FIGURES
from tickets.grading.texts.quality import KEPT_ASIDE, LABELLED_TEXTS
from tickets.methodology import STEP_NAMES

ASIDE = tuple(row for row in rows() if row.is_kept_aside)
WORKED_WITH = tuple(row for row in rows() if not row.is_kept_aside)
NO_STATEMENT = {"stuffed", "pasted", "copied"}


def test_the_set_is_large_and_holds_every_step_ticket_and_kind_of_writer() -> None:
    assert len(rows()) == LABELLED_TEXTS >= 200
    assert len(ASIDE) == KEPT_ASIDE >= 66
    assert {row.step for row in rows()} == set(STEP_NAMES)
    assert len({row.ticket for row in rows()}) == len(load()[0]) >= 12
    writers = Counter(row.writer for row in rows())
    kinds = "good terse rambling wrong-direction contradictory hedged negated stuffed pasted misspelled non-native".split()
    assert all(writers[kind] >= 2 for kind in kinds)


def test_on_the_texts_kept_aside_what_is_read_is_what_was_said(capsys: pytest.CaptureFixture[str]) -> None:
    facts, checks = facts_of(ASIDE), checks_of(ASIDE)
    with capsys.disabled():
        print(f"\nfree text, kept aside ({len(ASIDE)} texts): facts {facts}; contradictions {checks}")
        print(f"free text, worked with ({len(WORKED_WITH)} texts): facts {facts_of(WORKED_WITH)}")
    assert facts.precision >= 0.95
    assert facts.recall >= 0.93
    assert checks.precision >= 0.95
    assert checks.recall >= 0.9


def test_on_the_texts_worked_with_too() -> None:
    facts, checks = facts_of(WORKED_WITH), checks_of(WORKED_WITH)
    assert facts.precision >= 0.98
    assert facts.recall >= 0.98
    assert checks.precision >= 0.95
    assert checks.recall >= 0.95


def test_the_figures_shown_to_instructors_are_those_measured() -> None:
    measured = [
        *(facts_of(ASIDE, kinds) for kinds in (SIDES | NAMES | STATEMENTS, SIDES, NAMES, STATEMENTS)),
        checks_of(ASIDE),
    ]
    shown = [(figures.right, figures.wrong, figures.missed) for figures in FIGURES]
    assert shown == [(found.found, found.wrong, found.missed) for found in measured]
    assert FIGURES[0].precision == pytest.approx(measured[0].precision)
    assert FIGURES[0].recall == pytest.approx(measured[0].recall)


@pytest.mark.parametrize(
    "row", [row for row in rows() if row.writer in NO_STATEMENT], ids=lambda row: f"{row.number}-{row.writer}"
)
def test_a_list_of_keywords_a_pasted_log_and_a_copied_rule_say_nothing(row: Row) -> None:
    assert said(read(row)) == frozenset()
    assert read(row).passages


def test_simple_english_costs_no_more_than_good_english() -> None:
    simple = [row for row in rows() if row.writer in {"non-native", "misspelled", "lower-case"}]
    assert len(simple) >= 35
    assert facts_of(simple).recall >= 0.95
    assert facts_of(simple).precision >= 0.95
