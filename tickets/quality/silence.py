"""Silence: nothing that stands around the evidence, and no word of ours in it, gives the answer away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tickets.packs import TELLTALES, placeholders, tell_tales
from tickets.quality.exhibit import Exhibit

# What no sensor prints, and only somebody who knows the story could have written.
SPOILERS = re.compile(
    rb"\b(?:true[ _-]positive|false[ _-]positive|back-?scatter|originator|responder|return(?:ing)? traffic"
    rb"|reason[ _-]code|expected[ _-]answer|ground[ _-]truth)\b",
    re.IGNORECASE,
)


def check_silence(exhibit: Exhibit) -> Iterator[str]:
    """Nothing that stands around the evidence gives the answer away."""
    for place, text in _shown(exhibit).items():
        for _, word in tell_tales(text, TELLTALES):
            yield f"{place} says {word!r}"


def check_spoilers(exhibit: Exhibit) -> Iterator[str]:
    """No evidence file speaks as the author does, or names the story or its family."""
    names = (exhibit.played.story, exhibit.scenario.family, exhibit.scenario.slug)
    for file in exhibit.played.files:
        found = {match.decode(errors="replace").lower() for match in SPOILERS.findall(file.data)}
        found |= {name for name in names if re.search(rb"\b" + re.escape(name).encode() + rb"\b", file.data)}
        for word in sorted(found):
            yield f"{file.name} says {word!r}"
    for place, text in _shown(exhibit).items():
        if place != "the slug" and re.search(rf"\b{re.escape(exhibit.played.story)}\b", text):
            yield f"{place} names the story"


def check_filling(exhibit: Exhibit) -> Iterator[str]:
    """No text has a placeholder left, and no value that a text needs is empty."""
    for name in sorted(placeholders(exhibit.scenario)):
        if not exhibit.played.values.get(name, "").strip():
            yield f"the texts want {name!r}, and the story leaves it empty"


def _shown(exhibit: Exhibit) -> dict[str, str]:
    scenario, filled, played = exhibit.scenario, exhibit.filled, exhibit.played
    return {
        "the title": scenario.title,
        "the slug": scenario.slug,
        "the statement": filled.statement,
        "the sensor": scenario.sensor,
        "the alert's message": played.alert.message,
        "the files' names": " ".join(file.name for file in played.files),
        **{f"note {number}": note for number, note in enumerate(filled.context.notes, 1)},
        **{f"the value {name}": value for name, value in played.values.items()},
    }
