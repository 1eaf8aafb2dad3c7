"""Where a sensor listens decides what it sees: translation, one way only, gaps, restarts, tags, clocks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.simulator.staging import between, converse_over, make_stage, opener_of
from tickets.engine import Endpoint, Outcome, Protocol
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.network import Blind, Dialogue, Firewall, Hears, Socket, Zone
from tickets.simulator.recording import Recording, record
from tickets.simulator.sensors.cisco_asa import write_asa_log
from tickets.simulator.sensors.community_id import compute_community_id
from tickets.simulator.sensors.pcap import write_capture
from tickets.simulator.stage import Stage


@pytest.fixture
def stage() -> Stage:
    return make_stage()


def _page(stage: Stage, port: int = 50_440) -> Dialogue:
    return stage.read_page(Socket(stage.workstation(), port), stage.web_site(), stage.start_ns)


def _at(stage: Stage, zone: Zone, *dialogues: Dialogue, firewall: Firewall | None = None) -> Recording:
    return record(dialogues, stage.tap("tap", zone), firewall or stage.firewall())


def test_a_tap_in_front_of_the_firewall_sees_its_address_and_one_behind_it_the_workstations(
    stage: Stage,
) -> None:
    page = _page(stage)
    behind, before = _at(stage, Zone.INSIDE, page).flows[0], _at(stage, Zone.OUTSIDE, page).flows[0]
    assert behind.orig == page.client.endpoint
    assert before.orig == Endpoint("192.0.2.1", 50_440)
    assert before.resp == behind.resp == page.server.endpoint
    assert [seen.packet.payload for seen in before.packets] == [
        seen.packet.payload for seen in behind.packets
    ]
    assert {seen.packet.src.host.ip for seen in before.packets} == {"192.0.2.1", page.server.host.ip}
    for from_orig in (True, False):
        assert before.tally(from_orig=from_orig) == behind.tally(from_orig=from_orig)


def test_the_engine_joins_both_sides_of_the_translation_by_the_firewalls_word(stage: Stage) -> None:
    page = _page(stage)
    captures = [write_capture(_at(stage, zone, page)) for zone in (Zone.INSIDE, Zone.OUTSIDE)]
    for capture, client in zip(captures, (page.client.endpoint, Endpoint("192.0.2.1", 50_440)), strict=True):
        (conversation,) = converse_over(capture)
        assert opener_of(conversation) == (client, page.server.endpoint)
        assert conversation.outcome is Outcome.ESTABLISHED


def test_two_clients_of_one_port_leave_by_two_ports_and_the_firewalls_log_names_them(stage: Stage) -> None:
    pages = [_page(stage), _page(stage)]
    firewall = stage.firewall()
    flows = _at(stage, Zone.OUTSIDE, *pages, firewall=firewall).flows
    assert sorted(flow.orig.port for flow in flows) == [50_440, 50_441]
    log = "\n".join(line.text for line in write_asa_log(tuple(pages), firewall, stage.noise))
    for flow in flows:
        client = flow.dialogue.client.endpoint
        assert f"inside:{client.ip}/{client.port} (192.0.2.1/{flow.orig.port})" in log


def test_a_client_that_keeps_its_port_keeps_its_mapping_whoever_it_talks_to(stage: Stage) -> None:
    client = Socket(stage.workstation(), 51_413)
    pages = [
        stage.read_page(client, stage.web_site(), stage.start_ns + number * NS_PER_S) for number in range(3)
    ]
    flows = _at(stage, Zone.OUTSIDE, *pages).flows
    assert {flow.orig for flow in flows} == {Endpoint("192.0.2.1", 51_413)}


def test_a_published_server_has_its_own_address_outside(stage: Stage) -> None:
    server = stage.server("portal", Zone.DMZ, "10.20.9.10", listens=(80,))
    page = stage.read_page(stage.socket(stage.stranger()), server, stage.start_ns)
    firewall = replace(stage.firewall(("10.20.9.10", 80)), static=(("192.0.2.30", "10.20.9.10"),))
    assert _at(stage, Zone.OUTSIDE, page, firewall=firewall).flows[0].resp == Endpoint("192.0.2.30", 80)
    assert _at(stage, Zone.DMZ, page, firewall=firewall).flows[0].resp == Endpoint("10.20.9.10", 80)


@pytest.mark.parametrize("hears", [Hears.FROM_ZONE, Hears.TO_ZONE])
def test_a_one_way_tap_sees_one_side(stage: Stage, hears: Hears) -> None:
    page = _page(stage)
    (flow,) = record([page], replace(stage.tap("tap", Zone.INSIDE), hears=hears), stage.firewall()).flows
    speaker = page.client if hears is Hears.FROM_ZONE else page.server
    assert {seen.packet.src for seen in flow.packets} == {speaker}
    assert flow.orig == page.client.endpoint
    assert flow.first_is_from_orig is (hears is Hears.FROM_ZONE)


def test_the_engine_calls_what_a_one_way_tap_saw_one_way(stage: Stage) -> None:
    page = _page(stage)
    tap = replace(stage.tap("tap", Zone.INSIDE), hears=Hears.TO_ZONE)
    (conversation,) = converse_over(write_capture(record([page], tap, stage.firewall())))
    assert conversation.outcome is Outcome.ONE_WAY


def test_a_capture_that_starts_late_has_no_handshake_and_the_engine_says_midstream(stage: Stage) -> None:
    page = _page(stage)
    handshake_ns = stage.tap("tap", Zone.INSIDE).pass_ns(page.packets[3]) - 1
    tap = replace(stage.tap("tap", Zone.INSIDE), blind=(Blind(0, handshake_ns),))
    recording = record([page], tap, stage.firewall())
    assert len(recording.packets) == len(page.packets) - 3
    conversation = between(
        converse_over(write_capture(recording)), page.client.endpoint, page.server.endpoint
    )
    assert conversation.outcome is Outcome.MIDSTREAM
    assert conversation.orig == page.client.endpoint, "the request still says who is the client"


def test_a_gap_takes_out_its_own_time_only(stage: Stage) -> None:
    page = _page(stage)
    tap = stage.tap("tap", Zone.INSIDE)
    times = sorted(tap.pass_ns(packet) for packet in page.packets)
    holed = record([page], replace(tap, blind=(Blind(times[4], times[6]),)), stage.firewall())
    assert [seen.time_ns for seen in holed.packets] == [
        time_ns // 1000 * 1000 for time_ns in (*times[:4], *times[6:])
    ]


def test_a_restart_cuts_the_flow_in_two_and_loses_no_packet(stage: Stage) -> None:
    page = _page(stage)
    tap = stage.tap("tap", Zone.INSIDE)
    moment = sorted(tap.pass_ns(packet) for packet in page.packets)[5]
    whole = record([page], tap, stage.firewall())
    recording = record([page], replace(tap, restarts_ns=(moment,)), stage.firewall())
    assert [(flow.part, len(flow.packets)) for flow in recording.flows] == [
        (0, 5),
        (1, len(whole.packets) - 5),
    ]
    assert recording.packets == whole.packets


def test_a_clock_ahead_moves_every_time_and_nothing_else(stage: Stage) -> None:
    page, tap = _page(stage), stage.tap("tap", Zone.INSIDE)
    right = record([page], tap, stage.firewall())
    ahead = record([page], replace(tap, skew_ns=90 * NS_PER_S), stage.firewall())
    assert [seen._replace(time_ns=seen.time_ns + 90 * NS_PER_S) for seen in right.packets] == list(
        ahead.packets
    )


def test_a_trunk_and_an_access_port_in_one_capture_show_every_packet_twice_once_tagged(stage: Stage) -> None:
    files = stage.server("files", Zone.SERVERS, "10.20.10.20", listens=(80,))
    page = stage.read_page(stage.socket(stage.workstation()), files, stage.start_ns)
    trunk = replace(stage.tap("trunk", Zone.INSIDE), vlan=30)
    firewall = stage.firewall()
    recordings = [record([page], tap, firewall) for tap in (trunk, stage.tap("access", Zone.SERVERS))]
    capture = write_capture(*recordings)
    assert capture.count(b"\x81\x00\x00\x1e\x08\x00") == len(page.packets)
    tagged, plain = (recording.flows[0].tally(from_orig=True) for recording in recordings)
    assert tagged.packets == plain.packets
    assert tagged.frame_bytes == plain.frame_bytes + 4 * plain.packets
    (conversation,) = converse_over(capture)
    assert opener_of(conversation) == (page.client.endpoint, page.server.endpoint)


def test_neighbours_are_heard_by_a_mirror_of_their_switch_only(stage: Stage) -> None:
    one, other = stage.workstation(), stage.workstation()
    knock = stage.knock(stage.socket(one), Socket(other, 445), stage.start_ns, stage.firewall())
    tap = stage.tap("tap", Zone.INSIDE)
    assert not record([knock], tap, stage.firewall()).flows
    (flow,) = record([knock], replace(tap, mirrors=True), stage.firewall()).flows
    assert {seen.ttl for seen in flow.packets} == {128}, "no router lies between neighbours"


def test_what_the_firewall_turns_away_never_reaches_a_host_behind_it(stage: Stage) -> None:
    bastion = stage.server("bastion", Zone.DMZ, "192.0.2.10", listens=(22,))
    knock = stage.knock(
        stage.socket(stage.stranger()), Socket(bastion, 3389), stage.start_ns, stage.firewall()
    )
    assert not record([knock], stage.tap("card", Zone.DMZ, bastion), stage.firewall()).flows
    assert record([knock], stage.tap("edge", Zone.OUTSIDE), stage.firewall()).flows


def test_hosts_with_ipv6_addresses_talk_beside_the_others(stage: Stage) -> None:
    site = stage.web_site().at("2001:db8:80::50")
    reader = stage.workstation().at("2001:db8:20:30::40")
    page = stage.read_page(Socket(reader, 50_000), site, stage.start_ns)
    recording = _at(stage, Zone.OUTSIDE, page, _page(stage))
    first = next(flow for flow in recording.flows if flow.dialogue is page)
    assert first.orig == page.client.endpoint, "nothing is translated"
    conversation = between(
        converse_over(write_capture(recording)), page.client.endpoint, page.server.endpoint
    )
    assert conversation.outcome is Outcome.ESTABLISHED
    tally = first.tally(from_orig=True)
    assert tally.ip_bytes == sum(
        40 + 20 + len(seen.packet.options) + len(seen.packet.payload)
        for seen in first.packets
        if first.is_from_orig(seen)
    )


def test_community_ids_of_other_protocols_are_those_of_the_specification() -> None:
    """Values from the specification's own baselines (icmp.pcap, icmp6.pcap), seed 0."""
    assert (
        compute_community_id(Protocol.ICMP, Endpoint("192.168.0.89", 8), Endpoint("192.168.0.1", 0))
        == "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="
    )
    assert (
        compute_community_id(
            Protocol.ICMP,
            Endpoint("fe80::200:86ff:fe05:80da", 135),
            Endpoint("fe80::260:97ff:fe07:69ea", 136),
        )
        == "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="
    )
