"""What a decoy's own network stack tells it of a conversation: taken, refused, or dialled by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tickets.engine.types import Protocol
from tickets.simulator.network import Dialogue, Host, SeenPacket, SentPacket, Socket, travel_ns
from tickets.simulator.sensors.lines import Ends
from tickets.simulator.sensors.segments import is_reset, is_syn, is_syn_ack


class Contact(StrEnum):
    """The words of dionaea for how a session began."""

    ACCEPT = "accept"
    REJECT = "reject"
    CONNECT = "connect"


@dataclass(frozen=True, slots=True)
class Session:
    """One session of a decoy: how it began, when that was settled and when it was over, by the decoy's clock."""

    dialogue: Dialogue
    contact: Contact
    decided_ns: int
    ended_ns: int

    @property
    def remote(self) -> Socket:
        return self.dialogue.server if self.contact is Contact.CONNECT else self.dialogue.client

    @property
    def local(self) -> Socket:
        return self.dialogue.client if self.contact is Contact.CONNECT else self.dialogue.server

    @property
    def printed(self) -> Ends:
        """Decoys print the remote end for the source, also of what they dialled themselves."""
        return self.remote.endpoint, self.local.endpoint


def find_sessions(dialogues: Iterable[Dialogue], decoy: Host) -> tuple[Session, ...]:
    """The sessions of TCP that the decoy's programs or its watcher of packets knew of, in order of beginning."""
    found = (_session(dialogue, decoy) for dialogue in dialogues)
    return tuple(sorted((item for item in found if item is not None), key=lambda item: item.decided_ns))


def arrival_ns(packet: SentPacket, decoy: Host) -> int:
    """When the decoy sends or gets a packet, by its clock."""
    way_ns = 0 if packet.src.host.is_same_machine(decoy) else travel_ns(packet.src.host, decoy)
    return packet.sent_ns + way_ns + decoy.skew_ns


def _session(dialogue: Dialogue, decoy: Host) -> Session | None:
    if dialogue.protocol is not Protocol.TCP:
        return None
    is_dialled = dialogue.client.host.is_same_machine(decoy)
    if not is_dialled and not dialogue.server.host.is_same_machine(decoy):
        return None
    decided = _stood(dialogue) if is_dialled else _stood(dialogue) or _refused(dialogue)
    if decided is None:
        return None
    contact = Contact.CONNECT if is_dialled else Contact.ACCEPT if _stood(dialogue) else Contact.REJECT
    ended_ns = max(arrival_ns(packet, decoy) for packet in dialogue.packets)
    return Session(dialogue, contact, arrival_ns(decided, decoy), ended_ns)


def _stood(dialogue: Dialogue) -> SentPacket | None:
    """The packet that completes the handshake: a half-open one is not handed to a program."""
    answered = False
    for packet in dialogue.packets:
        seen = SeenPacket(0, 0, packet)
        if answered and packet.src == dialogue.client and not is_syn(seen):
            return None if is_reset(seen) else packet
        answered |= is_syn_ack(seen) and packet.src == dialogue.server
    return None


def _refused(dialogue: Dialogue) -> SentPacket | None:
    """A reset with sequence number 0 answers a bare SYN; others are not told."""
    for packet in dialogue.packets:
        if packet.src == dialogue.server and is_reset(SeenPacket(0, 0, packet)) and packet.seq == 0:
            return packet
    return None
