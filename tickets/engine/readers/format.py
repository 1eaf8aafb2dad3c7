"""What a format module offers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from ..types import Problem, Record
from .source import Source


class Format(Protocol):
    """What a format module offers."""

    FORMAT: str

    def matches(self, head: bytes) -> bool: ...

    def read(self, source: Source, problems: list[Problem]) -> Iterator[Record]: ...
