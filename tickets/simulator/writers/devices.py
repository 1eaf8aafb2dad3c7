"""Firewalls in the middle: they write of all that reached them."""

from __future__ import annotations

from collections.abc import Mapping

from tickets.simulator.sensors import cisco_asa, fortigate, netfilter, palo_alto, pfsense
from tickets.simulator.writers.place import ZONE, Options, Place, Sensor, Written, put_lines


def _asa(place: Place) -> Written:
    denials = {
        "access_group": cisco_asa.Denial.ACCESS_GROUP,
        "logged_entry": cisco_asa.Denial.LOGGED_ENTRY,
        "security_levels": cisco_asa.Denial.SECURITY_LEVELS,
    }
    lines = cisco_asa.write_asa_log(
        place.scene.dialogues,
        place.scene.firewall,
        place.chance,
        denial=denials[place.options.get("denial", "access_group")],
        east_s=place.east_s,
        tells_translations=place.options.get("translations") == "yes",
    )
    return put_lines(lines, data=cisco_asa.encode_asa_log(lines))


def _tool(place: Place) -> netfilter.Tool:
    return netfilter.Tool(place.options.get("tool", "iptables"))


def _netfilter(place: Place) -> Written:
    scene = place.scene
    lines = netfilter.write_netfilter_log(
        scene.dialogues, scene.firewall, place.chance, tool=_tool(place), east_s=place.east_s
    )
    return put_lines(lines)


def _host_netfilter(place: Place) -> Written:
    lines = netfilter.write_host_netfilter_log(
        place.recording, place.chance, tool=_tool(place), east_s=place.east_s
    )
    return put_lines(lines)


def _pfsense(place: Place) -> Written:
    return put_lines(
        pfsense.write_filterlog(place.scene.dialogues, place.scene.firewall, east_s=place.east_s)
    )


def _panos_traffic(place: Place) -> Written:
    scene = place.scene
    return put_lines(
        palo_alto.write_traffic_log(scene.dialogues, scene.firewall, place.chance, east_s=place.east_s)
    )


def _panos_threat(place: Place) -> Written:
    scene = place.scene
    lines = palo_alto.write_threat_log(
        scene.programs.threats, scene.dialogues, scene.firewall, place.chance, east_s=place.east_s
    )
    return put_lines(lines)


def _fortigate(place: Place) -> Written:
    scene = place.scene
    return put_lines(
        fortigate.write_fortigate_log(scene.dialogues, scene.firewall, place.chance, east_s=place.east_s)
    )


TOOL: Options = {"tool": ("iptables", "nftables")}

DEVICES: Mapping[str, Sensor] = {
    "cisco_asa": Sensor(
        cisco_asa.FILE,
        _asa,
        ZONE
        | {
            "denial": ("access_group", "logged_entry", "security_levels"),
            "translations": ("yes", "no"),
        },
        reads_tap=False,
    ),
    "netfilter": Sensor(netfilter.FILE, _netfilter, ZONE | TOOL, reads_tap=False),
    "host_netfilter": Sensor(netfilter.FILE, _host_netfilter, ZONE | TOOL, on_card=True),
    "pfsense": Sensor(pfsense.FILE, _pfsense, ZONE, reads_tap=False),
    "palo_alto_traffic": Sensor("traffic.csv", _panos_traffic, ZONE, reads_tap=False),
    "palo_alto_threat": Sensor("threat.csv", _panos_threat, ZONE, reads_tap=False),
    "fortigate": Sensor(fortigate.FILE, _fortigate, ZONE, reads_tap=False),
}
