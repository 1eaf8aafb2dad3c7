"""Suricata's fast.log: one line an alert, with the packet's addresses and nothing of the flow.

Source: Suricata's alert-fastlog.c, and runs of version 7.0. A packet that was dropped is marked. The time is the
packet's, by the sensor's clock and zone.
"""

from __future__ import annotations

from collections.abc import Sequence

from tickets.simulator.clock import DeviceClock
from tickets.simulator.recording import Recording
from tickets.simulator.sensors.alarms import Alarm, Fired, find_fired, print_arrow

FILE = "fast.log"


def write_fast_log(recording: Recording, alarms: Sequence[Alarm], *, east_s: int = 0) -> bytes:
    clock = DeviceClock(east_s=east_s)
    return "".join(_line(fired, clock) + "\n" for fired in find_fired(recording, alarms)).encode()


def _line(fired: Fired, clock: DeviceClock) -> str:
    signature = fired.alarm.signature
    drop = "[Drop] " if fired.alarm.drops else ""
    return (
        f"{clock.reads(fired.seen.time_ns):%m/%d/%Y-%H:%M:%S.%f}  {drop}[**]"
        f" [1:{signature.sid}:{signature.rev}] {signature.message} [**]"
        f" [Classification: {signature.category}] [Priority: {signature.severity}]"
        f" {print_arrow(fired.seen.packet, tells_kind=True)}"
    )
