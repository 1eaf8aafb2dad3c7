"""Lessons that several rules share, and the shape of a rule's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Words(NamedTuple):
    """`sentence` is one text, or one for each value of the finding."""

    sentence: str | Mapping[str, str]
    lesson: str


SYN = (
    "A SYN without ACK opens a connection, so its sender is the originator. "
    "Next time look for the first SYN before you look at the ports."
)
SYN_ACK = (
    "A SYN-ACK answers a SYN, so the side that receives it opened the connection. "
    "Next time ask what kind of answer the first packet is."
)
SYN_ACK_UNCLAIMED = (
    "A SYN-ACK that its receiver does not take up proves no connection: its SYN may have been forged. "
    "Look for the receiver's own SYN, and whether other addresses were sent the like."
)
APPLICATION = (
    "Requests come from the originator and answers from the responder. "
    "Without a handshake, read the first bytes of the payload: they often show who asks."
)
DEVICE = (
    "A device that follows connections knows who opened one, if it saw the beginning. "
    "Read its own word for the direction, not the order in which it prints the two sides."
)
DECOY = (
    "A decoy's log always prints the remote side first; the type of the session says who opened it. "
    "Read the action before you read the addresses."
)
PORTS = (
    "Ports are a first guess and no proof: attackers choose port 80 as a source, and services run on high ports. "
    "Look for a SYN, an application message or a statement of a stateful device."
)
FIRST = (
    "The first packet seen need not be the first packet sent. "
    "Check whether the capture began before the conversation did."
)
ICMP = (
    "An ICMP request and its reply have different types, and the request's sender opened the exchange. "
    "Read the type, there are no ports."
)
HANDSHAKE = (
    "A connection stands when a SYN was answered with a SYN-ACK. "
    "Look for both before you call an attempt successful."
)
REFUSED = (
    "A RST that answers a SYN comes from the target: it was reached, and nothing listens there. "
    "Ask who sent the RST, and whether it came before or after a handshake."
)
UNANSWERED = (
    "Silence means that the packet was dropped, lost, or answered where this sensor does not look. "
    "Check for a denial in the firewall's log and whether the sensor sees replies at all."
)
MIDSTREAM = (
    "A capture that starts late shows no handshake, so how the connection began is not in it. "
    "Look for a log that covers the beginning."
)
ONE_SIDE = (
    "Seeing one side only does not mean that the other was silent. Ask which way this sensor's link carries."
)
UDP = (
    "UDP has no handshake: only an answer shows that the other side took part. "
    "Look for a packet in the opposite direction."
)
REJECTED = (
    "An ICMP error quotes the packet that it answers, and its sender may be a router on the way. "
    "Read the quoted packet and the code before you judge."
)
STATE = (
    "A flow record sums up flags and states of both sides, and its code says how the connection went. "
    "Read the history letters beside the state."
)
POLICY = (
    "Allowed and denied are the policy's answers, not the target's. Look for what the target itself sent."
)
TEARDOWN = (
    "A teardown line says how long a connection lasted and how much it carried. "
    "A connection that carried bytes both ways stood."
)
HALVES = (
    "Such a record sums up the packets of one direction, and its flags are those of all of them together. "
    "Lay both halves side by side: only a half that never acknowledged, or began earlier, tells who asked."
)
SERVICE = (
    "The service is shown by what is spoken, and the port only suggests it. "
    "Compare the payload with the port."
)
CONTROL = (
    "Some protocols agree on a second conversation in their first one. "
    "Look for the control conversation when a high port or port 20 puzzles you."
)
TRANSLATION = (
    "Behind an address translation the same conversation has other addresses or ports. "
    "Look for the device's own record of the mapping before you count two incidents."
)
REVERSED = (
    "A sensor prints the source of the packet that fired, which may be the reply. "
    "Compare the alert's source with the side that opened the conversation."
)
CAUSE = (
    "A reversed alert has a cause, and it decides what to do about it: tune the rule, mend the pipeline, or move the "
    "sensor. Ask which side a sensor prints, and where it stands."
)
CANNOT = (
    "Where no proof shows who opened a conversation, saying so is the right answer. "
    "Name the record that would settle it."
)
INTENT = (
    "Hold the rule's expectation against the corrected conversation, not against the alert's columns. "
    "Check who should open it, towards which address and port, and in which state."
)
VARIABLE = (
    "A rule's variables stand for the networks of one site. "
    "Look up what they hold before you say that an address is in them."
)
EFFECT = (
    "What an attempt achieved is shown by the target's answer. "
    "Follow it from the policy to the handshake to the application's reply."
)
LOGIN = (
    "The target's own log is the strongest word on whether a login worked. "
    "Look for the accepted or failed line of the same client port."
)
HOST = (
    "A host's own log knows whether its program connected or accepted, whatever order the addresses are printed in. "
    "Read the path, layer or direction of the line, and find out which address is the writing host's."
)
CONTEXT = (
    "Whether activity is authorised, what a host is for and who acts are not on the wire. "
    "Read the context notes before you decide."
)
SUCCESS = (
    "Proven success outranks direction, severity and what was blocked elsewhere. "
    "Look for it before you close anything."
)
AUTHORISED = (
    "Authorised activity that the rule describes rightly is benign, not false. "
    "Check source, target, time and method against the list."
)
FALSE = (
    "A false positive says that the detection was wrong: in its data (FP1) or in its logic (FP2). "
    "Read the corrected conversation once more as if it were a fresh alert before you close."
)
OPEN = (
    "Undetermined is a conclusion when a needed fact is missing. "
    "Name the missing record and where it would be."
)
DECOY_DECISION = (
    "A decoy that refuses tells little; one that is used tells much, and an inside source is an incident. "
    "Tell refused from accepted, and outside from inside."
)
NO_EFFECT = (
    "A real attempt without effect is benign for the target. "
    "Check that the source is outside and that no other attempt of it got through."
)
INSIDE = (
    "A refused attempt protects the target and says something about the source. "
    "When the source is one of ours, ask what made it try."
)
ACTIVITY = (
    "A session or an effect for a malicious purpose needs a response, whoever printed what. "
    "Ask what was done and how far it went."
)
ANSWER = (
    "An application says in its own protocol whether it did what it was asked. "
    "Read the answer's code before you call an attempt successful or failed."
)
DECOY_LOGIN = (
    "A decoy accepts and refuses as it is set up to, so a login there opens nothing of ours. "
    "Ask what was typed and done, and whether the same source tried a real host."
)
