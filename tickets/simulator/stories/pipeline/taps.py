"""What depends on where and when a sensor listened: one that came late, two that saw the same."""

from __future__ import annotations

from dataclasses import replace

from tickets.engine.types import Outcome
from tickets.simulator.background import play_background
from tickets.simulator.clock import NS_PER_S, to_datetime, to_http_date
from tickets.simulator.logins import log_in_by_smb
from tickets.simulator.messages import http
from tickets.simulator.messages.tls import IMPLANT
from tickets.simulator.network import Blind, Dialogue, Host, Socket
from tickets.simulator.simulation import Simulation
from tickets.simulator.stage import MS, Stage
from tickets.simulator.telling import OnPacket, draw_list_day, tell

POLLS_BEFORE, POLLS_AFTER = 5, 6
DARK_NS = 3_600 * NS_PER_S


def play_late_sensor(stage: Stage) -> Simulation:
    """T046: a page that asks for news all the time stands open while the sensor is started anew."""
    reader, site = stage.host("reader"), stage.host("site")
    period_ns = stage.number("period_s") * NS_PER_S
    # The everyday traffic lies within half a minute of the start; the sensor is up before it.
    opened_ns = stage.before(35, 40) - POLLS_BEFORE * period_ns
    lesson = _ask_for_news(stage, stage.socket(reader), site, opened_ns, period_ns)
    answers = [packet for packet in lesson.packets if packet.src == lesson.server and packet.payload]
    up_ns = answers[POLLS_BEFORE - 1].sent_ns + site.delay_ns - stage.noise.between(80, 900) * MS
    late = replace(stage.taps["inside"], blind=(Blind(up_ns - DARK_NS, up_ns),))
    stage.taps["inside"] = late
    earlier = [
        *stage.visit(stage.workstation(), stage.web_site(), up_ns - 24 * NS_PER_S),
        *stage.visit_sealed(stage.workstation(), stage.web_site(), up_ns - 9 * NS_PER_S),
    ]
    return tell(
        stage,
        lesson,
        [lesson, *earlier, *play_background(stage, 8)],
        stage.firewall(),
        raised=OnPacket(dialogue=lesson),
        outcome=Outcome.ESTABLISHED,
        values={"up_time": f"{to_datetime(up_ns):%H:%M:%S}"},
    )


def play_two_sensors(stage: Stage) -> Simulation:
    """T051: one connection, seen before and behind the firewall's translation."""
    reader, far = stage.socket(stage.host("reader")), stage.door("far", 443)
    lesson = stage.talk_sealed(reader, far, stage.start_ns, [(stage.number("size"), 1_400)], kind=IMPLANT)
    return tell(
        stage,
        lesson,
        [lesson, *play_background(stage, 8)],
        stage.firewall(),
        raised=OnPacket(dialogue=lesson),
        outcome=Outcome.ESTABLISHED,
        values={
            "ticket": str(stage.names.between(4_100, 8_900)),
            "list_day": draw_list_day(stage),
        },
    )


def play_both_ports(stage: Stage) -> Simulation:
    """T052: one sensor hears a connection at two ports of the switch, of which one puts tags on."""
    reader, archive = stage.host("reader"), stage.door("archive", 445)
    access = stage.taps["access"]
    # Copies of the same frames, tag apart, that are on their way a little longer.
    later = replace(
        stage.taps["trunk"],
        firewall_mac=access.firewall_mac,
        router_mac=access.router_mac,
        skew_ns=stage.noise.between(21_000, 64_000),
    )
    stage.taps["trunk"] = later
    lesson = log_in_by_smb(
        stage, stage.socket(reader), archive, stage.start_ns, stage.choose("user"), is_accepted=True
    )
    return tell(
        stage,
        lesson,
        [lesson, *play_background(stage, 8)],
        stage.firewall(),
        raised=OnPacket(dialogue=lesson),
        outcome=Outcome.ESTABLISHED,
        values={"ticket": str(stage.names.between(4_100, 8_900)), "apart": str(later.skew_ns // 1_000)},
    )


def _ask_for_news(stage: Stage, client: Socket, site: Host, opened_ns: int, period_ns: int) -> Dialogue:
    """One connection, kept: the page asks what is new, and the site answers when something is (or after the period)."""
    chance, agent = stage.noise.child("news"), stage.browser_of(client.host)
    path = stage.choose("path")
    talk = stage.talk(client, Socket(site, 80), opened_ns)
    talk.shake_hands()
    for number in range(POLLS_BEFORE + POLLS_AFTER):
        fields = {"User-Agent": agent, "Accept": "application/json", "Connection": "keep-alive"}
        request = http.write_http_request("GET", f"{path}?since={1040 + number}", site.name, fields)
        talk.say(talk.client, request, chance.about(3 * MS))
        news = b'{"next":%d,"items":"%s"}' % (
            1041 + number,
            chance.take(chance.between(60, 400)).hex().encode(),
        )
        head = {"Date": to_http_date(talk.client.free_ns + period_ns), "Server": "nginx"}
        talk.say(
            talk.server,
            http.write_http_answer(200, head, news, kind="application/json"),
            chance.between(period_ns * 8 // 10, period_ns),
        )
    talk.part(talk.client, chance.about(600 * MS))
    said = {"host": site.name, "path": path, "user_agent": agent, "length": "400"}
    return talk.end("http", said)
