"""Conversations packet by packet: TCP talks, datagrams, ICMP, and the shapes that attempts and series have."""

from tickets.simulator.dialogues.tcp import Side, TcpTalk
from tickets.simulator.dialogues.udp import play_exchange

__all__ = ["Side", "TcpTalk", "play_exchange"]
