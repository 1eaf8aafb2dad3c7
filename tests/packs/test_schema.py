"""The published schema: it is what the code gives, it takes every shipped file, and it refuses what the reading refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
import yaml

from tests.packs.test_scenario import EXAMPLE, ROOT, mistakes
from tickets.packs import pack_schema
from tickets.packs.scenario import FIELDS

PUBLISHED = ROOT / "docs" / "scenario-pack.schema.json"
SHIPPED = sorted((ROOT / "fixtures" / "scenarios").glob("*.yaml"))
accept = fastjsonschema.compile(pack_schema())


class _Core(yaml.SafeLoader):
    """Scalars as YAML 1.2 reads them, and so an editor: `no` is a word."""


_Core.yaml_implicit_resolvers = {}
for tag, pattern in {
    "null": r"~|null|$",
    "bool": r"true|false",
    "int": r"[-+]?[0-9]+",
    "float": r"[-+]?[0-9]+\.[0-9]*",
}.items():
    _Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), None)


def plain(text: str) -> Any:
    return json.loads(json.dumps(yaml.load(text, _Core)))


def test_the_published_schema_is_what_the_code_gives() -> None:
    """Write it anew with `manage.py check_pack --schema`."""
    assert PUBLISHED.read_text(encoding="utf-8") == json.dumps(pack_schema(), indent=2) + "\n"


def test_the_schema_has_the_keys_of_the_reading() -> None:
    schema = pack_schema()
    assert set(schema["properties"]) == set(FIELDS)
    assert set(schema["required"]) == {name for name, field in FIELDS.items() if field.is_required}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_file_is_valid(path: Path) -> None:
    accept(plain(path.read_text(encoding="utf-8")))


def test_the_example_of_the_documentation_is_valid() -> None:
    accept(plain(EXAMPLE))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("schema: 1", "schema: 2"),
        ("slug: the-seed-ticket", "slug: The Seed Ticket"),
        ("level: novice", "level: easy"),
        ("[S01, S02]", "[S01, S99]"),
        ("[S01, S02]", "[]"),
        ("techniques: []", "techniques: [T15]"),
        ("zone: inside, system", "zone: attic, system"),
        ("windows_xp", "windows_xq"),
        ("listens: [80]", "listens: [65536]"),
        ("[pcap,", "[pcaps,"),
        ("style: json", "style: xml"),
        ("style: json", "shape: json"),
        ("auth: unk", "auth: perhaps"),
        ("value: work", "value: play"),
        ("  3: ", "  4: "),
        ("contrast: [T003]", "contrast: [3]"),
        ("outcome: established", "outcome: success"),
        ("credit: 0.5", "credit: 1.5"),
        ("next_steps:", "steps:"),
    ],
)
def test_what_the_reading_refuses_of_one_key_the_schema_refuses(old: str, new: str) -> None:
    text = EXAMPLE.replace(old, new)
    assert mistakes(text)
    with pytest.raises(fastjsonschema.JsonSchemaValueException):
        accept(plain(text))
