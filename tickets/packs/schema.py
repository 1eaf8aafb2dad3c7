"""The scenario file as JSON Schema, for editors: the keys and words of the tables that the reading uses.

What ties several keys together (a tap that is there, a code that comes twice) no schema says; `review_packs` does.
Values stand as YAML 1.2 reads them, where `no` is a word and `80` a number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from tickets.engine import STATED_INPUTS, IntentMatch, ReasonCode, Reversed
from tickets.grading import OutcomeAnswer
from tickets.simulator import SENSORS, SYSTEMS
from tickets.simulator.network import Hears, Zone
from tickets.skills import BY_CODE

from .context import Section
from .document import NAME
from .network import MAX_PORT
from .scenario import (
    ALERT,
    FAMILY,
    FILE_NAME,
    MAX_SENSOR,
    MAX_TITLE,
    SCHEMA,
    SLUG,
    TECHNIQUE,
    VERSION,
    Level,
    Severity,
)

Schema = dict[str, Any]

DIALECT = "http://json-schema.org/draft-07/schema#"
NAMES = f"^{NAME.pattern}$"


def pack_schema() -> Schema:
    """The whole file."""
    return {
        "$schema": DIALECT,
        "title": "Scenario pack",
        "description": "docs/scenario-file.md says what the keys mean; manage.py check_pack checks more.",
        **_mapping(
            {
                "schema": {"enum": [SCHEMA, str(SCHEMA)]},
                "family": _matching(FAMILY),
                "slug": _matching(SLUG, or_number=True),
                "title": _short_text(MAX_TITLE),
                "lesson": _text(),
                "level": _word(Level),
                "severity": _word(Severity),
                "sensor": _short_text(MAX_SENSOR),
                "story": _matching(NAME.pattern),
                "evidence": _list(_matching(FILE_NAME, or_number=True), at_least=1),
                "alert": _matching(ALERT),
                "skills": _list(_one_of(BY_CODE), at_least=1),
                "attack": _mapping(
                    {
                        "version": _matching(VERSION, or_number=True),
                        "techniques": _list(_matching(TECHNIQUE)),
                    },
                    optional={"techniques"},
                ),
                "rule": _text(),
                "network": _network(),
                "parameters": _any_names(_parameter()),
                "sensors": _list({"anyOf": [_one_of(SENSORS), *map(_sensor, SENSORS)]}),
                "statement": _text(),
                "context": _context(),
                "hints": _mapping({"1": _text(), "2": _text(), "3": _text()}),
                "contrast": _list(_matching(FAMILY)),
                "expected": _mapping(
                    {
                        "reversed": _word(Reversed),
                        "outcome": _word(OutcomeAnswer),
                        "intent": _word(IntentMatch),
                        "reason_code": _word(ReasonCode),
                    }
                ),
                "accepted": _list(
                    _mapping({"reason_code": _word(ReasonCode), "credit": _number(1), "reason": _text()})
                ),
                "weights": {"type": "object", "additionalProperties": _number(100)},
                "next_steps": _list(_text(), at_least=1),
            },
            optional={
                "story",
                "evidence",
                "alert",
                "network",
                "parameters",
                "sensors",
                "contrast",
                "accepted",
                "weights",
            },
        ),
        "oneOf": [{"required": ["story"]}, {"required": ["evidence"]}],
        "definitions": {"text": {"type": ["string", "number"], "minLength": 1}},
    }


def _network() -> Schema:
    host = {
        "zone": _word(Zone),
        "system": _one_of(SYSTEMS),
        "name": _one_or_list(_text()),
        "address": _one_or_list(_text()),
        "listens": _list(_whole(MAX_PORT)),
    }
    tap = {
        "name": _text(),
        "zone": _word(Zone),
        "host": _text(),
        "mirrors": _one_of(("yes", "no")),
        "hears": _word(Hears),
        "vlan": _whole(),
        "skew_ms": {"type": ["integer", "string"], "pattern": "^-?[0-9]+$"},
    }
    return _mapping(
        {
            "hosts": _any_names(_mapping(host, optional=host.keys() - {"zone"})),
            "published": _list(_matching(r".+:[0-9]+")),
            "taps": _any_names(_mapping(tap, optional=tap.keys() - {"name", "zone"})),
        },
        optional={"hosts", "published", "taps"},
    )


def _parameter() -> Schema:
    return {"anyOf": [_list(_text(), at_least=1), _mapping({"from": _whole(), "to": _whole()})]}


def _sensor(name: str) -> Schema:
    options = {
        option: _one_of(values) if values else _text() for option, values in SENSORS[name].options.items()
    }
    return _mapping({"sensor": {"const": name}, "tap": _text(), **options}, optional={"tap", *options})


def _context() -> Schema:
    inputs = {
        name: {
            "anyOf": [
                _one_of(words),
                _mapping({"value": _one_of(words), "notes": _list(_text())}, optional={"notes"}),
            ]
        }
        for name, words in STATED_INPUTS.items()
    }
    keys: dict[str, Schema] = {
        "variables": {"type": "object", "additionalProperties": _list(_text(), at_least=1)},
        **{section.value: _list(_text()) for section in Section},
        "inputs": _mapping(inputs, optional=inputs),
    }
    return _mapping(keys, optional=keys)


def _mapping(keys: Mapping[str, Schema], *, optional: Iterable[str] = ()) -> Schema:
    required = [key for key in keys if key not in set(optional)]
    return {
        "type": "object",
        "properties": dict(keys),
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def _any_names(value: Schema) -> Schema:
    return {"type": "object", "propertyNames": {"pattern": NAMES}, "additionalProperties": value}


def _list(item: Schema, *, at_least: int = 0) -> Schema:
    return {"type": "array", "items": item, **({"minItems": at_least} if at_least else {})}


def _one_or_list(item: Schema) -> Schema:
    return {"anyOf": [item, _list(item, at_least=1)]}


def _text() -> Schema:
    """A text may look like a number."""
    return {"$ref": "#/definitions/text"}


def _short_text(most: int) -> Schema:
    return {"type": ["string", "number"], "minLength": 1, "maxLength": most}


def _matching(pattern: str, *, or_number: bool = False) -> Schema:
    return {"type": ["string", "number"] if or_number else "string", "pattern": f"^{pattern}$"}


def _word(words: type[StrEnum]) -> Schema:
    return _one_of(word.value for word in words)


def _one_of(words: Iterable[str]) -> Schema:
    """A word that looks like a number may stand as one."""
    known = [str(word) for word in words]
    return {"enum": [*known, *(int(word) for word in known if word.lstrip("-").isdecimal())]}


def _whole(most: int | None = None) -> Schema:
    return {
        "type": ["integer", "string"],
        "minimum": 0,
        **({} if most is None else {"maximum": most}),
        "pattern": "^[0-9]{1,9}$",
    }


def _number(most: int) -> Schema:
    return {"type": ["number", "string"], "minimum": 0, "maximum": most, "pattern": r"^[0-9.]+$"}
