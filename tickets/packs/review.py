"""A review of scenario files: what reading refuses, and what one file cannot know of itself. All of it at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import NamedTuple

import yaml

from tickets.engine import EngineError, Rule, parse_rule
from tickets.simulator import STORIES

from .context import Section
from .document import Mistake, Node, PackError, leaves_of, open_document, place_of
from .scenario import read_scenario
from .telltales import NAME_TELLTALES, TELLTALES, VERDICT_WORDS, tell_tales

_NAMES = r"title|slug|evidence\.\d+|network\.(hosts|taps)\.\w+\.name(\.\d+)?"
_TEXTS = rf"sensor|statement|context\.({'|'.join(Section)})\.\d+"
_HINTS = r"hints\.\d+"
# Keys, and the words that may not stand there.
SILENT: tuple[tuple[re.Pattern[str], tuple[re.Pattern[str], ...]], ...] = (
    (re.compile(_NAMES), (TELLTALES, NAME_TELLTALES)),
    (re.compile(_TEXTS), (TELLTALES,)),
    (re.compile(_HINTS), (VERDICT_WORDS,)),
)


class Flaw(NamedTuple):
    """A mistake and the file that it is in."""

    file: str
    mistake: Mistake

    def __str__(self) -> str:
        line, key, problem = self.mistake
        return f"{self.file}:{line}: {key}: {problem}" if key else f"{self.file}:{line}: {problem}"


def review_packs(
    files: Mapping[str, str],
    lessons: Mapping[str, str],
    taken: Collection[str] = (),
    beside: Mapping[str, Collection[str]] | None = None,
) -> tuple[Flaw, ...]:
    """Every mistake of these files (name: text), file by file. `lessons` are the catalogue's, by family; slugs that are
    `taken` are another author's; `beside` are the names of the files that stand beside each."""
    reports: dict[str, list[Mistake]] = {}
    documents: dict[str, Node] = {}
    for name, text in files.items():
        try:
            documents[name] = open_document(text)
        except PackError as error:
            reports[name] = error.mistakes
            continue
        reports[name] = documents[name].report
        _check_reading(documents[name], text)
        _check_words(documents[name])
        _check_catalogue(documents[name], lessons)
        _check_story(documents[name])
        _check_evidence(documents[name], (beside or {}).get(name, ()))
    _check_slugs(documents, taken)
    _check_rules(documents)
    return tuple(Flaw(name, mistake) for name in files for mistake in sorted(set(reports[name])))


def _check_reading(document: Node, text: str) -> None:
    try:
        read_scenario(text)
    except PackError as error:
        document.report.extend(error.mistakes)


def _check_words(document: Node) -> None:
    """Nothing that a trainee sees says the answer, and no hint says the verdict."""
    for leaf in leaves_of(document):
        for keys, words in SILENT:
            if keys.fullmatch(leaf.key):
                for at, word in tell_tales(leaf.node.value, *words):
                    leaf.mistake(f"{word!r} gives the answer away.", at=at)
    if rule := _rule_of(document):
        for _, word in tell_tales(rule.msg, TELLTALES):
            place_of(document, "rule").mistake(f"The message says {word!r}, which gives the answer away.")


def _check_catalogue(document: Node, lessons: Mapping[str, str]) -> None:
    contrast = place_of(document, "contrast")
    families = leaves_of(contrast) if contrast.key else ()
    for place in (*_leaf(document, "family"), *families):
        if place.node.value not in lessons:
            place.mistake(f"{place.node.value!r} is no family of the catalogue.{_meant(place, lessons)}")
    for family in _leaf(document, "family"):
        for lesson in _leaf(document, "lesson"):
            right = lessons.get(family.node.value, lesson.node.value)
            if lesson.node.value != right:
                lesson.mistake(f"{family.node.value} belongs to the lesson {right!r}.")


def _check_story(document: Node) -> None:
    for story in _leaf(document, "story"):
        if story.node.value not in STORIES:
            story.mistake(f"The simulator has no story {story.node.value!r}.{_meant(story, STORIES)}")


def _check_evidence(document: Node, beside: Collection[str]) -> None:
    seen: set[str] = set()
    for leaf in leaves_of(document):
        if not leaf.key.startswith("evidence."):
            continue
        if leaf.node.value in seen:
            leaf.mistake("This file stands here a second time.")
        elif leaf.node.value not in beside:
            leaf.mistake(f"There is no file {leaf.node.value!r} beside this one.")
        seen.add(leaf.node.value)


def _check_slugs(documents: Mapping[str, Node], taken: Collection[str]) -> None:
    first: dict[str, str] = {}
    for name, document in documents.items():
        for slug in _leaf(document, "slug"):
            if (other := first.setdefault(slug.node.value, name)) != name:
                slug.mistake(f"{other} has this slug already.")
            if slug.node.value in taken:
                slug.mistake("Another author's scenario has this slug.")


def _check_rules(documents: Mapping[str, Node]) -> None:
    """Two files may show one rule; then it is the same to the letter."""
    first: dict[tuple[int, int], tuple[str, Rule]] = {}
    for name, document in documents.items():
        if (rule := _rule_of(document)) is None:
            continue
        other, known = first.setdefault((rule.sid, rule.rev), (name, rule))
        if known.raw != rule.raw:
            place_of(document, "rule").mistake(
                f"{other} has another rule of sid {rule.sid} and rev {rule.rev}."
            )


def _rule_of(document: Node) -> Rule | None:
    for place in _leaf(document, "rule"):
        try:
            return parse_rule(place.node.value)
        except EngineError:
            pass  # told by the reading
    return None


def _leaf(document: Node, key: str) -> Iterator[Node]:
    """The text under this key; nothing where there is none."""
    place = place_of(document, key)
    if place.key == key and isinstance(place.node, yaml.ScalarNode):
        yield place


def _meant(place: Node, known: Iterable[str]) -> str:
    near = get_close_matches(place.node.value, known, n=1)
    return f" Is {near[0]!r} meant?" if near else ""
