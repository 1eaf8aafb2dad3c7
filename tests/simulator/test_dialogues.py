"""Each kind of dialogue: what is on the wire, and that the engine reads the truth out of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from tests.simulator.dissecting import assert_flawless, needs_tshark
from tests.simulator.staging import between, converse_over, judge, make_stage, opener_of
from tickets.engine import Endpoint, Outcome, Protocol, TcpFlags
from tickets.simulator.dialogues import TcpTalk
from tickets.simulator.dialogues.icmp import HOST_UNREACHABLE, play_echo, play_errors
from tickets.simulator.dialogues.related import (
    FtpTalk,
    GroupQuestion,
    play_group_question,
    play_lease,
    play_tftp_read,
)
from tickets.simulator.dialogues.relays import Leg, Relayed
from tickets.simulator.dialogues.series import draw_beats
from tickets.simulator.dialogues.udp import play_datagrams, play_traceroute, play_unreachable
from tickets.simulator.messages import dns, ftp, http, peers
from tickets.simulator.messages.turns import MS, answer, ask
from tickets.simulator.network import Dialogue, Firewall, Host, Socket, Tap, Zone
from tickets.simulator.recording import Recording, record
from tickets.simulator.sensors.aws_vpc import write_vpc_log
from tickets.simulator.sensors.cisco_asa import write_asa_log
from tickets.simulator.sensors.flow_halves import Exporter, export_halves
from tickets.simulator.sensors.pcap import write_capture
from tickets.simulator.sensors.zeek_conn import write_conn_log
from tickets.simulator.stage import Stage
from tickets.simulator.systems import (
    IOS,
    LINUX,
    MACOS,
    MASSCAN,
    NMAP,
    SCANNERS,
    SYSTEMS,
    WINDOWS,
    ZMAP,
    IpIds,
    OperatingSystem,
    TcpOption,
)

SYN, ACK, FIN, RST, PSH, URG, NONE = (
    TcpFlags.SYN,
    TcpFlags.ACK,
    TcpFlags.FIN,
    TcpFlags.RST,
    TcpFlags.PSH,
    TcpFlags.URG,
    TcpFlags.NONE,
)
Act = Callable[[TcpTalk], None]
SECOND = 1_000_000_000


class Play:
    """A host of ours in the DMZ, strangers, and the tap in front of the firewall that watches them."""

    def __init__(self) -> None:
        self.stage = make_stage("dialogues")
        self.host = self.stage.server("portal", Zone.DMZ, "192.0.2.10", listens=(22, 443))
        self.firewall = Firewall(address="192.0.2.1", published=frozenset(), open_zones=frozenset({Zone.DMZ}))
        self.tap = self.stage.tap("edge", Zone.OUTSIDE)

    def tcp(self, act: Act, port: int = 443, system: OperatingSystem = LINUX) -> Dialogue:
        client = self.stage.socket(self.stage.stranger(system=system))
        talk = self.stage.talk(client, Socket(self.host, port), self.stage.start_ns)
        act(talk)
        return talk.end()

    def record(self, *dialogues: Dialogue, tap: Tap | None = None) -> Recording:
        return record(dialogues, tap or self.tap, self.firewall)


@pytest.fixture
def play() -> Play:
    return Play()


def _flags(dialogue: Dialogue) -> list[TcpFlags]:
    return [packet.flags for packet in dialogue.packets]


def _assert_truth(play: Play, dialogue: Dialogue, outcome: Outcome, tap: Tap | None = None) -> None:
    conversation = judge(dialogue, tap or play.tap, play.firewall)
    assert opener_of(conversation) == (dialogue.client.endpoint, dialogue.server.endpoint)
    assert conversation.outcome is outcome
    assert conversation.confidence >= 0.9


# Opening, and failing to.


def test_a_syn_that_got_lost_is_sent_again_with_its_number_and_the_handshake_stands(play: Play) -> None:
    def act(talk: TcpTalk) -> None:
        talk.shake_hands(attempts=3)
        talk.say(talk.client, b"GET / HTTP/1.1\r\nHost: a.example.net\r\n\r\n", MS)

    dialogue = play.tcp(act)
    assert _flags(dialogue)[:5] == [SYN, SYN, SYN, SYN | ACK, ACK]
    assert len({packet.seq for packet in dialogue.packets[:3]}) == 1
    assert [round((packet.sent_ns - dialogue.start_ns) / SECOND) for packet in dialogue.packets[:3]] == [
        0,
        1,
        3,
    ]
    _assert_truth(play, dialogue, Outcome.ESTABLISHED)


@pytest.mark.parametrize("system", [system for system in SYSTEMS if system not in SCANNERS], ids=str)
def test_silence_is_met_with_as_many_syns_as_the_system_sends(play: Play, system: OperatingSystem) -> None:
    dialogue = play.tcp(TcpTalk.knock_in_vain, 445, system)
    assert _flags(dialogue) == [SYN] * (1 + len(system.retries_ns))
    assert len({packet.seq for packet in dialogue.packets}) == 1
    _assert_truth(play, dialogue, Outcome.UNANSWERED)


def test_a_closed_port_refuses_each_attempt_with_sequence_zero(play: Play) -> None:
    dialogue = play.tcp(lambda talk: talk.knock_refused(attempts=3), 3389, WINDOWS)
    assert _flags(dialogue) == [SYN, RST | ACK] * 3
    for knock, refusal in zip(dialogue.packets[::2], dialogue.packets[1::2], strict=True):
        assert (refusal.seq, refusal.ack) == (0, (knock.seq + 1) & 0xFFFFFFFF)
    _assert_truth(play, dialogue, Outcome.REFUSED)


@pytest.mark.parametrize(
    ("system", "calls"), [(LINUX, 1), (WINDOWS, 4)], ids=["gives up when told", "tries on"]
)
def test_a_filter_that_answers_with_icmp_rejects(play: Play, system: OperatingSystem, calls: int) -> None:
    client = play.stage.socket(play.stage.stranger(system=system))
    gateway = play.stage.gateway()
    attempt, error = play.stage.knock_rejected(client, Socket(play.host, 445), play.stage.start_ns, gateway)
    assert len(attempt.packets) == len(error.packets) == calls
    recording = play.record(attempt, error)
    (conversation,) = (
        item for item in converse_over(write_capture(recording)) if item.protocol is Protocol.TCP
    )
    assert opener_of(conversation) == (client.endpoint, Endpoint("192.0.2.10", 445))
    assert conversation.outcome is Outcome.REJECTED


def test_a_filtered_attempt_is_seen_before_the_filter_and_not_behind_it(play: Play) -> None:
    closed = replace(play.firewall, open_zones=frozenset())
    attempt, error = play.stage.knock_rejected(
        play.stage.socket(play.stage.stranger()),
        Socket(play.host, 445),
        play.stage.start_ns,
        play.stage.gateway(),
    )
    assert not record([attempt, error], play.stage.tap("dmz", Zone.DMZ), closed).packets
    assert len(record([attempt, error], play.tap, closed).packets) == 2


def test_an_unreachable_host_is_told_by_its_router_with_the_syn_as_it_came(play: Play) -> None:
    attempt = play.tcp(TcpTalk.knock_once)
    error = play_errors(attempt, attempt.packets, play.stage.gateway(), HOST_UNREACHABLE, play.stage.noise)
    capture = write_capture(play.record(attempt, error))
    (conversation,) = (item for item in converse_over(capture) if item.protocol is Protocol.TCP)
    assert conversation.outcome is Outcome.REJECTED
    seen = play.record(attempt, error).packets
    quoted = seen[1].packet.quoted
    assert quoted is not None
    assert quoted.ttl == seen[0].ttl, "the quoted header is the one that passed the tap"


@pytest.mark.parametrize("system", SCANNERS, ids=str)
def test_a_scanner_finds_an_open_port_and_its_system_resets_what_it_knows_nothing_of(
    play: Play, system: OperatingSystem
) -> None:
    client = play.stage.socket(play.stage.stranger(system=system))
    dialogue = play.stage.knock(client, Socket(play.host, 443), play.stage.start_ns, play.firewall)
    syn, syn_ack, reset = dialogue.packets
    assert _flags(dialogue) == [SYN, SYN | ACK, RST]
    assert (reset.seq, reset.ack, reset.window) == (syn_ack.ack, 0, 0)
    assert (syn.window, bool(syn.options)) == (system.syn_window, bool(system.options))
    assert (reset.first_ttl, reset.ip_id) == (64, 0), "the system's, not the scanner's"
    if system is ZMAP:
        assert syn.ip_id == 54321
    conversation = judge(dialogue, play.tap, play.firewall)
    assert opener_of(conversation) == (client.endpoint, Endpoint("192.0.2.10", 443))
    assert (conversation.outcome, conversation.history) == (Outcome.ESTABLISHED, "ShR")


def test_a_syn_ack_that_nobody_answers_is_sent_again(play: Play) -> None:
    dialogue = play.tcp(lambda talk: talk.knock_half_open(is_reset=False))
    assert _flags(dialogue) == [SYN, *[SYN | ACK] * 4]
    assert len({(packet.seq, packet.ack) for packet in dialogue.packets[1:]}) == 1
    conversation = judge(dialogue, play.tap, play.firewall)
    assert opener_of(conversation) == (dialogue.client.endpoint, dialogue.server.endpoint)
    assert conversation.history == "Sh"


def test_two_syns_that_cross_open_one_conversation(play: Play) -> None:
    def act(talk: TcpTalk) -> None:
        talk.shake_hands_at_once()
        talk.say(talk.client, b"hello\r\n", MS)
        talk.say(talk.server, b"hello\r\n", MS)
        talk.part(talk.client, MS)

    dialogue = play.tcp(act)
    assert _flags(dialogue)[:4] == [SYN, SYN, SYN | ACK, SYN | ACK]
    assert {packet.src for packet in dialogue.packets[:2]} == {dialogue.client, dialogue.server}
    conversation = judge(dialogue, play.tap, play.firewall)
    assert conversation.outcome is Outcome.ESTABLISHED
    assert conversation.history.startswith("SsHh"), "both opened it"
    assert conversation.confidence < 0.9, "so nobody is keyed as the one who did"


@pytest.mark.parametrize(
    ("flags", "answer_flags"),
    [(ACK, RST), (FIN, RST | ACK), (FIN | PSH | URG, RST | ACK), (NONE, RST | ACK)],
    ids=["ack", "fin", "xmas", "null"],
)
def test_a_probe_without_a_handshake_is_answered_by_a_reset_of_its_kind(
    play: Play, flags: TcpFlags, answer_flags: TcpFlags
) -> None:
    dialogue = play.tcp(lambda talk: talk.probe(flags, is_answered=True), 80, NMAP)
    probe, reply = dialogue.packets
    assert _flags(dialogue) == [flags, answer_flags]
    if flags & ACK:
        assert reply.seq == probe.ack
    else:
        assert (reply.seq, reply.ack) == (0, (probe.seq + bool(flags & FIN)) & 0xFFFFFFFF)
    conversation = judge(dialogue, play.tap, play.firewall)
    if flags & ACK:
        # A host that forgot a connection answers the same, so the ports are all that is left.
        assert (conversation.outcome, conversation.confidence < 0.9) == (Outcome.MIDSTREAM, True)
    else:
        assert opener_of(conversation) == (dialogue.client.endpoint, dialogue.server.endpoint)
        assert (conversation.outcome, conversation.confidence >= 0.9) == (Outcome.REFUSED, True)


def test_a_probe_that_an_open_port_keeps_silent_about_goes_one_way(play: Play) -> None:
    dialogue = play.tcp(
        lambda talk: talk.probe(FIN | PSH | URG, is_answered=False, is_resent=True), 443, NMAP
    )
    assert len({packet.seq for packet in dialogue.packets}) == 1
    conversation = judge(dialogue, play.tap, play.firewall)
    assert opener_of(conversation) == (dialogue.client.endpoint, dialogue.server.endpoint)
    assert (conversation.outcome, conversation.confidence >= 0.9) == (Outcome.ONE_WAY, True)


def test_an_idle_host_that_resets_a_syn_ack_is_not_keyed_as_its_client(play: Play) -> None:
    victim = Socket(play.stage.stranger(listens=(80,)), 80)
    idle = play.stage.server("idle", Zone.DMZ, "192.0.2.77")
    talk = play.stage.talk(victim, Socket(idle, 51_000), play.stage.start_ns)
    talk.scatter_back(is_reset=True)
    dialogue = talk.end()
    syn_ack, reset = dialogue.packets
    assert _flags(dialogue) == [SYN | ACK, RST]
    assert reset.seq == syn_ack.ack
    conversation = judge(dialogue, play.tap, play.firewall)
    assert conversation.orig is None
    assert conversation.outcome is Outcome.MIDSTREAM


def test_backscatter_to_an_unused_address_is_sent_again_and_stays_alone(play: Play) -> None:
    victim = Socket(play.stage.stranger(listens=(80,)), 80)
    unused = play.stage.server("", Zone.DMZ, "192.0.2.99")
    talk = play.stage.talk(victim, Socket(unused, 51_000), play.stage.start_ns)
    talk.scatter_back(is_reset=False)
    dialogue = talk.end()
    assert _flags(dialogue) == [SYN | ACK] * 3
    conversation = judge(dialogue, play.tap, play.firewall)
    assert (conversation.orig, conversation.outcome) == (None, Outcome.ONE_WAY)


# Talking and ending.


def test_a_lost_segment_is_doubted_three_times_and_sent_again_at_once(play: Play) -> None:
    def act(talk: TcpTalk) -> None:
        talk.shake_hands()
        talk.say(talk.client, b"GET / HTTP/1.1\r\nHost: a.example.net\r\n\r\n", MS)
        talk.say_with_loss(talk.server, b"z" * 9_000, MS, lost=3)
        talk.part(talk.client, MS)

    dialogue = play.tcp(act)
    sent = [packet for packet in dialogue.packets if packet.src == dialogue.server and packet.payload]
    again = [packet for packet in sent if [other.seq for other in sent].count(packet.seq) == 2]
    assert len(again) == 2
    assert sent.index(again[0]) == 2
    assert again[0].payload == again[1].payload
    acknowledged = [
        packet.ack for packet in dialogue.packets if packet.src == dialogue.client and not packet.payload
    ]
    assert acknowledged.count(again[0].seq) >= 4
    assert any(b"\x05\x0a" in packet.options for packet in dialogue.packets), (
        "what is beyond the hole is named"
    )
    whole = b"".join(packet.payload for packet in sent if packet is not again[1])
    assert whole == b"z" * 9_000
    _assert_truth(play, dialogue, Outcome.ESTABLISHED)


def test_a_lost_last_segment_waits_for_its_timer(play: Play) -> None:
    def act(talk: TcpTalk) -> None:
        talk.shake_hands()
        talk.say_with_loss(talk.client, b"z" * 2_000, MS, lost=2)

    dialogue = play.tcp(act)
    first, again = (packet for packet in dialogue.packets if len(packet.payload) == 2_000 - 1_448)
    assert first.seq == again.seq
    assert again.sent_ns - first.sent_ns >= LINUX.resend_ns
    _assert_truth(play, dialogue, Outcome.ESTABLISHED)


def test_a_reset_after_data_is_no_refusal(play: Play) -> None:
    def act(talk: TcpTalk) -> None:
        talk.shake_hands()
        talk.say(talk.client, b"GET / HTTP/1.1\r\nHost: a.example.net\r\n\r\n", MS)
        talk.reset(talk.server, MS)

    dialogue = play.tcp(act)
    assert _flags(dialogue)[-1] == RST | ACK
    _assert_truth(play, dialogue, Outcome.ESTABLISHED)


def test_data_after_the_idle_timeout_stop_at_the_firewall_and_are_sent_again(play: Play) -> None:
    def act(talk: TcpTalk) -> None:
        talk.shake_hands()
        talk.say(talk.client, b"hello\r\n", MS)
        talk.wait(3_700 * SECOND)
        talk.speak_too_late(talk.client, b"still there?\r\n", MS)

    dialogue = play.tcp(act)
    late = [packet for packet in dialogue.packets if packet.stops_at_firewall]
    assert len(late) == 4
    assert len({packet.seq for packet in late}) == 1
    waits = [later.sent_ns - earlier.sent_ns for earlier, later in pairwise(late)]
    assert waits[1] == 2 * waits[0]
    behind = play.record(dialogue, tap=play.stage.tap("dmz", Zone.DMZ))
    assert len(behind.packets) == len(dialogue.packets) - len(late)
    _assert_truth(play, dialogue, Outcome.ESTABLISHED)


@pytest.mark.parametrize("system", [LINUX, WINDOWS], ids=str)
def test_a_quiet_conversation_is_kept_alive_with_the_number_before_the_next(
    play: Play, system: OperatingSystem
) -> None:
    def act(talk: TcpTalk) -> None:
        talk.shake_hands()
        talk.say(talk.client, b"hello\r\n", MS)
        for _ in range(3):
            talk.keep_alive(talk.client, 45 * SECOND)
        talk.say(talk.server, b"hello\r\n", MS)

    dialogue = play.tcp(act, system=system)
    after_hello = next(packet for packet in dialogue.packets if packet.payload == b"hello\r\n").seq + 7
    probes = [
        packet
        for packet in dialogue.packets
        if packet.src == dialogue.client and packet.seq == (after_hello - 1) & 0xFFFFFFFF
    ]
    assert len(probes) == 3
    _assert_truth(play, dialogue, Outcome.ESTABLISHED)


def test_a_transfer_told_in_bulk_is_counted_by_flow_meters_and_captured_by_none(play: Play) -> None:
    size = 6 * 10**9

    def act(talk: TcpTalk) -> None:
        talk.shake_hands()
        talk.say(talk.client, b"\x16\x03\x01", MS)
        talk.stream(talk.server, size, 25_000_000, b"\x17\x03\x03")
        talk.part(talk.client, MS)

    dialogue = play.tcp(act)
    recording = play.record(dialogue)
    (flow,) = recording.flows
    there, back = flow.tally(from_orig=True), flow.tally(from_orig=False)
    assert back.payload_bytes == size
    assert back.ip_bytes > size + 20 * back.packets
    assert there.payload_bytes == 3
    assert back.packets // 2 * 0.9 < there.packets < back.packets
    assert 230 <= (flow.end_ns - flow.start_ns) // SECOND <= 250
    assert len(dialogue.packets) < 100
    last = dialogue.packets[-1]
    assert last.ack == (next(p for p in dialogue.packets if p.flags == SYN | ACK).seq + size + 2) & 0xFFFFFFFF
    assert f"\t{size}\t" in write_conn_log(recording, play.stage.noise).decode()
    (_, torn_down) = write_asa_log((dialogue,), play.firewall, play.stage.noise)
    assert f" bytes {size + 3} " in torn_down.text
    halves = export_halves(recording, Exporter(), play.stage.noise)
    assert sum(half.ip_bytes for half in halves if not half.is_from_orig) == back.ip_bytes
    assert sum(half.count for half in halves if half.is_from_orig) == there.packets
    cloud = write_vpc_log((dialogue,), play.firewall, play.host, play.stage.noise)
    delivered = sum(int(line.text.split()[9]) for line in cloud)
    assert delivered == there.ip_bytes + back.ip_bytes
    with pytest.raises(ValueError, match="cannot be captured"):
        write_capture(recording)


@pytest.mark.parametrize("system", SYSTEMS, ids=str)
def test_every_system_offers_its_options_and_its_windows(play: Play, system: OperatingSystem) -> None:
    def act(talk: TcpTalk) -> None:
        talk.shake_hands()
        talk.say(talk.client, b"x" * 3_000, MS)
        talk.say(talk.server, b"y" * 3_000, MS)
        talk.part(talk.client, MS)

    dialogue = play.tcp(act, system=system)
    syn = dialogue.packets[0]
    assert syn.first_ttl == system.ttl
    assert system.client_ports[0] <= syn.src.port <= system.client_ports[1]
    assert syn.dont_fragment is system.sends_dont_fragment
    assert (b"\x08\x0a" in syn.options) is bool(system.options & TcpOption.TIMESTAMPS)
    assert syn.options[:4] == (b"\x02\x04" + system.mss.to_bytes(2, "big") if system.options else b"")
    ids = [packet.ip_id for packet in dialogue.packets if packet.src == dialogue.client]
    if system.ip_ids is IpIds.COUNTED:
        assert [(later - earlier) % 0x10000 for earlier, later in pairwise(ids)] == [1] * (len(ids) - 1)
    elif system.ip_ids is IpIds.ZERO:
        assert set(ids) == {0}
    assert max(len(packet.payload) for packet in dialogue.packets) <= system.mss
    if system not in (*SCANNERS, MACOS, IOS):
        _assert_truth(play, dialogue, Outcome.ESTABLISHED)


# Datagrams and ICMP.


def _inside(play: Play) -> Tap:
    return play.stage.tap("inside", Zone.INSIDE)


def test_a_question_and_its_answer_are_a_conversation(play: Play) -> None:
    client, server = play.stage.socket(play.stage.workstation()), Socket(play.stage.stranger(), 4_500)
    turns = [ask(b"ping"), answer(b"pong"), answer(b"pong again"), ask(b"thanks")]
    dialogue = play_datagrams(client, server, play.stage.start_ns, turns, service="", chance=play.stage.noise)
    conversation = judge(dialogue, _inside(play), play.firewall)
    assert opener_of(conversation) == (client.endpoint, server.endpoint)
    assert (conversation.outcome, conversation.orig_packets) == (Outcome.ESTABLISHED, 2)


def test_datagrams_that_nobody_asked_for_go_one_way(play: Play) -> None:
    sources = [Socket(play.stage.stranger(), 123) for _ in range(3)]
    target = Socket(play.host, 41_000)
    floods = [
        play_datagrams(
            source,
            target,
            play.stage.start_ns,
            [ask(b"\xd7\x00\x03\x2a" + bytes(436), MS)] * 20,
            service="ntp",
            chance=play.stage.noise.child(source.host.ip),
        )
        for source in sources
    ]
    conversations = converse_over(write_capture(play.record(*floods)))
    assert len(conversations) == 3
    assert all(not item.resp_packets or not item.orig_packets for item in conversations)


@pytest.mark.parametrize("zone", [Zone.INSIDE, Zone.OUTSIDE])
def test_a_closed_udp_port_is_refused_on_both_sides_of_the_translation(play: Play, zone: Zone) -> None:
    client, server = play.stage.socket(play.stage.workstation()), Socket(play.stage.stranger(), 4_500)
    asked, error = play_unreachable(
        client, server, play.stage.start_ns, [b"x" * 20] * 2, gap_ns=SECOND, chance=play.stage.noise
    )
    recording = record([asked, error], play.stage.tap("tap", zone), play.firewall)
    seen = next(flow for flow in recording.flows if flow.dialogue is asked)
    conversation = between(converse_over(write_capture(recording)), seen.orig, seen.resp)
    assert opener_of(conversation) == (seen.orig, server.endpoint)
    assert conversation.outcome is Outcome.REFUSED
    assert {
        packet.packet.quoted.packet.src.endpoint for packet in recording.packets if packet.packet.quoted
    } == {seen.orig}


def test_a_traceroute_is_answered_by_every_router_that_speaks_and_by_the_target(play: Play) -> None:
    tracer = play.stage.workstation(LINUX)
    target = play.stage.stranger()
    hops = play.stage.routers(target)
    dialogues = play_traceroute(Socket(tracer, 40_000), target, hops, play.stage.start_ns, play.stage.noise)
    recording = record(dialogues, _inside(play), play.firewall)
    assert all(seen.ttl >= 1 for seen in recording.packets)
    reporters = {seen.packet.src.host.ip for seen in recording.packets if seen.packet.quoted}
    assert reporters == {target.ip, *(hop.router.ip for hop in hops if hop.router)}
    probes = [item for item in converse_over(write_capture(recording)) if item.protocol is Protocol.UDP]
    assert [item.orig for item in probes] == [Endpoint(tracer.ip, 40_000)] * 3 * (len(hops) + 1)
    assert [item.outcome for item in probes[-3:]] == [Outcome.REFUSED] * 3


@pytest.mark.parametrize("ips", [("", ""), ("2001:db8:1::5", "2001:db8:9::1")], ids=["4", "6"])
@pytest.mark.parametrize("is_answered", [True, False])
def test_an_echo_is_asked_by_the_one_who_pings(play: Play, ips: tuple[str, str], is_answered: bool) -> None:
    hosts: list[Host] = [play.stage.workstation(), play.stage.stranger()]
    client, server = (host.at(ip) if ip else host for host, ip in zip(hosts, ips, strict=True))
    dialogue = play_echo(client, server, play.stage.start_ns, play.stage.noise, is_answered=is_answered)
    _assert_truth(
        play, dialogue, Outcome.ESTABLISHED if is_answered else Outcome.UNANSWERED, tap=_inside(play)
    )


def test_an_icmp6_error_quotes_as_much_as_fits(play: Play) -> None:
    client = Socket(play.stage.workstation().at("2001:db8:1::5"), 50_000)
    server = Socket(play.stage.stranger().at("2001:db8:9::1"), 4_500)
    asked, error = play_unreachable(
        client, server, play.stage.start_ns, [b"x" * 1_300], gap_ns=MS, chance=play.stage.noise
    )
    assert error.packets[0].ip_bytes == 1_280
    conversation = judge(asked, _inside(play), play.firewall, [error])
    assert conversation.outcome is Outcome.REFUSED


# Conversations that others arranged, series, relays.


def _ftp(play: Play) -> FtpTalk:
    client = play.stage.workstation()
    server = play.stage.stranger(listens=(21,))
    control = play.stage.talk(play.stage.socket(client), Socket(server, 21), play.stage.start_ns)
    control.shake_hands()
    control.play(ftp.talk_ftp_login("reports", "quarterly"))
    return FtpTalk(control, b"a;b;c\r\n" * 700, play.stage.noise)


def test_active_ftp_data_are_opened_by_the_server_whom_the_client_told_where(play: Play) -> None:
    session, data = _ftp(play).fetch_actively(50_133, "q1.csv")
    conversations = converse_over(write_capture(record([session, data], _inside(play), play.firewall)))
    found = between(conversations, data.client.endpoint, data.server.endpoint)
    assert opener_of(found) == (data.client.endpoint, data.server.endpoint)
    assert found.orig is not None
    assert found.orig.port == 20
    assert (found.outcome, found.service) == (Outcome.ESTABLISHED, "ftp-data")
    assert between(conversations, session.client.endpoint, session.server.endpoint).service == "ftp"
    assert session.start_ns < data.start_ns < session.packets[-1].sent_ns


def test_passive_ftp_data_are_opened_by_the_client_whom_the_server_told_where(play: Play) -> None:
    talk = _ftp(play)
    client = play.stage.socket(talk.control.client.socket.host)
    session, data = talk.list_passively(client, 56_666)
    conversations = converse_over(write_capture(record([session, data], _inside(play), play.firewall)))
    found = between(conversations, data.client.endpoint, data.server.endpoint)
    assert opener_of(found) == (client.endpoint, Endpoint(session.server.host.ip, 56_666))
    assert (found.outcome, found.service) == (Outcome.ESTABLISHED, "ftp-data")


def test_a_tftp_server_answers_from_another_port_and_the_reader_remains_the_opener(play: Play) -> None:
    switch = play.stage.workstation()
    server = play.stage.server("boot", Zone.SERVERS, "10.20.10.33")
    asked, data = play_tftp_read(
        play.stage.socket(switch),
        server,
        3_445,
        "switch.cfg",
        b"!" * 1_200,
        play.stage.start_ns,
        play.stage.noise,
    )
    assert [len(packet.payload) for packet in data.packets][::2] == [516, 516, 180]
    conversations = converse_over(write_capture(record([asked, data], _inside(play), play.firewall)))
    request = between(conversations, asked.client.endpoint, asked.server.endpoint)
    assert request.orig == asked.client.endpoint
    transfer = between(conversations, data.client.endpoint, data.server.endpoint)
    assert transfer.outcome is Outcome.ESTABLISHED
    assert transfer.orig == asked.client.endpoint, "the file was asked for"


@pytest.mark.parametrize(
    "asked",
    [
        GroupQuestion("224.0.0.252", 5355, dns.write_llmnr_query(7, "printer-2"), dns.write_llmnr_answer(7, "printer-2", "10.20.30.9"), "llmnr"),
        GroupQuestion("224.0.0.251", 5353, dns.write_mdns_query("_ipp._tcp.local"), dns.write_mdns_answer("_ipp._tcp.local", [dns.Record(dns.Kind.PTR, "Printer 2._ipp._tcp.local")]), "mdns"),
        GroupQuestion("239.255.255.250", 1900, peers.write_ssdp_search(), peers.write_ssdp_answer("http://10.20.30.9:80/d.xml", "upnp:rootdevice", "Printer/1.0", "a-b"), "ssdp"),
    ],
    ids=["llmnr", "mdns", "ssdp"],
)  # fmt: skip
def test_a_neighbour_answers_a_question_to_the_group_from_its_own_address(
    play: Play, asked: GroupQuestion
) -> None:
    asker, printer = play.stage.workstation(), play.stage.workstation()
    client, responder = Socket(asker, 52_000), Socket(printer, asked.port)
    question, reply = play_group_question(client, responder, asked, play.stage.start_ns, play.stage.noise)
    card = play.stage.tap("card", Zone.INSIDE, asker)
    recording = record([question, reply], card, play.firewall)
    assert len(recording.packets) == 3
    assert {seen.ttl for seen in recording.packets} == {128}
    capture = write_capture(recording)
    group = between(converse_over(capture), client.endpoint, Endpoint(asked.address, asked.port))
    assert group.orig == client.endpoint
    assert any(
        set(item.endpoints) == {client.endpoint, responder.endpoint} for item in converse_over(capture)
    )


@pytest.mark.parametrize("seed", range(12))
def test_a_lease_is_granted_after_it_was_wished_for(play: Play, seed: int) -> None:
    client, server = play.stage.workstation(), play.stage.workstation()
    asked, told = play_lease(client, server, play.stage.start_ns, play.stage.noise.child(f"lease {seed}"))
    discover, request = (packet.sent_ns for packet in asked.packets)
    offer, acknowledgement = (packet.sent_ns for packet in told.packets)
    assert discover < offer < request < acknowledgement


def test_a_lease_is_asked_for_by_one_without_an_address(play: Play) -> None:
    client, server = play.stage.workstation(), play.stage.workstation()
    asked, told = play_lease(client, server, play.stage.start_ns, play.stage.noise)
    mirror = replace(_inside(play), mirrors=True)
    recording = record([asked, told], mirror, play.firewall)
    assert [seen.packet.src.host.ip for seen in recording.packets] == ["0.0.0.0", server.ip] * 2
    frame = write_capture(recording)[40:54]
    assert frame == b"\xff" * 6 + client.mac + b"\x08\x00"
    (request, *_) = converse_over(write_capture(recording))
    assert request.orig == Endpoint("0.0.0.0", 68)


def test_a_sweep_from_one_port_meets_each_targets_own_state(play: Play) -> None:
    scanner = play.stage.stranger(system=MASSCAN)
    silent = play.stage.server("db", Zone.SERVERS, "10.20.10.40")
    targets = [Socket(play.host, port) for port in (22, 23, 443, 3389)] + [Socket(silent, 445)]
    dialogues = play.stage.sweep(
        scanner, targets, play.stage.start_ns, play.firewall, gap_ns=40 * MS, port=61_000
    )
    assert {dialogue.client for dialogue in dialogues} == {Socket(scanner, 61_000)}
    conversations = converse_over(write_capture(play.record(*dialogues)))
    assert all(item.orig == Endpoint(scanner.ip, 61_000) for item in conversations)
    assert [item.outcome for item in conversations] == [
        Outcome.ESTABLISHED,
        Outcome.REFUSED,
        Outcome.ESTABLISHED,
        Outcome.REFUSED,
        Outcome.UNANSWERED,
    ]


def test_a_beacon_beats_in_its_jitter_with_equal_sizes(play: Play) -> None:
    beats = play.stage.beacon(
        play.stage.workstation(),
        Socket(play.stage.stranger("c.example.net"), 443),
        play.stage.start_ns,
        period_ns=60 * SECOND,
        count=8,
        sizes=(997, 1_823),
    )
    starts = [dialogue.start_ns for dialogue in beats]
    pauses = [later - earlier for earlier, later in pairwise(starts)]
    assert all(54 * SECOND <= pause <= 66 * SECOND for pause in pauses)
    assert len(set(pauses)) > 1
    recording = record(beats, _inside(play), play.firewall)
    assert len({flow.tally(from_orig=True).payload_bytes for flow in recording.flows}) == 1
    for item in converse_over(write_capture(recording)):
        assert (item.orig, item.outcome, item.service) == (
            next(beat.client.endpoint for beat in beats if beat.client.port == item.endpoints[0].port),
            Outcome.ESTABLISHED,
            "tls",
        )


def test_beats_without_jitter_are_exact() -> None:
    assert draw_beats(5, 100, 0, 4, make_stage().noise) == [5, 105, 205, 305]


def test_a_load_balancer_hides_the_client_and_names_it_in_a_field(play: Play) -> None:
    client = play.stage.socket(play.stage.stranger())
    balancer = play.stage.server("lb-1", Zone.DMZ, "192.0.2.25", listens=(80,))
    backend = play.stage.server("app-1", Zone.SERVERS, "10.20.10.20", listens=(8080,))
    request = http.write_http_get("www.example.net", "/cart", "curl/8.5.0")
    passed_on = http.add_field(request, "X-Forwarded-For", client.host.ip)
    reply = http.write_http_answer(200, {"Server": "nginx"}, b"<p>ok</p>")
    near, far = Leg(client, Socket(balancer, 80)), Leg(Socket(balancer, 41_822), Socket(backend, 8080))
    front, back = play.stage.relay(
        near, far, play.stage.start_ns, [Relayed(request, passed_on, reply, reply)]
    )
    seen_behind = record([front, back], play.stage.tap("servers", Zone.SERVERS), play.firewall)
    (leg,) = converse_over(write_capture(seen_behind))
    assert opener_of(leg) == (Endpoint("192.0.2.25", 41_822), Endpoint("10.20.10.20", 8080))
    assert any(
        f"X-Forwarded-For: {client.host.ip}".encode() in seen.packet.payload for seen in seen_behind.packets
    )
    _assert_truth(play, front, Outcome.ESTABLISHED)
    asked = next(packet for packet in front.packets if packet.payload)
    passed = next(packet for packet in back.packets if packet.payload)
    told = next(packet for packet in front.packets if packet.payload and packet.src == near.server)
    assert asked.sent_ns < back.start_ns < passed.sent_ns < told.sent_ns
    assert front.packets[-1].sent_ns > back.start_ns


def test_a_tunnel_through_a_proxy_carries_what_follows_unread(play: Play) -> None:
    client = play.stage.socket(play.stage.workstation())
    proxy = play.stage.server("proxy-1", Zone.DMZ, "10.20.5.8", listens=(3128,))
    site = play.stage.stranger("shop.example.net", listens=(443,))
    sealed = b"\x17\x03\x03\x00\x30" + bytes(48)
    front, back = play.stage.relay(
        Leg(client, Socket(proxy, 3128)),
        Leg(Socket(proxy, 41_000), Socket(site, 443)),
        play.stage.start_ns,
        [
            Relayed(
                http.write_http_connect(site.name, 443, "curl/8.5.0"), b"", b"", http.write_http_connected()
            ),
            Relayed(sealed, sealed, sealed, sealed),
        ],
    )
    assert b"".join(packet.payload for packet in back.packets) == sealed * 2
    inside = judge(front, _inside(play), play.firewall, [back])
    assert opener_of(inside) == (client.endpoint, Endpoint("10.20.5.8", 3128))
    outside = record([front, back], play.tap, play.firewall)
    (seen,) = converse_over(write_capture(outside))
    assert seen.outcome is Outcome.ESTABLISHED
    assert seen.resp == Endpoint(site.ip, 443)


def _probe(flags: TcpFlags) -> Act:
    return lambda talk: talk.probe(flags, is_answered=True)


def _every_kind(play: Play) -> Iterable[Dialogue]:
    stage = play.stage

    def lossy(talk: TcpTalk) -> None:
        talk.shake_hands(attempts=2)
        talk.say_with_loss(talk.server, b"z" * 9_000, MS, lost=3)
        talk.keep_alive(talk.client, 45 * SECOND)
        talk.reset(talk.server, MS)

    def crossing(talk: TcpTalk) -> None:
        talk.shake_hands_at_once()
        talk.part(talk.client, MS)

    yield from (play.tcp(lossy, system=system) for system in SYSTEMS)
    yield play.tcp(crossing)
    yield from (play.tcp(TcpTalk.knock_half_open, system=system) for system in SCANNERS)
    yield from (play.tcp(_probe(flags), 80, NMAP) for flags in (ACK, FIN, FIN | PSH | URG, NONE))
    victim = stage.talk(Socket(stage.stranger(), 80), Socket(play.host, 51_000), stage.start_ns)
    victim.scatter_back(is_reset=True)
    yield victim.end()
    rejected = Socket(play.host, 445)
    yield from stage.knock_rejected(
        stage.socket(stage.stranger(system=WINDOWS)), rejected, stage.start_ns, stage.gateway()
    )
    pinger, target = stage.workstation(), stage.stranger()
    yield play_echo(pinger, target, stage.start_ns, stage.noise)
    six = pinger.at("2001:db8:1::5"), target.at("2001:db8:9::1")
    yield play_echo(*six, stage.start_ns, stage.noise)
    yield from play_unreachable(
        Socket(six[0], 50_000),
        Socket(six[1], 4_500),
        stage.start_ns,
        [b"x" * 1_300],
        gap_ns=MS,
        chance=stage.noise,
    )
    yield from play_traceroute(
        Socket(stage.workstation(LINUX), 40_000),
        target,
        stage.routers(target),
        stage.start_ns,
        stage.noise,
    )
    yield from _ftp(play).fetch_actively(50_133, "q1.csv")
    server = stage.server("boot", Zone.OUTSIDE, "203.0.113.33")
    yield from play_tftp_read(
        stage.socket(pinger), server, 3_445, "a.cfg", b"!" * 900, stage.start_ns, stage.noise
    )


@needs_tshark
def test_wireshark_finds_no_flaw_in_any_kind(play: Play, tmp_path: Path) -> None:
    dialogues = list(_every_kind(play))
    for zone in (Zone.OUTSIDE, Zone.INSIDE):
        path = tmp_path / f"{zone}.pcap"
        path.write_bytes(write_capture(record(dialogues, play.stage.tap("tap", zone), play.firewall)))
        assert_flawless(path)


def test_a_dialogue_shifts_no_number_of_another() -> None:
    def page_after(act: Act) -> Dialogue:
        stage = Stage("same", bytes(16))
        client = stage.socket(stage.workstation())
        act(stage.talk(client, Socket(stage.web_server, 80), stage.start_ns))
        return stage.read_page(client, stage.web_server, stage.start_ns + SECOND)

    assert page_after(TcpTalk.knock_in_vain).packets == page_after(TcpTalk.shake_hands).packets


@pytest.mark.parametrize(("client_system", "window"), [(LINUX, 65160), (WINDOWS, 64240)])
def test_a_linux_server_opens_its_window_in_whole_segments_shorter_by_the_stamps(
    client_system: OperatingSystem, window: int
) -> None:
    stage = make_stage()
    portal = stage.server("portal", Zone.DMZ, "192.0.2.10", listens=(443,))
    client = stage.socket(stage.stranger(system=client_system))
    knock = stage.knock(client, Socket(portal, 443), stage.start_ns, stage.firewall(("192.0.2.10", 443)))
    assert knock.packets[1].flags == SYN | ACK
    assert knock.packets[1].window == window


@pytest.mark.parametrize(
    ("system", "platform"), [(WINDOWS, "Windows NT"), (LINUX, "X11; Linux"), (MACOS, "Macintosh")]
)
def test_a_browser_names_the_system_that_it_runs_on(system: OperatingSystem, platform: str) -> None:
    stage = make_stage()
    names = {stage.browser_of(stage.stranger(system=system)) for _ in range(12)}
    assert all(platform in name for name in names)
