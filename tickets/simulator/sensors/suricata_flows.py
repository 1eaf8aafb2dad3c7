"""How Suricata lays packets into flows: whom it holds for the client, what state TCP is in, when a flow is over.

Source: Suricata's stream-tcp.c, flow.c and app-layer-detect-proto.c, and runs of version 7.0. The first packet's sender
is the client. Without mid-stream pickup a connection whose SYN was missed stays without a session, and nothing more is
read of it. With it a SYN-ACK turns the sides at once, and data that only a server says when it is acknowledged. A flow ends when nothing
came for its timeout; a later packet begins a new one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tickets.engine.types import Protocol, TcpFlags
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.network import SeenPacket
from tickets.simulator.recording import Flow
from tickets.simulator.sensors.account import Account
from tickets.simulator.sensors.segments import flags_of, is_fin, is_reset, is_syn, is_syn_ack
from tickets.simulator.sensors.spoken.recognition import says_server

# suricata.yaml as it ships: new, established, closed.
TIMEOUTS_S = {
    Protocol.TCP: {"new": 60, "established": 600, "closed": 60},
    Protocol.UDP: {"new": 30, "established": 300, "closed": 300},
    Protocol.ICMP: {"new": 30, "established": 300, "closed": 300},
}
FLOW_STATES = {
    "": "new",
    "syn_sent": "new",
    "syn_recv": "new",
    "established": "established",
    "fin_wait1": "established",
    "fin_wait2": "established",
    "close_wait": "established",
    "last_ack": "closed",
    "time_wait": "closed",
    "closed": "closed",
}
WRONG_DIRECTION = "stream.3whs_synack_in_wrong_direction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Streams:
    """The options under `stream` that decide what becomes of a connection that was not seen whole."""

    midstream: bool = False
    async_oneside: bool = False


BY_DEFAULT = Streams()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """One flow as Suricata tells of it. `state` is TCP's, empty without a session; `counted` is the number of the
    first packet whose flags the session counted; `oddities` are what the stream engine found, with the packet.
    `ttls` of packets to the server and to the client are those by the sides as they were held when each packet came:
    they are not moved when the sides are turned."""

    account: Account
    state: str
    flow_state: str
    was_established: bool
    counted: int
    oddities: tuple[tuple[str, SeenPacket], ...] = ()
    ttls: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())

    @property
    def has_session(self) -> bool:
        return bool(self.state)

    @property
    def timeout_ns(self) -> int:
        return TIMEOUTS_S[self.account.protocol][self.flow_state] * NS_PER_S

    def flags(self, *, from_client: bool) -> TcpFlags:
        """What the session counted of one side."""
        if not self.has_session:
            return TcpFlags.NONE
        counted = self.account.packets[self.counted :]
        return flags_of(seen for seen in counted if self.account.is_from_orig(seen) is from_client)


def track_flows(flow: Flow, streams: Streams) -> tuple[Tracked, ...]:
    """The flows that Suricata makes of the packets of one conversation."""
    done: list[Tracked] = []
    machine = _Machine(flow, streams)
    for seen in flow.packets:
        if machine.packets and seen.time_ns > machine.packets[-1].time_ns + machine.tracked().timeout_ns:
            done.append(machine.tracked())
            machine = _Machine(flow, streams)
        machine.take(seen)
    return (*done, machine.tracked())


class _Machine:
    """The state of one flow while its packets come."""

    def __init__(self, flow: Flow, streams: Streams) -> None:
        self._flow, self._streams = flow, streams
        self.packets: list[SeenPacket] = []
        self._client_is_orig = True
        self._state = ""
        self._was_established = False
        self._counted = 0
        self._picked_up = False
        self._oddities: list[tuple[str, SeenPacket]] = []
        self._ttls: tuple[list[int], list[int]] = ([], [])

    def tracked(self) -> Tracked:
        account = Account(
            replace(self._flow, packets=tuple(self.packets)), is_turned=not self._client_is_orig
        )
        return Tracked(
            account=account,
            state=self._state,
            flow_state=self._flow_state(),
            was_established=self._was_established,
            counted=self._counted,
            oddities=tuple(self._oddities),
            ttls=(tuple(self._ttls[0]), tuple(self._ttls[1])),
        )

    def take(self, seen: SeenPacket) -> None:
        if not self.packets:
            self._client_is_orig = self._flow.is_from_orig(seen)
        self.packets.append(seen)
        self._ttls[0 if self._is_from_client(seen) else 1].append(seen.ttl)
        if self._flow.dialogue.protocol is Protocol.UDP:
            self._turn_for_answer(seen)
        elif self._flow.dialogue.protocol is Protocol.TCP:
            self._take_segment(seen)

    def _flow_state(self) -> str:
        if self._flow.dialogue.protocol is Protocol.TCP:
            return FLOW_STATES[self._state]
        sides = {self._flow.is_from_orig(seen) for seen in self.packets}
        return "established" if len(sides) == 2 else "new"

    def _turn_for_answer(self, seen: SeenPacket) -> None:
        """With pickup an answer of DNS that comes first turns the flow: its bit says so (RFC 1035, 4.1.1)."""
        payload, packet = seen.packet.payload, seen.packet
        is_first = len(self.packets) == 1
        if (
            self._streams.midstream
            and is_first
            and packet.src.port == 53
            and len(payload) >= 12
            and payload[2] & 0x80
        ):
            self._client_is_orig = not self._client_is_orig

    def _is_from_client(self, seen: SeenPacket) -> bool:
        return self._flow.is_from_orig(seen) is self._client_is_orig

    def _take_segment(self, seen: SeenPacket) -> None:
        if not self._state:
            self._begin(seen)
        elif is_reset(seen):
            self._reset(seen)
        else:
            self._advance(seen)
        if self._state == "established":
            self._was_established = True
        if self._picked_up:
            self._turn_for_server(seen)

    def _begin(self, seen: SeenPacket) -> None:
        streams = self._streams
        if is_syn(seen):
            self._state = "syn_sent"
        elif is_syn_ack(seen) and (streams.midstream or streams.async_oneside):
            self._state = "syn_recv"
            self._client_is_orig = not self._flow.is_from_orig(seen)
        elif (
            streams.midstream and seen.packet.flags & TcpFlags.ACK and not is_reset(seen) and not is_fin(seen)
        ):
            self._state = "established"
            self._picked_up = True
        self._counted = len(self.packets) - 1

    def _turn_for_server(self, seen: SeenPacket) -> None:
        """Data of a session that was picked up without a handshake may tell the sides. They are read when the other
        side has acknowledged them: only from then on are the sides turned."""
        if self._is_from_client(seen):
            return
        self._picked_up = False
        said = [item.packet.payload for item in self.packets if item.packet.payload]
        sender = next((item for item in self.packets if item.packet.payload), None)
        if sender is not None and says_server(said[0]) is self._is_from_client(sender):
            self._client_is_orig = not self._client_is_orig

    def _reset(self, seen: SeenPacket) -> None:
        """A client's reset of what was not answered belongs to nothing that Suricata knows."""
        if self._state != "syn_sent" or not self._is_from_client(seen):
            self._state = "closed"

    def _advance(self, seen: SeenPacket) -> None:
        steps = {
            "syn_sent": self._in_syn_sent,
            "syn_recv": self._in_syn_recv,
            "established": self._in_established,
            "close_wait": self._in_close_wait,
            "last_ack": self._in_last_ack,
            "fin_wait1": self._in_fin_wait1,
            "fin_wait2": self._in_fin_wait2,
            "time_wait": self._in_time_wait,
        }
        step = steps.get(self._state)  # what comes after the end changes nothing
        if step:
            step(seen)

    def _in_syn_sent(self, seen: SeenPacket) -> None:
        if is_syn_ack(seen):
            if self._is_from_client(seen):
                self._oddities.append((WRONG_DIRECTION, seen))
            else:
                self._state = "syn_recv"
        elif self._streams.async_oneside and self._is_from_client(seen) and not is_syn(seen):
            self._state = "established"
            self._in_established(seen)

    def _in_syn_recv(self, seen: SeenPacket) -> None:
        if is_syn(seen) or is_syn_ack(seen):
            return
        if self._is_from_client(seen):
            self._state = "established"
            self._in_established(seen)
        elif self._streams.async_oneside:
            self._state = "established"

    def _in_established(self, seen: SeenPacket) -> None:
        if not is_fin(seen):
            return
        if self._is_from_client(seen):
            self._state = "close_wait"
        elif any(map(self._is_from_client, self.packets)):
            self._state = "fin_wait1"

    def _in_close_wait(self, seen: SeenPacket) -> None:
        if is_fin(seen) and not self._is_from_client(seen):
            self._state = "last_ack"

    def _in_last_ack(self, seen: SeenPacket) -> None:
        if self._is_from_client(seen) and not is_fin(seen):
            self._state = "closed"

    def _in_fin_wait1(self, seen: SeenPacket) -> None:
        if self._is_from_client(seen):
            self._state = "time_wait" if is_fin(seen) else "fin_wait2"

    def _in_fin_wait2(self, seen: SeenPacket) -> None:
        if is_fin(seen) and self._is_from_client(seen):
            self._state = "time_wait"

    def _in_time_wait(self, seen: SeenPacket) -> None:
        if not self._is_from_client(seen) and not is_fin(seen):
            self._state = "closed"
