"""Collectors: what they make of other sensors' records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tickets.simulator.sensors import ecs, pipeline_events, siem_lines
from tickets.simulator.sensors.lines import LogLine
from tickets.simulator.writers.place import ZONE, Options, Place, Sensor, Writer, put_lines


def _events(place: Place) -> tuple[pipeline_events.Event, ...]:
    """What came in to the pipeline (option `of`), and how it chose its source."""
    scene, kind = place.scene, place.options.get("of", "alerts")
    if kind == "alerts":
        own = place.options.get("counts") == "own"
        mapping = pipeline_events.Mapping.MATCHING if own else pipeline_events.Mapping.PACKET_ENDS_FLOW_COUNTS
        return pipeline_events.map_alerts(place.recording, scene.alarms, mapping)
    if kind == "denials":
        return pipeline_events.map_denials(scene.dialogues, scene.firewall)
    if kind == "sessions":
        return pipeline_events.map_sessions(scene.dialogues, scene.firewall)
    lower = place.options.get("source") == "higher_port"
    rule = pipeline_events.EndRule.LOWER_PORT_IS_SERVER if lower else pipeline_events.EndRule.FIRST_PACKET
    return pipeline_events.map_flows(place.recording, rule)


def _pipeline(write: Callable[[Place, Sequence[pipeline_events.Event]], Sequence[LogLine]]) -> Writer:
    return lambda place: put_lines(write(place, _events(place)))


OF: Options = {
    "of": ("alerts", "denials", "sessions", "flows"),
    "counts": ("flow", "own"),
    "source": ("first_packet", "higher_port"),
}

PIPELINES: Mapping[str, Sensor] = {
    "ecs": Sensor(ecs.FILE, _pipeline(lambda _, events: ecs.write_ecs(events)), OF),
    "cef": Sensor(
        "siem.cef",
        _pipeline(lambda place, events: siem_lines.write_cef(events, east_s=place.east_s)),
        OF | ZONE,
    ),
    "leef": Sensor(
        "siem.leef",
        _pipeline(
            lambda place, events: siem_lines.write_leef(
                events, version=int(place.options.get("version", "2")), east_s=place.east_s
            )
        ),
        OF | ZONE | {"version": ("1", "2")},
    ),
    "cim": Sensor("siem.json", _pipeline(lambda _, events: siem_lines.write_cim(events)), OF),
}
