"""The sensors by the names that scenario files use: what each writes about a scene, and what may be asked of it.

A sensor that reads a tap writes of what passed there; a device in the middle writes of all that reached it; a
host's own log is written at a tap on its card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tickets.simulator.scene import Scene
from tickets.simulator.setting import ShownSensor
from tickets.simulator.writers.decoys import DECOYS
from tickets.simulator.writers.devices import DEVICES
from tickets.simulator.writers.hosts import HOSTS
from tickets.simulator.writers.pipelines import PIPELINES
from tickets.simulator.writers.place import Place, Sensor, Written
from tickets.simulator.writers.taps import AT_TAPS

SENSORS: Mapping[str, Sensor] = {**AT_TAPS, **DEVICES, **HOSTS, **DECOYS, **PIPELINES}


def show(scene: Scene, sensor: ShownSensor, name: str) -> Written:
    """The file of one sensor, whose alerts say where they stand."""
    known = SENSORS[sensor.sensor]
    chance = scene.chance.child(f"{sensor.sensor} {sensor.tap} {sorted(sensor.options.items())}")
    written = known.write(Place(scene, sensor.tap, sensor.options, chance))
    alerts = tuple(
        replace(alert, location=alert.location._replace(file=name)) if alert.location else alert
        for alert in written.alerts
    )
    return replace(written, alerts=alerts)


def name_files(sensors: Sequence[ShownSensor], scene: Scene) -> list[str]:
    """A file's name is its sensor's; where two sensors write under one name, each carries its tap or host before it."""
    plain = [SENSORS[sensor.sensor].file for sensor in sensors]
    names: list[str] = []
    for sensor, name in zip(sensors, plain, strict=True):
        if plain.count(name) > 1:
            key = sensor.options.get("host", "")
            where = scene.hosts[key].name if key else scene.recording(sensor.tap).tap.name
            name = f"{where}-{name}"
        while name in names:
            stem, dot, ending = name.rpartition(".")
            name = f"{stem}-2{dot}{ending}"
        names.append(name)
    return names
