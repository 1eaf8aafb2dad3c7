"""Variants whose key says that something cannot be determined, made of a fair one by taking packets away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from tests.quality.captures import Frame, close_capture, open_capture
from tests.quality.scenarios import play_scenario, scenario_of
from tests.simulator.played import SEEDS, file_of
from tickets.engine import Alert, Context, IntentMatch, Outcome, ReasonCode, Reversed, Stated
from tickets.grading import OutcomeAnswer
from tickets.packs import Expected, Scenario
from tickets.simulator import Oddity, SimulatedFile, Simulation

RST = 4
FLAGS_AT = 33
RULE = 'alert tcp any any -> any any (msg:"TRAINING contact"; sid:1900099; rev:1;)'
NOTES = ("The sensor was started late: what went before is not recorded.", "A host of our own.")
Opened = tuple[Scenario, Simulation]


def no_session() -> Opened:
    """A SYN-ACK that nobody asked for, and the reset that it got: no side and no outcome can be named."""

    def keep(own: list[Frame]) -> list[Frame]:
        return [own[1], own[2].put("!B", FLAGS_AT, RST)]

    return _opened("T003", keep, OutcomeAnswer.CANNOT_BE_DETERMINED)


def late_start(seed: bytes = SEEDS[1]) -> Opened:
    """The sealed end of a login: both sides talk, and who asked is not in it."""
    return _opened("T003", lambda own: own[-12:], Outcome.MIDSTREAM, seed)


def _opened(
    family: str,
    keep: Callable[[list[Frame]], list[Frame]],
    outcome: Outcome | OutcomeAnswer,
    seed: bytes = SEEDS[1],
) -> Opened:
    scenario, played = scenario_of(family), play_scenario(family, seed)
    ports = {played.truth.orig.port, played.truth.resp.port}
    header, frames = open_capture(file_of(played, "capture.pcap"))
    own = keep([frame for frame in frames if frame.protocol == 6 and set(frame.ports) == ports])
    shown = replace(
        played,
        files=(SimulatedFile("capture.pcap", close_capture(header, own)),),
        alert=_alert(played, own),
        values={},
        truth=replace(played.truth, reversed=Reversed.YES, outcome=Outcome.MIDSTREAM),
        oddities=frozenset({Oddity.CAPTURE_GAP}),
    )
    return _told(scenario, outcome), shown


def _alert(played: Simulation, own: list[Frame]) -> Alert:
    return Alert(
        protocol=played.truth.protocol,
        src=played.truth.resp,
        dst=played.truth.orig,
        source="siem",
        time_ns=own[0].time_us * 1000,
        sid=1900099,
        rev=1,
        message="TRAINING contact",
        severity=2,
    )


def _told(scenario: Scenario, outcome: Outcome | OutcomeAnswer) -> Scenario:
    stated = {"auth": "unk", "role": "work", "origin": "int", "mal": "n", "evid": "missing"}
    inputs = {name: Stated(value=value, notes=(2,)) for name, value in stated.items()}
    expected = Expected(
        reversed=Reversed.CANNOT_BE_DETERMINED,
        outcome=cast(Any, outcome),
        intent=IntentMatch.MATCH,
        reason_code=ReasonCode.UN,
    )
    return replace(
        scenario,
        rule=RULE,
        statement="Work the alert in the five steps.",
        context=Context(notes=NOTES, inputs=inputs),
        expected=expected,
        accepted=(),
    )


OPENINGS: dict[str, Callable[[], Opened]] = {"no session": no_session, "late start": late_start}
