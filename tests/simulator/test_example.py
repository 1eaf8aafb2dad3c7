"""The example of docs/cyber-range.md does what the page says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.simulator.staging import converse_over, make_stage
from tickets.engine import Outcome

PAGE = Path(__file__).parents[2] / "docs" / "cyber-range.md"


def test_the_pages_story_plays_as_it_is_told() -> None:
    names: dict[str, Any] = {}
    (story,) = re.findall(r"```python\n(from .*?)```", PAGE.read_text(), re.DOTALL)
    exec(compile(story, str(PAGE), "exec"), names)
    conversations = converse_over(names["play"](make_stage("page")))
    knocks = {item.endpoints[1].port: item for item in conversations if item.endpoints[0].port == 61_000}
    assert {port: item.outcome for port, item in knocks.items()} == {
        22: Outcome.UNANSWERED,
        80: Outcome.UNANSWERED,
        443: Outcome.ESTABLISHED,
        3389: Outcome.UNANSWERED,
        8443: Outcome.REFUSED,
    }
    assert knocks[443].history == "ShR"
    pages = [item for item in conversations if item.service == "http" and item not in knocks.values()]
    assert [item.orig.ip for item in pages if item.orig] == ["192.0.2.1"]
