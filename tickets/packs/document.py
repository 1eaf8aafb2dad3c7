"""A YAML file as nodes that know their lines, and a report that gathers every mistake.

Scalars are taken as the text that stands in the file: YAML 1.1 would read `no` as false and `10:30` as a
number, and the words of the decision table are exactly such words. Only the safe composer is used; tags
have no effect.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

import yaml

NAME = re.compile(r"[a-z][a-z0-9_]*")
MAX_CHARACTERS = 200_000

# A value that could not be read; its mistake is in the report, and the file is refused as a whole.
Value = Any
Read = Callable[["Node"], Value]
Word = TypeVar("Word", bound=StrEnum)


class Mistake(NamedTuple):
    """One thing that is wrong: its 1-based line, the key it is about, what to mend."""

    line: int
    key: str
    problem: str

    def __str__(self) -> str:
        return ": ".join(part for part in (f"line {self.line}", self.key, self.problem) if part)


class PackError(Exception):
    """A file that cannot be used, with all its mistakes in the order of their lines."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = sorted(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))


class Node(NamedTuple):
    """A place in the file with the key that leads to it and the report that mistakes go to."""

    node: yaml.Node
    key: str
    report: list[Mistake]

    @property
    def line(self) -> int:
        mark = self.node.start_mark
        return int(mark.line) + 1

    def mistake(self, problem: str, *, at: int = 0) -> None:
        """`at`: where in the value's text it is. In a block (`|`) that is a line of its own."""
        below = 1 + str(self.node.value).count("\n", 0, at) if getattr(self.node, "style", "") == "|" else 0
        self.report.append(Mistake(self.line + (below if at else 0), self.key, problem))

    def below(self, node: yaml.Node, key: str) -> Node:
        return Node(node, f"{self.key}.{key}" if self.key else key, self.report)


class Field(NamedTuple):
    """How a key's value is read. An optional key that is absent gets `default`."""

    read: Read
    default: Value = None
    is_required: bool = True


def optional(read: Read, default: Value) -> Field:
    return Field(read, default, is_required=False)


class _Loader(yaml.SafeLoader):
    """Text that stands for other text may stand for itself, or for a billion copies: it is refused."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise PackError(
                [Mistake(mark.line + 1, "", "A reference (*name) is not read; quote a text that begins so.")]
            )
        return super().compose_node(parent, index)


def open_document(text: str) -> Node:
    """The file's top node with an empty report. PackError when it is no YAML at all."""
    if len(text) > MAX_CHARACTERS:
        raise PackError([Mistake(1, "", f"The file is longer than {MAX_CHARACTERS} characters.")])
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise PackError(
            [Mistake(mark.line + 1 if mark else 1, "", f"This is not YAML: {error.problem}.")]
        ) from None
    except (yaml.YAMLError, RecursionError):
        raise PackError([Mistake(1, "", "This is not YAML that can be read.")]) from None
    if node is None:
        raise PackError([Mistake(1, "", "The file is empty.")])
    return Node(node, "", [])


def close_document(document: Node) -> None:
    """PackError when anything was wrong."""
    if document.report:
        raise PackError(document.report)


# Finding a place again


def place_of(place: Node, *keys: str) -> Node:
    """The node that these keys lead to, as far as it exists. Reads silently: it was read before."""
    quiet = Node(place.node, place.key, [])
    for key in keys:
        quiet = _children(quiet).get(key, quiet)
    return Node(quiet.node, quiet.key, place.report)


def _children(place: Node) -> dict[str, Node]:
    if isinstance(place.node, yaml.SequenceNode):
        return {
            str(number): place.below(node, str(number)) for number, node in enumerate(place.node.value, 1)
        }
    return read_pairs(place)


def line_of(text: str, *keys: str) -> int:
    """The line of what these keys lead to in a file that can be read."""
    return place_of(open_document(text), *keys).line


def leaves_of(place: Node) -> Iterator[Node]:
    """Every text below this place, whatever it means."""
    if isinstance(place.node, yaml.ScalarNode):
        yield place
    else:
        for child in _children(place).values():
            yield from leaves_of(child)


# Ways to read a value


def read_fields(place: Node, fields: Mapping[str, Field]) -> dict[str, Value]:
    """A mapping with exactly these keys; every value that is missing or wrong is reported."""
    pairs = read_pairs(place)
    values: dict[str, Value] = {}
    for name, child in pairs.items():
        if name not in fields:
            near = get_close_matches(name, fields, n=1)
            meant = f" Is {near[0]!r} meant?" if near else ""
            child.mistake(f"This key is not known; known are {', '.join(fields)}.{meant}")
    for name, field in fields.items():
        if name in pairs:
            values[name] = field.read(pairs[name])
            continue
        values[name] = field.default
        if field.is_required and isinstance(place.node, yaml.MappingNode):
            place.below(place.node, name).mistake("This key is missing.")
    return values


def read_pairs(place: Node) -> dict[str, Node]:
    """A mapping with any keys. A key that comes twice is reported: YAML would silently take the last."""
    if not isinstance(place.node, yaml.MappingNode):
        place.mistake("A mapping of keys and values is expected here.")
        return {}
    pairs: dict[str, Node] = {}
    for key, value in place.node.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else "?"
        child = place.below(value, name)
        if name in pairs:
            Node(key, child.key, place.report).mistake("This key stands here a second time.")
        pairs[name] = child
    return pairs


def read_text(place: Node) -> str:
    if not isinstance(place.node, yaml.ScalarNode):
        place.mistake("Text is expected here.")
        return ""
    text = str(place.node.value).strip()
    if not text:
        place.mistake("Text is missing here.")
    return text


def read_short_text(most: int) -> Callable[[Node], str]:
    """A text of at most so many characters: lists and tables print it."""

    def read_short(place: Node) -> str:
        text = read_text(place)
        if len(text) > most:
            place.mistake(f"This has {len(text)} characters; at most {most} are shown.")
        return text

    return read_short


def read_list(read: Read) -> Read:
    def read_items(place: Node) -> tuple[Value, ...]:
        if not isinstance(place.node, yaml.SequenceNode):
            place.mistake("A list is expected here.")
            return ()
        items = [place.below(node, str(index)) for index, node in enumerate(place.node.value, start=1)]
        return tuple(read(item) for item in items)

    return read_items


def read_one_or_more(read: Read) -> Read:
    read_items = read_list(read)

    def read_some(place: Node) -> tuple[Value, ...]:
        items: tuple[Value, ...] = read_items(place)
        if isinstance(place.node, yaml.SequenceNode) and not items:
            place.mistake("At least one is needed here.")
        return items

    return read_some


def read_word(words: type[Word]) -> Callable[[Node], Word | None]:
    def read_one(place: Node) -> Word | None:
        text = read_text(place)
        if text in set(words):
            return words(text)
        if text:
            place.mistake(f"{text!r} is not one of {', '.join(words)}.")
        return None

    return read_one


def read_one_of(words: Iterable[str]) -> Callable[[Node], str]:
    """One of these words; another is told with the nearest of them."""
    known = tuple(words)

    def read_one(place: Node) -> str:
        text = read_text(place)
        if not text or text in known:
            return text
        near = get_close_matches(text, known, n=1)
        meant = f" Is {near[0]!r} meant?" if near else ""
        place.mistake(f"{text!r} is not one of {', '.join(known)}.{meant}")
        return ""

    return read_one


def read_name(place: Node, name: str) -> str:
    """A key that the author chose: placeholders and stories name it."""
    if not NAME.fullmatch(name):
        place.mistake("A name is lower-case letters, digits and _, a letter first.")
    return name


def read_whole_number(place: Node) -> int:
    text = read_text(place)
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    if text:
        place.mistake(f"A whole number is expected here, not {text!r}.")
    return 0


def read_share(place: Node) -> float:
    """A number from 0 to 1."""
    text = read_text(place)
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if text and not 0 <= share <= 1:
        place.mistake(f"A number from 0 to 1 is expected here, not {text!r}.")
    return share
