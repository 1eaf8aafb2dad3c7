"""Decoys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tickets.simulator.sensors import cowrie, dionaea, honeytrap, tpot
from tickets.simulator.sensors.lines import LogLine
from tickets.simulator.writers.place import HOST, Place, Sensor, Writer, Written, put_lines


def _mhn(place: Place) -> Written:
    lines = dionaea.write_mhn_log(
        place.scene.dialogues, place.host, place.scene.identifier(place.host), place.chance
    )
    return put_lines(lines, data=dionaea.encode_lines(lines))


def _dionaea_lines(write: Callable[..., Sequence[LogLine]]) -> Writer:
    def write_lines(place: Place) -> Written:
        lines = write(place.scene.dialogues, place.host, place.chance)
        return put_lines(lines, data=dionaea.encode_lines(lines))

    return write_lines


def _hpfeeds(place: Place) -> Written:
    lines = dionaea.write_hpfeeds(
        place.scene.dialogues, place.host, place.chance, place.scene.programs.captures
    )
    return put_lines(lines, data=dionaea.encode_lines(lines))


def _session_tree(place: Place) -> Written:
    return Written(data=dionaea.write_session_tree(place.scene.dialogues, place.host, place.chance))


def _cowrie_lines(place: Place) -> Sequence[LogLine]:
    return cowrie.write_cowrie_log(
        place.scene.dialogues, place.host, place.chance, place.scene.programs.visits, place.host.name
    )


def _cowrie(place: Place) -> Written:
    return put_lines(_cowrie_lines(place))


def _honeytrap(place: Place) -> Written:
    return put_lines(honeytrap.write_honeytrap_log(place.scene.dialogues, place.host))


def _tpot(place: Place) -> Written:
    """T-Pot's index of one of its decoys."""
    host = place.host
    machine = tpot.Machine(name=host.name, inner_ip=place.options.get("inner", host.ip), outer_ip=host.ip)
    kind = place.options.get("decoy", "dionaea")
    if kind == "redis":
        return put_lines(tpot.index_redis(place.scene.dialogues, machine))
    lines: Sequence[LogLine]
    if kind == "dionaea":
        lines = dionaea.write_dionaea_json(place.scene.dialogues, host, place.chance)
    elif kind == "cowrie":
        lines = _cowrie_lines(place)
    else:
        lines = honeytrap.write_honeytrap_log(place.scene.dialogues, host)
    return put_lines(tpot.index_lines(kind.capitalize(), lines, machine))


DECOYS: Mapping[str, Sensor] = {
    "dionaea_mhn": Sensor(dionaea.MHN_FILE, _mhn, HOST, reads_tap=False),
    "dionaea_json": Sensor(
        dionaea.JSON_FILE, _dionaea_lines(dionaea.write_dionaea_json), HOST, reads_tap=False
    ),
    "dionaea_hpfeeds": Sensor(dionaea.HPFEEDS_FILE, _hpfeeds, HOST, reads_tap=False),
    "dionaea_arcsight": Sensor(
        dionaea.CEF_FILE, _dionaea_lines(dionaea.write_arcsight_log), HOST, reads_tap=False
    ),
    "dionaea_sessions": Sensor(dionaea.TREE_FILE, _session_tree, HOST, reads_tap=False),
    "cowrie": Sensor(cowrie.FILE, _cowrie, HOST, reads_tap=False),
    "honeytrap": Sensor(honeytrap.FILE, _honeytrap, HOST, reads_tap=False),
    "tpot": Sensor(
        tpot.FILE,
        _tpot,
        HOST | {"decoy": ("dionaea", "cowrie", "honeytrap", "redis"), "inner": ()},
        reads_tap=False,
    ),
}
