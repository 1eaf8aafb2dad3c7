"""The scenario file: the example of its documentation, its mistakes, its placeholders."""

from __future__ import annotations

from pathlib import Path

import pytest

from tickets.engine.types import Disposition, IntentMatch, ReasonCode, Reversed
from tickets.grading import OutcomeAnswer
from tickets.packs import Level, PackError, Severity, fill_scenario, read_scenario
from tickets.packs.scenario import FIELDS, placeholders

ROOT = Path(__file__).parents[2]
DOCUMENTATION: str = (ROOT / "docs" / "scenario-file.md").read_text(encoding="utf-8")
EXAMPLE: str = DOCUMENTATION.split("```yaml\n")[1].split("```", maxsplit=1)[0]
STORY = {
    "sensor_name": "tap-1",
    "client_name": "WS-040",
    "client_ip": "10.20.30.40",
    "server_ip": "203.0.113.80",
    "home_net": "10.20.0.0/16",
}


def mistakes(text: str) -> list[str]:
    with pytest.raises(PackError) as caught:
        read_scenario(text)
    return [str(mistake) for mistake in caught.value.mistakes]


def line_of(text: str) -> int:
    return EXAMPLE.partition(text)[0].count("\n") + 1


def test_the_example_of_the_documentation_is_read() -> None:
    scenario = read_scenario(EXAMPLE)
    assert (scenario.family, scenario.story) == ("T001", "web_return")
    assert (scenario.level, scenario.severity) == (Level.NOVICE, Severity.MEDIUM)
    assert (scenario.expected.reversed, scenario.expected.outcome) == (
        Reversed.YES,
        OutcomeAnswer.ESTABLISHED,
    )
    assert (scenario.expected.intent, scenario.expected.reason_code) == (IntentMatch.MISMATCH, ReasonCode.FP1)
    assert scenario.expected.disposition is Disposition.FALSE_POSITIVE
    assert [(item.reason_code, item.credit) for item in scenario.accepted] == [("FP2", 1.0), ("BN2", 0.5)]
    assert len(scenario.next_steps) == 2


def test_every_key_is_in_the_documentation() -> None:
    assert all(f"| `{key}` |" in DOCUMENTATION for key in FIELDS)


OPTIONAL = {"evidence", "alert", "accepted", "network", "parameters", "sensors", "contrast", "weights"}


def test_what_is_optional_may_be_absent_and_nothing_else() -> None:
    without = EXAMPLE[: EXAMPLE.index("accepted:")] + EXAMPLE[EXAMPLE.index("next_steps:") :]
    assert read_scenario(without).accepted == ()
    needed = sorted(set(FIELDS) - {"family", "story", *OPTIONAL})
    assert mistakes("family: T001\n") == sorted(
        [f"line 1: {key}: This key is missing." for key in needed]
        + ["line 1: story: A scenario has a story or evidence, and not both."]
    )


def test_all_mistakes_are_told_at_once_each_with_its_line() -> None:
    text = (
        EXAMPLE.replace("slug: the-seed-ticket", "slug: The Seed Ticket")
        .replace("level: novice", "level: easy")
        .replace("sid:1900001;", "sid:none;")
        .replace("auth: unk", "auth: perhaps")
        .replace("outcome: established", "outcome: success")
        .replace("credit: 0.5", "credit: half")
    )
    told = mistakes(text)
    assert [mistake.split(":")[1].strip() for mistake in told] == [
        "slug",
        "level",
        "rule",
        "context.inputs.auth",
        "expected.outcome",
        "accepted.2.credit",
    ]
    lines = [int(mistake.removeprefix("line ").split(":")[0]) for mistake in told]
    assert lines == [line_of(key) for key in ("slug:", "level:", "rule:", "auth:", "outcome:", "credit: 0.5")]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "title: The",
            f"title: The {'very ' * 40}",
            "title: This has 216 characters; at most 160 are shown.",
        ),
        (
            "slug: the",
            f"slug: the-{'very-' * 40}",
            "is not lower-case letters, digits and hyphens, at most 80.",
        ),
        ("story: web_return", "story: Web return", "story: 'Web return' is not the name of a story."),
        ("sid:1900001;", "", "rule: column "),
        ("reason_code: BN2", "reason_code: FP1", "FP1 stands here although it is the expected code"),
        ("reason_code: BN2", "reason_code: FP2", "FP2 stands here although it is the expected code"),
        ("credit: 0.5", "credit: nan", "A number from 0 to 1 is expected here, not 'nan'."),
        ('["{home_net}"]', "[ten]", "context.variables.HOME_NET: 'ten' is not an address or a network."),
        ("listens: [80]", "listens: [65536]", "network.hosts.site.listens.1: 65536 is no port."),
        ("zone: inside, system", "zone: attic, system", "network.hosts.reader.zone: 'attic' is not one of"),
        ("windows_xp", "windows_xq", "is not one of linux, android"),
        ("windows_xp", "windows_xq", "Is 'windows_xp' meant?"),
        ("[pcap,", "[pcaps,", "sensors.1: 'pcaps' is not one of"),
        ("style: json", "style: xml", "sensors.3.style: 'xml' is not one of text, json."),
        ("style: json", "shape: json", "sensors.3.shape: zeek_conn has no such option; it has tap, style."),
        ("style: json", "tap: roof", "sensors.3: There is no tap 'roof'."),
        ("[pcap,", "[host_netfilter,", "sensors.1: host_netfilter needs a tap on its host's own card"),
        ("[pcap,", "[{sensor: pcap, second_tap: roof},", "sensors.1: There is no tap 'roof'."),
        ("cisco_asa]", "cowrie]", "sensors.4: cowrie is a host's own: name it, `host: KEY`."),
        ("[assets.1]", "[assets.2]", "context.inputs.role: There is no note assets.2."),
        ("[assets.1]", "[attic.1]", "context.inputs.role: 'attic.1' is no note"),
        ("[S01, S02]", "[S01, S99]", "skills.2: 'S99' is not one of"),
        ("techniques: []", "techniques: [T15]", "attack.techniques.1: 'T15' is not a technique such as"),
        ("schema: 1", "schema: 2", "schema: This is read by schema 1, not 2."),
        ("hints:", "hint:", "hint: This key is not known"),
        ("hints:", "hint:", "Is 'hints' meant?"),
        ('"{server_ip} is', "[] #", "context.authorised.1: Text is expected here."),
    ],
)
def test_a_mistake_is_told(old: str, new: str, told: str) -> None:
    assert any(told in mistake for mistake in mistakes(EXAMPLE.replace(old, new)))


def test_placeholders_are_filled_from_the_story() -> None:
    scenario = read_scenario(EXAMPLE)
    filled = fill_scenario(scenario, STORY)
    assert filled.statement.startswith("The sensor tap-1 reported")
    assert filled.context.variables["HOME_NET"] == ("10.20.0.0/16",)
    assert filled.context.notes[0].startswith("10.20.30.40 is WS-040")
    assert filled.context.inputs == scenario.context.inputs
    assert placeholders(scenario) == set(STORY)


def test_a_value_that_the_story_does_not_give_is_named() -> None:
    with pytest.raises(PackError, match="The story web_return gives no 'home_net'"):
        fill_scenario(read_scenario(EXAMPLE), {"client_ip": "10.20.30.40"})


def test_a_variable_that_is_no_network_once_filled_is_refused() -> None:
    with pytest.raises(PackError, match="variable HOME_NET: 'our networks' is not an address"):
        fill_scenario(read_scenario(EXAMPLE), {**STORY, "home_net": "our networks"})


WEIGHED = EXAMPLE.replace("next_steps:", "weights:\n  outcome: 12\n  texts: 0\nnext_steps:", 1)


def test_a_scenario_may_weigh_the_lines_of_its_rubric() -> None:
    assert read_scenario(EXAMPLE).weights == {}
    assert read_scenario(WEIGHED).weights == {"outcome": 12, "texts": 0}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("outcome: 0", "outcome must weigh something."),
        ("outcome: 101", "from 0 to 100"),
        ("outcome: nan", "from 0 to 100"),
        ("outcome: much", "from 0 to 100"),
        ("colour: 3", "colour is no line of the rubric."),
    ],
)
def test_a_weight_that_cannot_be_is_a_mistake_with_its_line(line: str, told: str) -> None:
    [mistake] = mistakes(WEIGHED.replace("outcome: 12", line))
    assert told in mistake
    assert str(WEIGHED[: WEIGHED.index("outcome: 12")].count("\n") + 1) in mistake
