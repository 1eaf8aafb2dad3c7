"""Many datagrams at once: a search for telephones, and answers that nobody here asked for."""

from __future__ import annotations

from tickets.engine.types import Outcome
from tickets.simulator.cast import PUBLIC_NETWORKS
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.dialogues.udp import play_datagrams
from tickets.simulator.messages import ntp, telephony
from tickets.simulator.messages.turns import Turn, answer, ask
from tickets.simulator.network import Dialogue, Host, Socket
from tickets.simulator.simulation import Simulation
from tickets.simulator.stage import MS, Stage
from tickets.simulator.telling import OnPacket, draw_list_day, tell

SIP_PORT, NTP_PORT = 5060, 123
PBX = "Asterisk PBX 20.9.2"
TRUNK = "Sippy 2024.1"
COUNTED_REGISTERS = 5


# -- Telephones -----------------------------------------------------------------------------------


def play_telephone_search(stage: Stage) -> Simulation:
    """T033: somebody on the Internet asks the telephone system for one extension after the other."""
    scanner, pbx, trunk = stage.host("scanner"), stage.host("pbx"), stage.host("trunk")
    lesson = _search(stage, Socket(scanner, SIP_PORT), Socket(pbx, SIP_PORT))
    before, after = stage.moments(2, 25)
    others = [
        _ask_options(stage, Socket(trunk, SIP_PORT), Socket(pbx, SIP_PORT), before),
        _ask_options(stage, Socket(trunk, SIP_PORT), Socket(pbx, SIP_PORT), before + 60 * NS_PER_S),
        stage.set_clock(pbx, stage.time_server, after),
        stage.read_page(stage.socket(stage.stranger()), stage.web_server, after + NS_PER_S),
        stage.read_page(stage.socket(stage.stranger()), stage.web_server, before + 3 * NS_PER_S),
    ]
    registers = [
        number for number, packet in enumerate(lesson.packets) if packet.payload.startswith(b"REGISTER ")
    ]
    return tell(
        stage,
        lesson,
        [lesson, *others],
        stage.firewall(),
        raised=OnPacket(dialogue=lesson, packet=registers[COUNTED_REGISTERS - 1]),
        outcome=Outcome.ESTABLISHED,
        values={"list_day": draw_list_day(stage)},
    )


def _search(stage: Stage, scanner: Socket, pbx: Socket) -> Dialogue:
    """OPTIONS first, which any system answers; then a REGISTER an extension: some exist (401), most do not (404)."""
    chance = stage.noise.child("extensions")
    agent = stage.choose("agent")
    first = stage.number("first_extension")
    known = {third + chance.below(4) for third in (0, 4, 8)}
    turns = _ask_once("OPTIONS", 200, "100", scanner, pbx, agent, stage)
    for number in range(12):
        status = 401 if number in known else 404
        turns += _ask_once("REGISTER", status, str(first + number), scanner, pbx, agent, stage)
    return play_datagrams(scanner, pbx, stage.start_ns, turns, service="sip", chance=chance)


def _ask_options(stage: Stage, trunk: Socket, pbx: Socket, start_ns: int) -> Dialogue:
    """The provider's side of the trunk asks each minute whether we are there."""
    turns = _ask_once("OPTIONS", 200, "trunk", trunk, pbx, TRUNK, stage)
    chance = stage.noise.child(f"options {start_ns}")
    return play_datagrams(trunk, pbx, start_ns, turns, service="sip", chance=chance)


def _ask_once(
    method: str, status: int, user: str, client: Socket, pbx: Socket, agent: str, stage: Stage
) -> list[Turn]:
    call = telephony.make_call(user, user, pbx.host.ip, client.endpoint, agent, stage.noise)
    return [
        ask(telephony.write_sip_request(method, call, 1), 180 * MS),
        answer(telephony.write_sip_answer(status, method, call, 1, PBX), 2 * MS),
    ]


# -- Time servers ---------------------------------------------------------------------------------

REFLECTORS, DATAGRAMS = 6, 10
COUNTED_ANSWERS = 8
ITEMS = 6  # clients in one datagram


def play_list_answers(stage: Stage) -> Simulation:
    """T026b: somebody asks time servers for their lists in our host's name, and they send them to us."""
    target = stage.host("target")
    moments = [stage.start_ns + stage.noise.between(0, 1_800) * MS for _ in range(REFLECTORS)]
    floods = [_list_at(stage, stage.stranger(), target, moment) for moment in moments]
    users = [stage.set_clock(stage.stranger(), target, moment) for moment in stage.moments(5, 20)]
    lesson, *others = floods
    return tell(
        stage,
        lesson,
        [*floods, *users, stage.read_page(stage.socket(stage.stranger()), stage.web_server, stage.start_ns)],
        stage.firewall(),
        raised=_counted(lesson),
        also=[_counted(flood) for flood in others],
        outcome=Outcome.ONE_WAY,
        has_opener=False,
    )


def _list_at(stage: Stage, reflector: Host, target: Host, start_ns: int) -> Dialogue:
    """The whole list of one server, in as many datagrams as it takes."""
    chance = stage.noise.child(f"list {reflector.ip}")
    count = DATAGRAMS * ITEMS
    clients = [f"{chance.pick(PUBLIC_NETWORKS)}.{chance.between(5, 250)}" for _ in range(count)]
    turns = [ask(payload, MS // 2) for payload in ntp.write_monlist_answers(clients)]
    return play_datagrams(
        Socket(reflector, NTP_PORT),
        Socket(target, stage.number("port")),
        start_ns,
        turns,
        service="ntp",
        chance=chance,
    )


def _counted(flood: Dialogue) -> OnPacket:
    return OnPacket(dialogue=flood, packet=COUNTED_ANSWERS - 1)
