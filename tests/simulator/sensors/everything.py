"""Every writer's file about the scene, under the name of its sensor: for tests that look at all of them together."""

from __future__ import annotations

import hashlib

from tests.simulator.sensors.decoys import day
from tests.simulator.sensors.scenes import SEED, Scene
from tickets.simulator.network import Zone
from tickets.simulator.randomness import Stream
from tickets.simulator.recording import record
from tickets.simulator.sensors import (
    argus,
    aws_vpc,
    azure_flow_logs,
    cisco_asa,
    cowrie,
    dionaea,
    ecs,
    fortigate,
    google_cloud,
    honeytrap,
    netfilter,
    nfdump,
    palo_alto,
    pfsense,
    siem_lines,
    snort,
    suricata_eve,
    suricata_fast,
    tpot,
    windows_filtering,
    windows_firewall,
    zeek_conn,
    zeek_logs,
)
from tickets.simulator.sensors.alarms import Alarm, Signature
from tickets.simulator.sensors.flow_halves import Exporter, export_halves
from tickets.simulator.sensors.lines import encode_lines
from tickets.simulator.sensors.pcap import write_capture
from tickets.simulator.sensors.pipeline_events import (
    EndRule,
    map_alerts,
    map_denials,
    map_flows,
    map_sessions,
)
from tickets.simulator.sensors.zeek_connections import track_connections

SIGN = Signature(sid=1900001, rev=2, message="TRAINING sign", category="Misc activity", severity=3)
LASTING = Exporter(active_ns=10**15, inactive_ns=10**15)
SENSOR = "1f2e3d4c-0000-11f0-a000-000000000050"


def write_everything(scene: Scene) -> dict[str, bytes]:
    return (
        _of_the_tap(scene) | _of_firewalls(scene) | _of_the_host(scene) | _of_decoys() | _of_pipelines(scene)
    )


def _chance(name: str) -> Stream:
    return Stream(SEED, name.encode())


def _alarms(scene: Scene) -> list[Alarm]:
    return [Alarm(signature=SIGN, dialogue=scene.dialogues["page"], packet=1)]


def _of_the_tap(scene: Scene) -> dict[str, bytes]:
    recording, alarms = scene.recording(), _alarms(scene)
    connections = track_connections(recording, _chance("zeek"))
    halves = export_halves(recording, LASTING, _chance("halves"))
    eve, _ = suricata_eve.write_eve_log(
        recording, alarms, _chance("eve"), suricata_eve.Setup(kinds=suricata_eve.ALL_KINDS)
    )
    return {
        "capture": write_capture(recording),
        "suricata": eve,
        "fast.log": suricata_fast.write_fast_log(recording, alarms),
        "snort.fast": snort.write_alert_fast(recording, alarms),
        "snort.json": snort.write_alert_json(recording, alarms),
        "snort.csv": snort.write_alert_csv(recording, alarms),
        "zeek": zeek_conn.write_connections(connections),
        "zeek.http": zeek_logs.write_http_log(connections),
        "zeek.dns": zeek_logs.write_dns_log(connections),
        "nfdump": nfdump.write_nfdump_csv(halves),
        "nfdump.48": nfdump.write_nfdump_csv48(halves, "192.0.2.254"),
        "nfdump.merged": nfdump.write_nfdump_merged(halves, "192.0.2.254"),
        "argus": argus.write_argus_csv(recording),
    }


def _of_firewalls(scene: Scene) -> dict[str, bytes]:
    played, firewall = scene.all(), scene.firewall
    return {
        "asa": encode_lines(cisco_asa.write_asa_log(played, firewall, _chance("asa"))),
        "netfilter": encode_lines(netfilter.write_netfilter_log(played, firewall, _chance("netfilter"))),
        "pfsense": encode_lines(pfsense.write_filterlog(played, firewall)),
        "paloalto": encode_lines(palo_alto.write_traffic_log(played, firewall, _chance("pan"))),
        "fortigate": encode_lines(fortigate.write_fortigate_log(played, firewall, _chance("fortigate"))),
    }


def _of_the_host(scene: Scene) -> dict[str, bytes]:
    played, firewall, host = scene.all(), scene.firewall, scene.extranet
    card = record(played, scene.stage.tap("card", Zone.DMZ, host), firewall)
    return {
        "aws": aws_vpc.encode_vpc_log(aws_vpc.write_vpc_log(played, firewall, host, _chance("vpc"))),
        "azure.nsg": azure_flow_logs.write_nsg_flow_log(played, firewall, host, _chance("azure")),
        "azure.vnet": azure_flow_logs.write_vnet_flow_log(played, firewall, host, _chance("azure")),
        "gcp": encode_lines(google_cloud.write_vpc_flows(card, _chance("gcp"))),
        "gcp.firewall": encode_lines(google_cloud.write_firewall_rules_log(played, firewall, host)),
        "windows": encode_lines(
            windows_filtering.encode_json(windows_filtering.write_filtering_events(card, _chance("wfp")))
        ),
        "pfirewall": windows_firewall.encode_windows_firewall_log(
            windows_firewall.write_windows_firewall_log(card)
        ),
    }


def _of_decoys() -> dict[str, bytes]:
    played, decoy = day().all, day().decoy
    machine = tpot.Machine(name="tpot01", inner_ip="10.9.8.7", outer_ip=decoy.ip)
    records = dionaea.write_dionaea_json(played, decoy, _chance("dionaea"))
    return {
        "dionaea": encode_lines(records),
        "dionaea.mhn": encode_lines(dionaea.write_mhn_log(played, decoy, SENSOR, _chance("mhn"))),
        "dionaea.cef": encode_lines(dionaea.write_arcsight_log(played, decoy, _chance("cef"))),
        "dionaea.hpfeeds": encode_lines(dionaea.write_hpfeeds(played, decoy, _chance("hpfeeds"))),
        "dionaea.tree": dionaea.write_session_tree(played, decoy, _chance("tree")),
        "cowrie": encode_lines(cowrie.write_cowrie_log(played, decoy, _chance("cowrie"))),
        "honeytrap": encode_lines(honeytrap.write_honeytrap_log(played, decoy)),
        "tpot": encode_lines(tpot.index_lines("Dionaea", records, machine)),
    }


def _of_pipelines(scene: Scene) -> dict[str, bytes]:
    alerts = map_alerts(scene.recording(), _alarms(scene))
    denials, sessions = map_denials(scene.all(), scene.firewall), map_sessions(scene.all(), scene.firewall)
    flows = map_flows(scene.recording(), EndRule.LOWER_PORT_IS_SERVER)
    return {
        "ecs": encode_lines(ecs.write_ecs((*alerts, *denials, *sessions, *flows))),
        "cef": encode_lines(siem_lines.write_cef((*alerts, *denials, *sessions))),
        "leef": encode_lines(siem_lines.write_leef((*alerts, *denials, *sessions))),
        "cim": encode_lines(siem_lines.write_cim((*alerts, *denials, *sessions))),
    }


def print_digests() -> None:
    """A line for each file: for a process with other settings to compare with."""
    for name, data in write_everything(Scene()).items():
        print(name, hashlib.sha256(data).hexdigest())
