"""The list of skills: complete, and every word in it is known elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tickets.grading import Criterion
from tickets.skills import BY_CODE, SKILLS, Skill, skills_met

CATALOGUE = json.loads((Path(__file__).parents[1] / "fixtures" / "scenario_catalogue.json").read_text())
FAMILIES = {row["id"] for row in CATALOGUE}
LESSONS = {row["lesson"].partition(" ")[0] for row in CATALOGUE}

every_skill = pytest.mark.parametrize("skill", SKILLS, ids=lambda skill: skill.code)


def test_there_are_seventeen_in_the_order_of_their_codes() -> None:
    assert [skill.code for skill in SKILLS] == [f"S{number:02}" for number in range(1, 18)]
    assert len({skill.name for skill in SKILLS}) == len({skill.short for skill in SKILLS}) == 17


@every_skill
def test_its_criteria_are_lines_of_the_rubric(skill: Skill) -> None:
    assert skill.criteria
    assert set(skill.criteria) <= {criterion.value for criterion in Criterion}


@every_skill
def test_its_families_and_lessons_stand_in_the_catalogue(skill: Skill) -> None:
    assert set(skill.families) <= FAMILIES
    assert set(skill.lessons) <= LESSONS


@every_skill
def test_its_nice_statements_are_tasks_skills_or_knowledge(skill: Skill) -> None:
    assert all(re.fullmatch(r"[TSK]\d{4}", statement.code) and statement.text for statement in skill.nice)


def test_only_clocks_and_confidence_have_no_statement_of_nice() -> None:
    assert [skill.code for skill in SKILLS if not skill.nice] == ["S11", "S17"]


def test_a_statement_says_the_same_wherever_it_stands() -> None:
    texts: dict[str, set[str]] = {}
    for skill in SKILLS:
        for statement in skill.nice:
            texts.setdefault(statement.code, set()).add(statement.text)
    assert {code for code, said in texts.items() if len(said) > 1} == set()


def test_every_skill_is_met_somewhere_in_the_catalogue() -> None:
    met = {skill.code for row in CATALOGUE for skill in skills_met(row["id"], row["lesson"])}
    assert met == set(BY_CODE)


def test_an_upload_without_family_and_lesson_gives_evidence_of_what_is_met_everywhere() -> None:
    met = {skill.code for skill in skills_met("", "")}
    assert {"S02", "S07", "S13"} <= met
    assert "S09" not in met


def test_a_scenario_that_names_its_skills_gives_evidence_of_these_only() -> None:
    assert [skill.code for skill in skills_met("T001", "L1 Who started it", ("S09", "S02"))] == ["S02", "S09"]
