"""Conversations that another one arranged: data beside a control connection, answers from elsewhere, leases."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from tickets.simulator.addresses import EVERYONE, is_ipv6
from tickets.simulator.dialogues.tcp import TcpTalk
from tickets.simulator.dialogues.udp import play_datagrams
from tickets.simulator.messages import ftp, management
from tickets.simulator.messages.turns import MS, Turn, answer, ask
from tickets.simulator.network import Dialogue, Host, Socket, group, travel_ns
from tickets.simulator.randomness import Stream

FTP_DATA_PORT, TFTP_PORT = 20, 69
DHCP_SERVER_PORT, DHCP_CLIENT_PORT = 67, 68
NOBODY = "0.0.0.0"  # noqa: S104 - the source of one who has no address yet (RFC 2131, 4.1)


class FtpTalk(NamedTuple):
    """A control connection that is logged in to, with what the data connection carries."""

    control: TcpTalk
    content: bytes
    chance: Stream

    def fetch_actively(self, data_port: int, file_name: str) -> tuple[Dialogue, Dialogue]:
        """The client says where it listens (PORT, EPRT); the server opens the data connection from port 20."""
        client, server = self.control.client.socket.host, self.control.server.socket.host
        listener = Socket(client, data_port)
        self.control.play(ftp.talk_ftp_active(listener.endpoint, file_name))
        return self._transfer(Socket(server, FTP_DATA_PORT), listener, server_opens=True)

    def list_passively(self, client: Socket, data_port: int) -> tuple[Dialogue, Dialogue]:
        """The server says where it listens (PASV, EPSV); the client opens the data connection."""
        listener = Socket(self.control.server.socket.host, data_port)
        self.control.play(ftp.talk_ftp_passive(listener.endpoint, is_extended=is_ipv6(client.host.ip)))
        return self._transfer(client, listener, server_opens=False)

    def _transfer(self, opener: Socket, listener: Socket, *, server_opens: bool) -> tuple[Dialogue, Dialogue]:
        control = self.control
        if not server_opens:
            control.play(ftp.talk_ftp_list()[:1])
        data = TcpTalk(opener, listener, control.server.free_ns + self.chance.about(2 * MS), self.chance)
        data.shake_hands()
        if not server_opens:
            control.play(ftp.talk_ftp_list()[1:])
        sender = data.client if server_opens else data.server
        data.continue_at(control.server.last_sent_ns)
        data.say(sender, self.content, self.chance.about(2 * MS))
        data.part(sender, self.chance.about(MS))
        control.continue_at(data.client.last_sent_ns)
        control.play(ftp.talk_ftp_done())
        control.part(control.client, self.chance.about(MS))
        session = control.end("ftp")
        return session, data.end("ftp-data", about=session)


def play_tftp_read(
    client: Socket,
    server: Host,
    data_port: int,
    file_name: str,
    content: bytes,
    start_ns: int,
    chance: Stream,
) -> tuple[Dialogue, Dialogue]:
    """A file is asked for at port 69; the answer comes from another port (the transfer's id, RFC 1350, 4)."""
    request = [ask(management.write_tftp_read(file_name))]
    asked = play_datagrams(
        client, Socket(server, TFTP_PORT), start_ns, request, service="tftp", chance=chance
    )
    turns: list[Turn] = []
    for number, block in enumerate(management.write_tftp_blocks(content), 1):
        turns += [ask(block, MS), answer(management.write_tftp_ack(number), MS)]
    begun_ns = start_ns + travel_ns(client.host, server) + chance.about(2 * MS)
    sender = Socket(server, data_port)
    return asked, play_datagrams(
        sender, client, begun_ns, turns, service="tftp-data", chance=chance, about=asked
    )


class GroupQuestion(NamedTuple):
    """A question to everyone on the link, as LLMNR, mDNS and SSDP ask, and what one of them answers."""

    address: str
    port: int
    question: bytes
    reply: bytes
    service: str


def play_group_question(
    client: Socket, responder: Socket, asked: GroupQuestion, start_ns: int, chance: Stream
) -> tuple[Dialogue, Dialogue]:
    """The question goes to the group, twice; the answer comes from a neighbour's own address, to the asker alone."""
    everyone = Socket(group(asked.address, client.host), asked.port)
    turns = [ask(asked.question), ask(asked.question, 100 * MS)]
    question = play_datagrams(client, everyone, start_ns, turns, service=asked.service, chance=chance)
    answered_ns = start_ns + travel_ns(client.host, responder.host) + chance.about(3 * MS)
    reply = play_datagrams(
        responder,
        client,
        answered_ns,
        [ask(asked.reply)],
        service=asked.service,
        chance=chance,
        about=question,
    )
    return question, reply


def play_lease(client: Host, server: Host, start_ns: int, chance: Stream) -> tuple[Dialogue, Dialogue]:
    """Discover, offer, request, acknowledgement (RFC 2131, 3.1). Both sides speak to everyone, so a sensor sees two
    conversations of two datagrams."""
    number = chance.below(1 << 32)
    nobody = Socket(client.at(NOBODY), DHCP_CLIENT_PORT)
    wishes = [
        management.write_dhcp(management.DHCP_DISCOVER, number, client.mac, name=client.name),
        management.write_dhcp(
            management.DHCP_REQUEST,
            number,
            client.mac,
            name=client.name,
            own_ip=client.ip,
            server_ip=server.ip,
        ),
    ]
    grants = [
        management.write_dhcp(kind, number, client.mac, own_ip=client.ip, server_ip=server.ip)
        for kind in (management.DHCP_OFFER, management.DHCP_ACK)
    ]
    pause_ns = 2 * travel_ns(client, server) + chance.about(12 * MS)
    asked = play_datagrams(
        nobody,
        Socket(group(EVERYONE, client), DHCP_SERVER_PORT),
        start_ns,
        [ask(wishes[0]), ask(wishes[1], pause_ns)],
        service="dhcp",
        chance=chance,
    )
    for_everyone = Socket(group(EVERYONE, server), DHCP_CLIENT_PORT)
    reach_ns = travel_ns(client, server) + chance.about(MS)
    told = play_datagrams(
        Socket(server, DHCP_SERVER_PORT),
        for_everyone,
        start_ns,
        map(ask, grants),
        service="dhcp",
        chance=chance,
        about=asked,
    )
    answered = zip(told.packets, asked.packets, strict=True)
    packets = tuple(replace(grant, sent_ns=wish.sent_ns + reach_ns) for grant, wish in answered)
    return asked, replace(told, packets=packets)
