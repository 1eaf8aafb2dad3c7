"""What a writer gets, and what it gives: a file, its lines as far as a rule can name one, and the alerts in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tickets.engine.types import Alert
from tickets.simulator.network import Dialogue, Host
from tickets.simulator.randomness import Stream
from tickets.simulator.recording import Recording
from tickets.simulator.scene import Scene
from tickets.simulator.sensors.lines import Ends, LogLine, encode_lines

Options = dict[str, tuple[str, ...]]


class Told(NamedTuple):
    """One line of a file: its number, when it was written, what it is about, and which ends it prints."""

    number: int
    time_ns: int
    dialogue: Dialogue
    text: str
    ends: Ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file of evidence."""

    data: bytes
    lines: tuple[Told, ...] = ()
    alerts: tuple[Alert, ...] = ()


class Place(NamedTuple):
    """The scene, which tap, the options, a stream of chance of its own."""

    scene: Scene
    tap: str
    options: Mapping[str, str]
    chance: Stream

    @property
    def recording(self) -> Recording:
        return self.scene.recording(self.tap)

    @property
    def host(self) -> Host:
        """The machine whose log it is: the option `host`, else the one on whose card the tap is."""
        if key := self.options.get("host"):
            return self.scene.hosts[key]
        host = self.recording.tap.host
        if host is None:
            raise ValueError(f"The tap {self.tap or 'of this sensor'!r} is on no host's own card.")
        return host

    @property
    def east_s(self) -> int:
        """Seconds east of UTC in which the device prints its times."""
        return 3600 * int(self.options.get("hours_east", "0"))


Writer = Callable[[Place], Written]


@dataclass(frozen=True, slots=True)
class Sensor:
    """`options` are the values that each may have; none: any text. `reads_tap` sensors need a tap, and those
    `on_card` one on a host's own card."""

    file: str
    write: Writer
    options: Options = field(default_factory=dict)
    reads_tap: bool = True
    on_card: bool = False


HOURS = tuple(str(hours) for hours in range(-12, 15))
ZONE: Options = {"hours_east": HOURS}
HOST: Options = {"host": ()}


def put_lines(lines: Sequence[LogLine], *, data: bytes | None = None, before: int = 0) -> Written:
    """A log whose lines begin after `before` lines of head."""
    return Written(
        data=encode_lines(lines) if data is None else data,
        lines=tuple(
            Told(number, line.time_ns, line.dialogue, line.text, line.ends or ends_of_dialogue(line.dialogue))
            for number, line in enumerate(lines, before + 1)
        ),
    )


def ends_of_dialogue(dialogue: Dialogue) -> Ends:
    return dialogue.client.endpoint, dialogue.server.endpoint


def count_head(data: bytes, count: int) -> int:
    """How many lines stand before the last `count`."""
    return data.count(b"\n") - count
