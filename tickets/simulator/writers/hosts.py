"""Hosts' own logs, and what clouds write about a machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tickets.simulator.sensors import (
    aws_vpc,
    azure_flow_logs,
    google_cloud,
    openssh,
    windows_filtering,
    windows_firewall,
)
from tickets.simulator.writers.place import (
    HOST,
    ZONE,
    Options,
    Place,
    Sensor,
    Writer,
    Written,
    count_head,
    put_lines,
)


def _windows_firewall(place: Place) -> Written:
    lines = windows_firewall.write_windows_firewall_log(
        place.recording,
        blocked=place.scene.programs.blocked,
        tells_allowed=place.options.get("allowed", "yes") == "yes",
        east_s=place.east_s,
    )
    data = windows_firewall.encode_windows_firewall_log(lines)
    return put_lines(lines, data=data, before=count_head(data, len(lines)))


def _windows_filtering(place: Place) -> Written:
    first = {
        "remote": windows_filtering.Rendering.REMOTE_FIRST,
        "local": windows_filtering.Rendering.LOCAL_FIRST,
    }
    events = windows_filtering.write_filtering_events(
        place.recording,
        place.chance,
        rendering=first[place.options.get("first", "remote")],
        blocked=place.scene.programs.blocked,
    )
    encode = (
        windows_filtering.encode_xml if place.options.get("style") == "xml" else windows_filtering.encode_json
    )
    return put_lines(encode(events))


def _openssh(place: Place) -> Written:
    """The logins that the host's SSH server took."""
    return put_lines(openssh.write_auth_log(place.scene.dialogues, place.host, place.chance))


def _aws(place: Place) -> Written:
    version = aws_vpc.Version.FIVE if place.options.get("version") == "5" else aws_vpc.Version.DEFAULT
    lines = aws_vpc.write_vpc_log(
        place.scene.dialogues, place.scene.firewall, place.host, place.chance, version=version
    )
    data = aws_vpc.encode_vpc_log(lines, version)
    return put_lines(lines, data=data, before=count_head(data, len(lines)))


def _azure(write: Callable[..., bytes]) -> Writer:
    return lambda place: Written(
        data=write(place.scene.dialogues, place.scene.firewall, place.host, place.chance)
    )


def _gcp_flows(place: Place) -> Written:
    one_in = int(place.options.get("one_in", "1"))
    return put_lines(google_cloud.write_vpc_flows(place.recording, place.chance, one_in=one_in))


def _gcp_firewall(place: Place) -> Written:
    return put_lines(
        google_cloud.write_firewall_rules_log(place.scene.dialogues, place.scene.firewall, place.host)
    )


SAMPLED: Options = {"one_in": ("1", "10", "100", "512", "1000")}

HOSTS: Mapping[str, Sensor] = {
    "windows_firewall": Sensor(
        windows_firewall.FILE, _windows_firewall, ZONE | {"allowed": ("yes", "no")}, on_card=True
    ),
    "windows_filtering": Sensor(
        "security-events.log",
        _windows_filtering,
        {"style": ("json", "xml"), "first": ("remote", "local")},
        on_card=True,
    ),
    "openssh": Sensor(openssh.FILE, _openssh, HOST, reads_tap=False),
    "aws_vpc": Sensor(aws_vpc.FILE, _aws, HOST | {"version": ("2", "5")}, reads_tap=False),
    "azure_nsg": Sensor("nsg-flow.json", _azure(azure_flow_logs.write_nsg_flow_log), HOST, reads_tap=False),
    "azure_vnet": Sensor(
        "vnet-flow.json", _azure(azure_flow_logs.write_vnet_flow_log), HOST, reads_tap=False
    ),
    "gcp_flows": Sensor("vpc-flows.json", _gcp_flows, SAMPLED, on_card=True),
    "gcp_firewall": Sensor("firewall-rules.json", _gcp_firewall, HOST, reads_tap=False),
}
