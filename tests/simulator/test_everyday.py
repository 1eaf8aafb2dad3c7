"""What stories need again and again: logins, visits, background. The engine reads them as they were meant."""

from __future__ import annotations

import pytest

from tests.simulator.settings import set_stage
from tests.simulator.staging import judge
from tickets.engine import LogRecord, Outcome, read_evidence
from tickets.simulator.background import EVERYDAY, play_background
from tickets.simulator.logins import log_in_by_rdp, log_in_by_smb, log_in_by_sql, log_in_by_ssh
from tickets.simulator.network import Dialogue, Socket, Zone
from tickets.simulator.recording import record
from tickets.simulator.sensors.lines import encode_lines
from tickets.simulator.sensors.openssh import write_auth_log
from tickets.simulator.stage import Stage

LOGINS = [(kind, is_accepted) for kind in ("ssh", "rdp", "smb", "tds") for is_accepted in (True, False)]


def log_in(stage: Stage, kind: str, *, is_accepted: bool) -> Dialogue:
    client, start = stage.socket(stage.host("reader")), stage.start_ns
    portal = stage.host("portal")
    if kind == "ssh":
        return log_in_by_ssh(
            stage, client, Socket(portal, 22), start, "p.novak", failures=2, is_accepted=is_accepted
        )
    if kind == "rdp":
        return log_in_by_rdp(stage, client, Socket(portal, 3389), start, "p.novak", is_accepted=is_accepted)
    if kind == "smb":
        return log_in_by_smb(stage, client, Socket(portal, 445), start, "p.novak", is_accepted=is_accepted)
    return log_in_by_sql(
        stage, client, Socket(portal, 1433), start, "sa", password="sa", is_accepted=is_accepted
    )


@pytest.mark.parametrize(("kind", "is_accepted"), LOGINS)
def test_a_login_is_read_as_a_conversation_that_its_client_opened(kind: str, is_accepted: bool) -> None:
    stage = set_stage()
    dialogue = log_in(stage, kind, is_accepted=is_accepted)
    found = judge(dialogue, stage.taps["inside"], stage.firewall())
    assert (found.orig, found.resp) == (dialogue.client.endpoint, dialogue.server.endpoint)
    assert (found.outcome, found.service) == (Outcome.ESTABLISHED, kind)


@pytest.mark.parametrize("is_accepted", [True, False])
def test_the_hosts_log_tells_each_password_and_what_came_of_it(is_accepted: bool) -> None:
    stage = set_stage()
    dialogue = log_in(stage, "ssh", is_accepted=is_accepted)
    lines = write_auth_log([dialogue], stage.host("portal"), stage.chance())
    records = list(read_evidence("auth.log", encode_lines(lines)).records)
    words = [item.fields["result"] for item in records if isinstance(item, LogRecord) and item.fields]
    assert words == ["failed", "failed", *(["accepted"] if is_accepted else [])]
    first, last = dialogue.packets[0].sent_ns, dialogue.packets[-1].sent_ns
    assert all(first < line.time_ns < last + 200_000_000 for line in lines)


@pytest.mark.parametrize("zone", [zone for zone in Zone if zone is not Zone.DEVICE])
def test_everyday_things_of_a_zone_are_seen_by_its_tap(zone: Zone) -> None:
    stage = set_stage()
    firewall, tap = stage.firewall(), stage.tap("probe", zone)
    for play in EVERYDAY[zone]:
        dialogues = play(stage, stage.start_ns)
        assert record(dialogues, tap, firewall).packets, play.__name__


def test_the_background_is_mixed_and_the_same_again() -> None:
    def play() -> list[Dialogue]:
        return play_background(set_stage(), 8, spread_s=40)

    dialogues = play()
    assert {"dns", "http", "tls"} <= {dialogue.service for dialogue in dialogues}
    assert dialogues == play()
    start = set_stage().start_ns
    assert all(abs(dialogue.start_ns - start) < 42_000_000_000 for dialogue in dialogues)


def test_every_tap_of_the_file_sees_its_share_of_the_background() -> None:
    stage = set_stage()
    dialogues = play_background(stage, 9)
    for tap in stage.taps.values():
        assert len(record(dialogues, tap, stage.firewall()).flows) >= 3, tap.name


def test_a_page_by_a_proxy_is_two_conversations_and_the_outer_one_is_the_proxys() -> None:
    stage = set_stage()
    proxy = stage.server("proxy-1", Zone.SERVERS, "10.20.5.8", listens=(3128,))
    near, far = stage.visit_by_proxy(
        stage.host("reader"), Socket(proxy, 3128), stage.host("site"), stage.start_ns
    )
    assert near.client.host == stage.host("reader")
    assert (far.client.host, far.server.endpoint.port, far.about) == (proxy, 80, near)
    assert b"GET http://" in b"".join(packet.payload for packet in near.packets)
    assert b"Via: 1.1 proxy-1" in b"".join(packet.payload for packet in far.packets)


def test_a_sealed_visit_names_the_site_in_the_clear() -> None:
    stage = set_stage()
    lookup, visit = stage.visit_sealed(stage.host("reader"), stage.host("site"), stage.start_ns)
    assert visit.start_ns > lookup.packets[-1].sent_ns
    assert stage.host("site").name.encode() in b"".join(packet.payload for packet in visit.packets[:6])


def test_moments_before_and_after_lie_as_far_off_as_asked() -> None:
    stage = set_stage()
    second = 1_000_000_000
    assert 20 * second <= stage.start_ns - stage.before(20, 30) <= 30 * second
    assert 20 * second <= stage.after(20, 30) - stage.start_ns <= 30 * second
