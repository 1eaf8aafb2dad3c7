"""What stands between the one who asks and the one who answers: a proxy, a load balancer, its checks."""

from __future__ import annotations

from tickets.engine.types import Outcome
from tickets.simulator.background import play_background
from tickets.simulator.clock import NS_PER_S, to_http_date
from tickets.simulator.dialogues.relays import Leg, Relayed
from tickets.simulator.messages import http
from tickets.simulator.messages.pages import write_page
from tickets.simulator.network import Dialogue, Host, Socket
from tickets.simulator.simulation import Simulation
from tickets.simulator.stage import MS, USER_AGENTS, Stage
from tickets.simulator.systems import WINDOWS
from tickets.simulator.telling import OnPacket, draw_list_day, on_stream, tell

REQUEST_PACKET = 3  # after the handshake
PROXY_PORT = 3128
OK, BAD_REQUEST = 200, 400
GUESTS = 4


def play_behind_the_proxy(stage: Stage) -> Simulation:
    """T053: the proxy asks for a page in the name of a workstation, as it does for others at the same time."""
    reader, far = stage.host("reader"), stage.host("far")
    proxy = Socket(stage.host("proxy"), PROXY_PORT)
    near, lesson = stage.visit_by_proxy(
        reader, proxy, far, stage.start_ns, path=stage.choose("path"), user_agent=stage.choose("agent")
    )
    others = [
        leg
        for moment in stage.moments(stage.number("others"), 25)
        for leg in stage.visit_by_proxy(stage.workstation(), proxy, stage.web_site(), moment)
    ]
    return tell(
        stage,
        lesson,
        [near, lesson, *others, *play_background(stage, 10)],
        stage.firewall(),
        raised=on_stream(lesson, REQUEST_PACKET),
        outcome=Outcome.ESTABLISHED,
        values={"list_day": draw_list_day(stage)},
    )


def play_in_the_name_of(stage: Stage) -> Simulation:
    """T054: a load balancer passes a stranger's request on, and says in a field for whom."""
    near, lesson = _balance(
        stage,
        stage.host("stranger"),
        stage.start_ns,
        stage.choose("path"),
        stage.choose("agent"),
        BAD_REQUEST,
    )
    guests = [
        leg
        for moment in stage.moments(GUESTS, 30)
        for leg in _balance(
            stage,
            stage.stranger(system=WINDOWS),
            moment,
            f"/offers/{stage.names.between(3, 90)}.html",
            stage.names.pick([agent for agent in USER_AGENTS if "Windows NT" in agent]),
            OK,
        )
    ]
    return tell(
        stage,
        lesson,
        [near, lesson, *guests, *play_background(stage, 6)],
        stage.firewall(),
        raised=on_stream(lesson, REQUEST_PACKET),
        outcome=Outcome.ESTABLISHED,
        values={
            "list_day": draw_list_day(stage),
            "front_port": str(near.client.port),
        },
    )


def _balance(
    stage: Stage, guest: Host, start_ns: int, path: str, agent: str, status: int
) -> tuple[Dialogue, Dialogue]:
    """The guest's leg to the public address, and the balancer's own to the server behind it."""
    front, backend = stage.host("front"), stage.door("backend")
    near = Leg(stage.socket(guest), Socket(front, 80))
    far = Leg(stage.socket(front.at(stage.host("balancer").ip)), backend)
    chance, site = stage.noise.child(f"balanced {start_ns}"), stage.choose("site")
    fields = {"User-Agent": agent, "Accept": "*/*", "Connection": "close"}
    request = http.write_http_request("GET", path, site, fields)
    page = write_page(chance.between(1_900, 2_300) if status == OK else 435, chance)
    answer = http.write_http_answer(status, {"Date": to_http_date(start_ns), "Server": "nginx"}, page)
    passed_on = http.add_field(request, "X-Forwarded-For", guest.ip)
    said = {"host": site, "path": path, "user_agent": agent, "length": str(len(page))}
    return stage.relay(near, far, start_ns, [Relayed(request, passed_on, answer, answer)], said)


def play_steady_visitor(stage: Stage) -> Simulation:
    """T056: the load balancer asks its servers whether they are well, each few seconds."""
    balancer, firewall = stage.host("balancer"), stage.firewall()
    period_ns = stage.number("period_s") * NS_PER_S
    servers = [stage.host("first"), stage.host("second")]
    first_port = stage.truth.between(33_000, 60_000)
    checks = [
        _ask_how_it_is(
            stage,
            Socket(balancer, first_port + 2 * number + at),
            Socket(server, 80),
            stage.start_ns + number * period_ns + at * 400 * MS + stage.noise.below(MS),
        )
        for number in range(stage.number("checks"))
        for at, server in enumerate(servers)
    ]
    lesson = checks[0]
    return tell(
        stage,
        lesson,
        [*checks, *play_background(stage, 7)],
        firewall,
        raised=OnPacket(dialogue=lesson),
        outcome=Outcome.ESTABLISHED,
    )


def _ask_how_it_is(stage: Stage, client: Socket, server: Socket, start_ns: int) -> Dialogue:
    """A short page that says no more than that the server is there."""
    chance, path = stage.noise.child(f"check {start_ns}"), stage.choose("path")
    agent = "balancer-check/2.4"
    talk = stage.talk(client, server, start_ns)
    talk.shake_hands()
    fields = {"User-Agent": agent, "Connection": "close"}
    request = http.write_http_request("GET", path, server.host.name, fields)
    talk.say(talk.client, request, chance.about(300_000))
    talk.say(
        talk.server,
        http.write_http_answer(
            OK, {"Date": to_http_date(start_ns), "Server": "nginx"}, b"OK", kind="text/plain"
        ),
        chance.about(MS),
    )
    talk.part(talk.server, chance.about(200_000))
    said = {"host": server.host.name, "path": path, "user_agent": agent, "length": "2"}
    return talk.end("http", said)
