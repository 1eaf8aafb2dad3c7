"""A verdict, or an alert, as JSON-ready data and back, without loss.

The shape follows the dataclasses: a value is an object with its fields in the order declared, a location
is `file:number`, an enum its word. Mappings are sorted, so that equal verdicts give equal bytes.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from .types import Alert, Endpoint, EngineError, Location, Verdict


def verdict_to_plain(verdict: Verdict) -> dict[str, Any]:
    """The verdict as dicts, lists, text, numbers, booleans and None."""
    plain: dict[str, Any] = _to_plain(verdict)
    return plain


def verdict_from_plain(plain: Mapping[str, Any]) -> Verdict:
    """The verdict that `verdict_to_plain` was given. EngineError names the place of what does not fit."""
    verdict: Verdict = _from_plain(Verdict, plain, "verdict")
    return verdict


def alert_to_plain(alert: Alert) -> dict[str, Any]:
    plain: dict[str, Any] = _to_plain(alert)
    return plain


def alert_from_plain(plain: Mapping[str, Any]) -> Alert:
    """The alert that `alert_to_plain` was given."""
    alert: Alert = _from_plain(Alert, plain, "alert")
    return alert


def _to_plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Location):
        return str(value)
    if isinstance(value, Endpoint):
        return {"ip": value.ip, "port": value.port}
    if is_dataclass(value):
        return {item.name: _to_plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, tuple):
        return [_to_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _to_plain(value[key]) for key in sorted(value)}
    return value


def _from_plain(kind: Any, plain: Any, place: str) -> Any:
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return None if plain is None else _from_plain(_without_none(kind), plain, place)
    origin = typing.get_origin(kind) or kind
    for base, decode in DECODERS.items():
        if issubclass(origin, base):
            return decode(kind, plain, place)
    if is_dataclass(kind):
        return _decode_dataclass(kind, plain, place)
    return _require(kind, plain, place)


def _without_none(kind: Any) -> Any:
    return next(item for item in typing.get_args(kind) if item is not types.NoneType)


def _decode_enum(kind: Any, plain: Any, place: str) -> Any:
    if plain not in set(kind):
        raise EngineError(f"{plain!r} is not one of {', '.join(kind)}.", place=place)
    return kind(plain)


def _decode_location(_: Any, plain: Any, place: str) -> Location:
    file, colon, number = _require(str, plain, place).rpartition(":")
    if not colon or not number.isdecimal():
        raise EngineError(f"{plain!r} is not a record such as capture.pcap:1.", place=place)
    return Location(file, int(number))


def _decode_endpoint(_: Any, plain: Any, place: str) -> Endpoint:
    values = _require_keys(plain, ("ip", "port"), place)
    return Endpoint(
        _require(str, values["ip"], f"{place}.ip"), _require(int, values["port"], f"{place}.port")
    )


def _decode_tuple(kind: Any, plain: Any, place: str) -> tuple[Any, ...]:
    kinds, items = typing.get_args(kind), _require(list, plain, place)
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(items)
    if len(kinds) != len(items):
        raise EngineError(f"{len(kinds)} items are expected, not {len(items)}.", place=place)
    return tuple(
        _from_plain(item_kind, item, f"{place}.{index}")
        for index, (item_kind, item) in enumerate(zip(kinds, items, strict=True))
    )


def _decode_mapping(kind: Any, plain: Any, place: str) -> dict[str, Any]:
    value_kind = typing.get_args(kind)[1]
    return {
        _require(str, key, place): _from_plain(value_kind, value, f"{place}.{key}")
        for key, value in _require(dict, plain, place).items()
    }


def _decode_dataclass(kind: Any, plain: Any, place: str) -> Any:
    """A field that has a default may be absent: an older engine did not know it."""
    kinds = _kinds_of(kind)
    given = plain if isinstance(plain, dict) else {}
    names = tuple(name for name in kinds if name in given or name not in _optional_of(kind))
    values = _require_keys(plain, names, place)
    return kind(**{name: _from_plain(kinds[name], values[name], f"{place}.{name}") for name in names})


@cache
def _optional_of(kind: Any) -> frozenset[str]:
    has_default = (item for item in fields(kind) if item.default is not MISSING)
    return frozenset(item.name for item in has_default)


@cache
def _kinds_of(kind: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {item.name: hints[item.name] for item in fields(kind)}


def _require(kind: Any, plain: Any, place: str) -> Any:
    """bool is an int to Python, but not here; a whole number will do for a float."""
    if kind is float and type(plain) is int:
        return float(plain)
    if type(plain) is not kind:
        raise EngineError(f"{kind.__name__} is expected, not {type(plain).__name__}.", place=place)
    return plain


def _require_keys(plain: Any, names: tuple[str, ...], place: str) -> dict[str, Any]:
    values: dict[str, Any] = _require(dict, plain, place)
    if set(values) != set(names):
        different = sorted(set(values) ^ set(names))
        raise EngineError(f"Missing or unknown: {', '.join(map(str, different))}.", place=place)
    return values


# Endpoint and Location are tuples too, so they come first.
DECODERS: Mapping[type, Callable[[Any, Any, str], Any]] = {
    StrEnum: _decode_enum,
    Location: _decode_location,
    Endpoint: _decode_endpoint,
    tuple: _decode_tuple,
    Mapping: _decode_mapping,
}
