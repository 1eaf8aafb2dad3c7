"""The review of scenario files: every mistake at once, with words that tell and what one file cannot know of itself."""

from __future__ import annotations

import pytest

from tests.packs.test_scenario import EXAMPLE, line_of
from tickets.packs import review_packs

LESSONS = {"T001": "L1 Who started it", "T003": "L1 Who started it", "T011": "L2 Did it succeed"}


def review(**files: str) -> list[str]:
    return [str(flaw) for flaw in review_packs(files, LESSONS)]


def with_title(title: str, slug: str) -> str:
    return EXAMPLE.replace("The seed ticket", title).replace("the-seed-ticket", slug)


def test_a_file_without_mistakes_passes() -> None:
    assert review(a=EXAMPLE) == []


def test_what_cannot_be_read_and_what_tells_are_told_at_once_in_the_order_of_the_lines() -> None:
    text = (
        with_title("A reversed alert", "the-seed-ticket")
        .replace("lesson: L1 Who started it", "lesson: L2 Did it succeed")
        .replace("level: novice", "level: easy")
        .replace("story: web_return", "story: web_returns")
        .replace("contrast: [T003]", "contrast: [T03x, T033]")
        .replace("reason_code: BN2", "reason_code: FP1")
    )
    told = review(a=text)
    assert [flaw.split(": ")[1] for flaw in told] == [
        "title",
        "lesson",
        "level",
        "story",
        "contrast.1",
        "contrast.1",
        "contrast.2",
        "accepted.2.reason_code",
    ]
    assert told[0] == f"a:{line_of('title:')}: title: 'reversed' gives the answer away."
    assert told[3].endswith("The simulator has no story 'web_returns'. Is 'web_return' meant?")
    assert told[6].endswith("'T033' is no family of the catalogue. Is 'T003' meant?")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("slug: the-seed-ticket", "slug: a-false-positive", "slug: 'false-positive' gives"),
        ("title: The seed ticket", "title: An attacker at the door", "title: 'attacker' gives"),
        ("sensor: IDS tap", "sensor: Backscatter tap", "sensor: 'backscatter' gives"),
        ("{name: ids-inside", "{name: ids-victim", "network.taps.inside.name: 'victim' gives"),
        (
            "{zone: inside}\n    site",
            "{zone: inside, name: [a, fake-1]}\n    site",
            "hosts.neighbour.name.2: 'fake'",
        ),
        ("a workstation.", "a workstation that was refused.", "context.assets.1: 'refused' gives"),
        ("at the two ports", "at FP1", "hints.1: 'fp1' gives"),
        ("SCAN inbound connection", "SCAN return traffic", "rule: The message says 'return traffic'"),
    ],
)
def test_words_that_give_the_answer_away_are_told(old: str, new: str, told: str) -> None:
    assert old in EXAMPLE
    [flaw] = review(a=EXAMPLE.replace(old, new))
    assert told in flaw


def test_a_word_within_a_block_is_told_with_its_own_line() -> None:
    text = EXAMPLE.replace("and close the ticket.", "and close it as benign.")
    assert review(a=text) == [
        f"a:{line_of('and close the ticket.')}: statement: 'benign' gives the answer away."
    ]


def test_the_expected_answer_the_reasons_and_the_steps_may_use_every_word() -> None:
    assert review(a=EXAMPLE.replace("the alert shows the reply", "the alert is reversed, FP1, benign")) == []


def test_a_slug_that_another_file_has_is_told() -> None:
    assert review(a=EXAMPLE, b=EXAMPLE) == [f"b:{line_of('slug:')}: slug: a has this slug already."]


def test_a_slug_of_another_author_is_told() -> None:
    [flaw] = review_packs({"a": EXAMPLE}, LESSONS, taken={"the-seed-ticket"})
    assert str(flaw) == f"a:{line_of('slug:')}: slug: Another author's scenario has this slug."


def test_two_files_may_show_one_rule_but_not_two_rules_of_one_number() -> None:
    other = with_title("The second ticket", "the-second-ticket")
    assert review(a=EXAMPLE, b=other) == []
    [told] = review(a=EXAMPLE, b=other.replace("$HOME_NET 1024:", "$HOME_NET 2048:"))
    assert told == f"b:{line_of('rule:')}: rule: a has another rule of sid 1900001 and rev 1."


def test_a_file_that_is_no_yaml_does_not_hide_the_others() -> None:
    told = review(a="title: [", b=EXAMPLE.replace("level: novice", "level: easy"), c="")
    assert [flaw.split(":")[0] for flaw in told] == ["a", "b", "c"]
