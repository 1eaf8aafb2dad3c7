"""Attacks on a web server: the answer says what became of them, a control beside it says what it decided."""

from __future__ import annotations

from tickets.engine.types import Outcome
from tickets.simulator.clock import NS_PER_S, to_http_date
from tickets.simulator.messages import http
from tickets.simulator.messages.pages import write_page
from tickets.simulator.network import Dialogue, Host, Socket
from tickets.simulator.simulation import Oddity, Simulation
from tickets.simulator.stage import MS, Stage
from tickets.simulator.systems import WINDOWS
from tickets.simulator.telling import OnPacket, draw_list_day, on_stream, tell

NOT_FOUND, FORBIDDEN, OK = 404, 403, 200
REQUEST_PACKET = 3  # after the handshake


def _request(stage: Stage, client: Socket, start_ns: int, target: str, status: int, size: int) -> Dialogue:
    """One GET and its answer of about so many bytes."""
    site, chance = stage.host("site"), stage.noise.child(f"request {start_ns}")
    agent = stage.choose("agent")
    talk = stage.talk(client, Socket(site, 80), start_ns)
    talk.shake_hands()
    fields = {"User-Agent": agent, "Accept": "*/*", "Connection": "close"}
    talk.say(talk.client, http.write_http_request("GET", target, site.name, fields), chance.about(700_000))
    answer = http.write_http_answer(
        status,
        {"Date": to_http_date(start_ns), "Server": stage.choose("server")},
        write_page(size, chance),
    )
    talk.say(talk.server, answer, chance.about(12 * MS))
    talk.part(talk.server, chance.about(600_000))
    said = {"host": site.name, "path": target, "user_agent": agent, "length": str(size)}
    return talk.end("http", said)


def _guests(stage: Stage, site: Host, count: int) -> list[Dialogue]:
    """People who read pages of the same site, before and after."""
    return [
        stage.read_page(stage.socket(stage.stranger(system=WINDOWS)), site, moment)
        for moment in stage.moments(count, 45)
    ]


def play_probe_for_scripts(stage: Stage) -> Simulation:
    """T017: a tool asks for scripts that the site does not have, and for one that it forbids."""
    site, stranger = stage.host("site"), stage.host("stranger")
    lesson = _request(
        stage, stage.socket(stranger), stage.start_ns, stage.choose("script"), NOT_FOUND, stage.number("size")
    )
    forbidden = _request(
        stage,
        stage.socket(stranger),
        stage.start_ns + stage.noise.between(300, 900) * MS,
        stage.choose("other_script"),
        FORBIDDEN,
        stage.number("size"),
    )
    dialogues = [
        lesson,
        forbidden,
        *_guests(stage, site, 3),
        stage.set_clock(site, stage.stranger(), stage.start_ns + NS_PER_S),
    ]
    return tell(
        stage,
        lesson,
        dialogues,
        stage.firewall(),
        raised=on_stream(lesson, REQUEST_PACKET),
        also=(on_stream(forbidden, REQUEST_PACKET),),
        outcome=Outcome.ESTABLISHED,
        values={"list_day": draw_list_day(stage)},
    )


def play_burst_of_queries(stage: Stage) -> Simulation:
    """T018: of a burst of queries the filter in front answers all but one itself."""
    site, stranger = stage.host("site"), stage.host("stranger")
    gap_ns = stage.noise.between(700, 1_600) * MS
    before, after = stage.number("before"), stage.number("after")
    moments = [stage.start_ns + (number - before) * gap_ns for number in range(before + 1 + after)]
    passed = stage.choose("passed")
    burst = [
        _request(stage, stage.socket(stranger), moment, stage.choose("blocked"), FORBIDDEN, 420)
        if moment != stage.start_ns
        else _request(stage, stage.socket(stranger), moment, passed, OK, stage.number("size"))
        for moment in moments
    ]
    lesson = burst[before]
    return tell(
        stage,
        lesson,
        [*burst, *_guests(stage, site, 3)],
        stage.firewall(),
        raised=on_stream(lesson, REQUEST_PACKET),
        also=[on_stream(each, REQUEST_PACKET) for each in burst if each is not lesson],
        outcome=Outcome.ESTABLISHED,
        values={"list_day": draw_list_day(stage), "burst": str(len(burst))},
    )


def play_dropped_query(stage: Stage) -> Simulation:
    """T019: a sensor in the line lets the request not pass; it is sent again in vain."""
    site, stranger = stage.host("site"), stage.host("stranger")
    chance = stage.noise.child("query")
    talk = stage.talk(stage.socket(stranger), Socket(site, 80), stage.start_ns)
    talk.shake_hands()
    fields = {"User-Agent": stage.choose("agent"), "Accept": "*/*", "Connection": "close"}
    request = http.write_http_request("GET", stage.choose("query"), site.name, fields)
    talk.speak_too_late(talk.client, request, chance.about(700_000))
    lesson = talk.end("http", {"host": site.name, "path": stage.choose("query")})
    return tell(
        stage,
        lesson,
        [lesson, *_guests(stage, site, 4)],
        stage.firewall(),
        raised=OnPacket(dialogue=lesson, packet=REQUEST_PACKET, is_stopped=True),
        outcome=Outcome.ESTABLISHED,
        oddities=(Oddity.LATE_LOG,),
        values={"list_day": draw_list_day(stage)},
    )
