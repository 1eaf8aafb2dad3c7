"""Answers that come from elsewhere than the question went to: another port, a neighbour of the group, or to everyone."""

from __future__ import annotations

from tickets.engine.types import Outcome
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.dialogues.related import (
    DHCP_CLIENT_PORT,
    DHCP_SERVER_PORT,
    GroupQuestion,
    play_group_question,
    play_lease,
    play_tftp_read,
)
from tickets.simulator.dialogues.udp import play_datagrams
from tickets.simulator.messages import dns, management
from tickets.simulator.messages.turns import answer, ask
from tickets.simulator.network import Dialogue, Host, Socket, group, travel_ns
from tickets.simulator.simulation import Simulation
from tickets.simulator.stage import MS, Stage
from tickets.simulator.stories.one_shot.clients import play_clients
from tickets.simulator.telling import OnPacket, tell

LLMNR_GROUP, LLMNR_PORT, PRINT_PORT = "224.0.0.252", 5355, 443
# What a switch's saved settings look like; how many interfaces there are makes the length.
SETTINGS_HEAD = "!\nversion 15.2\nhostname {name}\nip default-gateway 10.20.1.1\n"
SETTINGS_PART = (
    "interface GigabitEthernet0/{number}\n switchport access vlan {vlan}\n spanning-tree portfast\n"
)


def play_saved_settings(stage: Stage) -> Simulation:
    """T035: a switch reads its settings from the boot server, which answers from a port that it chooses."""
    switch, boot = stage.host("switch"), stage.host("boot")
    vlan = stage.number("vlan")
    parts = [SETTINGS_PART.format(number=number, vlan=vlan) for number in range(1, stage.number("ports") + 1)]
    text = SETTINGS_HEAD.format(name=switch.name) + "".join(parts) + "end\n"
    asked, lesson = play_tftp_read(
        stage.socket(switch),
        boot,
        stage.number("transfer_port"),
        f"{switch.name}-confg",
        text.encode(),
        stage.start_ns,
        stage.noise.child("transfer"),
    )
    # Whom the file goes to asked for it, though the first datagram between these two ports is the server's.
    ends = lesson.server.endpoint, lesson.client.endpoint
    return tell(
        stage,
        lesson,
        [asked, lesson, *play_clients(stage)],
        stage.firewall(),
        raised=OnPacket(dialogue=lesson),
        outcome=Outcome.ESTABLISHED,
        ends=ends,
        values=_name_ends(lesson.server, lesson.client) | {"file_name": f"{switch.name}-confg"},
    )


def _name_ends(client: Socket, server: Socket) -> dict[str, str]:
    return {
        "client_ip": client.host.ip,
        "client_port": str(client.port),
        "client_name": client.host.name,
        "server_ip": server.host.ip,
        "server_port": str(server.port),
        "server_name": server.host.name,
    }


def play_neighbours_answer(stage: Stage) -> Simulation:
    """T036: a workstation asks all neighbours for a printer's name; the printer answers it, and gets something to print."""
    asker, printer = stage.host("asker"), stage.host("printer")
    number = stage.noise.below(1 << 16)
    asked = GroupQuestion(
        LLMNR_GROUP,
        LLMNR_PORT,
        dns.write_llmnr_query(number, printer.name),
        dns.write_llmnr_answer(number, printer.name, printer.ip),
        "llmnr",
    )
    question, lesson = play_group_question(
        stage.socket(asker), Socket(printer, LLMNR_PORT), asked, stage.start_ns, stage.noise.child("name")
    )
    then_ns = lesson.start_ns + travel_ns(printer, asker) + stage.noise.about(200 * MS)
    job = stage.talk_sealed(stage.socket(asker), Socket(printer, PRINT_PORT), then_ns, [(14_200, 310)])
    before, after = stage.moments(2, 15)
    others = [_ask_in_vain(stage, name, at_ns) for name, at_ns in (("wpad", before), ("fs-old", after))]
    return tell(
        stage,
        lesson,
        [question, lesson, job, *others, *play_clients(stage)],
        stage.firewall(),
        raised=OnPacket(dialogue=lesson),
        outcome=Outcome.ONE_WAY,
        ends=(lesson.server.endpoint, lesson.client.endpoint),
        values=_name_ends(lesson.server, lesson.client),
    )


def _ask_in_vain(stage: Stage, name: str, start_ns: int) -> Dialogue:
    """A name that none of the neighbours has: asked for twice, and nobody answers."""
    client = stage.workstation()
    query = dns.write_llmnr_query(stage.noise.below(1 << 16), name)
    everyone = Socket(group(LLMNR_GROUP, client), LLMNR_PORT)
    return play_datagrams(
        stage.socket(client),
        everyone,
        start_ns,
        [ask(query), ask(query, 410 * MS)],
        service="llmnr",
        chance=stage.noise.child(f"in vain {name}"),
    )


def play_lease_for_a_newcomer(stage: Stage) -> Simulation:
    """T038: a machine without an address asks everyone, and the server offers it one, to everyone."""
    newcomer, server = stage.host("newcomer"), stage.host("dhcp")
    asked, lesson = play_lease(newcomer, server, stage.start_ns, stage.noise.child("lease"))
    before, after = stage.before(8, 20), stage.after(6, 18)
    renewals = [_renew(stage, stage.workstation(), server, at_ns) for at_ns in (before, after)]
    page_ns = lesson.packets[-1].sent_ns + stage.noise.between(1, 3) * NS_PER_S
    page = stage.visit(newcomer, stage.web_site(), page_ns)
    return tell(
        stage,
        lesson,
        [asked, lesson, *renewals, *page, *play_clients(stage)],
        stage.firewall(),
        raised=OnPacket(dialogue=lesson),
        outcome=Outcome.ONE_WAY,
    )


def _renew(stage: Stage, client: Host, server: Host, start_ns: int) -> Dialogue:
    """Half of the lease is over: one who has an address asks its server alone (RFC 2131, 4.4.5)."""
    number = stage.noise.below(1 << 32)
    wish = management.write_dhcp(management.DHCP_REQUEST, number, client.mac, name=client.name)
    grant = management.write_dhcp(
        management.DHCP_ACK, number, client.mac, own_ip=client.ip, server_ip=server.ip
    )
    return play_datagrams(
        Socket(client, DHCP_CLIENT_PORT),
        Socket(server, DHCP_SERVER_PORT),
        start_ns,
        [ask(wish), answer(grant, 2 * MS)],
        service="dhcp",
        chance=stage.noise.child(f"renewal {client.ip}"),
    )
