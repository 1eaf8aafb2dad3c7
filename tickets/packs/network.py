"""The part of a scenario file that the simulator plays on: hosts, doors, taps, what varies, which sensors are shown."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any, NamedTuple

import yaml

from tickets.simulator import SENSORS, SYSTEMS, CastHost, PlacedTap, ShownSensor, Span
from tickets.simulator.network import Hears, Zone

from .document import (
    Field,
    Node,
    optional,
    read_fields,
    read_list,
    read_name,
    read_one_of,
    read_one_or_more,
    read_pairs,
    read_text,
    read_whole_number,
    read_word,
)

MAX_PORT = 65535


class Network(NamedTuple):
    """The file's network as it stands there."""

    hosts: Mapping[str, CastHost]
    published: tuple[tuple[str, int], ...]
    taps: Mapping[str, PlacedTap]


def read_network(place: Node) -> Network:
    values = read_fields(place, _NETWORK_FIELDS)
    network = Network(**values)
    pairs = read_pairs(place)
    for key, port in network.published:
        if key and key not in network.hosts:
            pairs["published"].mistake(f"There is no host {key!r} (for {key}:{port}).")
    for name, tap in network.taps.items():
        if tap.host and tap.host not in network.hosts:
            read_pairs(pairs["taps"])[name].mistake(f"There is no host {tap.host!r}.")
    return network


def read_parameters(place: Node) -> dict[str, tuple[str, ...] | Span]:
    return {read_name(child, name): _read_parameter(child) for name, child in read_pairs(place).items()}


def _read_parameter(place: Node) -> tuple[str, ...] | Span:
    """A list of choices, or the first and the last of whole numbers."""
    if not isinstance(place.node, yaml.MappingNode):
        choices: tuple[str, ...] = read_one_or_more(read_text)(place)
        return choices
    values = read_fields(place, {"from": Field(read_whole_number), "to": Field(read_whole_number)})
    low, high = values["from"] or 0, values["to"] or 0
    if low > high:
        place.mistake(f"The first number, {low}, is above the last, {high}.")
    return Span(low, max(low, high))


def read_sensor(place: Node) -> ShownSensor:
    """A sensor's name, or a mapping of `sensor`, `tap` and options of its own."""
    if not isinstance(place.node, yaml.MappingNode):
        return ShownSensor(sensor=read_one_of(SENSORS)(place))
    pairs = read_pairs(place)
    if "sensor" not in pairs:
        place.mistake("This key is missing: sensor.")
        return ShownSensor(sensor="")
    name = read_one_of(SENSORS)(pairs.pop("sensor"))
    tap = read_text(pairs.pop("tap")) if "tap" in pairs else ""
    options: dict[str, str] = {}
    known = SENSORS[name].options if name in SENSORS else {}
    for option, child in pairs.items():
        if name and option not in known:
            child.mistake(f"{name} has no such option; it has {', '.join(('tap', *known))}.")
        allowed = known.get(option)
        options[option] = read_one_of(allowed)(child) if allowed else read_text(child)
    return ShownSensor(sensor=name, tap=tap, options=options)


def check_sensors(place: Node, sensors: tuple[ShownSensor, ...], network: Network) -> None:
    """Every sensor stands at a tap that is there, on a host that is there."""
    nodes = place.node.value if isinstance(place.node, yaml.SequenceNode) else []
    for number, (sensor, node) in enumerate(zip(sensors, nodes, strict=False), start=1):
        if sensor.sensor in SENSORS:
            item = place.below(node, str(number))
            _check_taps(item, sensor, network)
            _check_host(item, sensor, network)


def _check_taps(item: Node, sensor: ShownSensor, network: Network) -> None:
    known = SENSORS[sensor.sensor]
    for tap in (sensor.tap, sensor.options.get("second_tap", "")):
        if tap and tap not in network.taps:
            item.mistake(f"There is no tap {tap!r}.")
    if known.reads_tap and not network.taps:
        item.mistake(f"{sensor.sensor} reads a tap, and the network has none.")
    where = sensor.tap or next(iter(network.taps), "")
    if known.on_card and where in network.taps and not network.taps[where].host:
        item.mistake(f"{sensor.sensor} needs a tap on its host's own card, and {where!r} is on a link.")


def _check_host(item: Node, sensor: ShownSensor, network: Network) -> None:
    known = SENSORS[sensor.sensor]
    is_hosts_own = "host" in known.options and not known.reads_tap
    if is_hosts_own and sensor.options.get("host", "") not in network.hosts:
        item.mistake(f"{sensor.sensor} is a host's own: name it, `host: KEY`.")


def _read_hosts(place: Node) -> dict[str, CastHost]:
    return {read_name(child, name): _read_host(child) for name, child in read_pairs(place).items()}


def _read_host(place: Node) -> CastHost:
    values = read_fields(place, _HOST_FIELDS)
    return CastHost(
        zone=values["zone"] or Zone.OUTSIDE,
        system=values["system"],
        names=values["name"],
        addresses=values["address"],
        listens=values["listens"],
    )


def _some(read: Any) -> Any:
    """One value, or a list of them to draw from."""

    def read_some(place: Node) -> tuple[str, ...]:
        if isinstance(place.node, yaml.SequenceNode):
            items: tuple[str, ...] = read_one_or_more(read)(place)
            return items
        return (read(place),)

    return read_some


def _read_address(place: Node) -> str:
    text = read_text(place)
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        place.mistake(f"{text!r} is no address, and no network without host bits.")
        return ""
    if "/" in text and (network.version, network.prefixlen) != (4, 24):
        place.mistake("An address is drawn of a network of IPv4 with 24 bits.")
    return text


def _read_port(place: Node) -> int:
    port = read_whole_number(place)
    if port > MAX_PORT:
        place.mistake(f"{port} is no port.")
    return port


def _read_door(place: Node) -> tuple[str, int]:
    host, colon, port = read_text(place).rpartition(":")
    if not colon or not port.isdigit() or int(port) > MAX_PORT:
        place.mistake("A door is written HOST:PORT.")
        return "", 0
    return host, int(port)


def _read_taps(place: Node) -> dict[str, PlacedTap]:
    return {read_name(child, name): _read_tap(child) for name, child in read_pairs(place).items()}


def _read_tap(place: Node) -> PlacedTap:
    values = read_fields(place, _TAP_FIELDS)
    return PlacedTap(
        **values | {"zone": values["zone"] or Zone.OUTSIDE, "hears": values["hears"] or Hears.BOTH}
    )


def _read_yes(place: Node) -> bool:
    return read_one_of(("yes", "no"))(place) == "yes"


def _read_signed(place: Node) -> int:
    text = read_text(place)
    if text.removeprefix("-").isdecimal() and len(text) < 10:
        return int(text)
    place.mistake(f"A whole number is expected here, not {text!r}.")
    return 0


_HOST_FIELDS = {
    "zone": Field(read_word(Zone)),
    "system": optional(read_one_of(SYSTEMS), ""),
    "name": optional(_some(read_text), ()),
    "address": optional(_some(_read_address), ()),
    "listens": optional(read_list(_read_port), ()),
}
_TAP_FIELDS = {
    "name": Field(read_text),
    "zone": Field(read_word(Zone)),
    "host": optional(read_text, ""),
    "mirrors": optional(_read_yes, default=False),
    "hears": optional(read_word(Hears), Hears.BOTH),
    "vlan": optional(read_whole_number, None),
    "skew_ms": optional(_read_signed, 0),
}
_NETWORK_FIELDS = {
    "hosts": optional(_read_hosts, {}),
    "published": optional(read_list(_read_door), ()),
    "taps": optional(_read_taps, {}),
}
