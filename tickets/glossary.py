"""The words of the desk, and what the reference sheet says beside each: the one source of both.

Terms are what a trainee meets on the screen; the tables are keyed by the engine's and Zeek's own values, and tests hold
them to these. The outcomes', dispositions' and codes' own names stand with the worksheet's choices.

Sources: TCP flags RFC 9293, 3.1; states and letters Zeek's base/protocols/conn/main.zeek; ports IANA's registry.
"""

from __future__ import annotations

from typing import NamedTuple


class Term(NamedTuple):
    """`anchor` is its place on the page, for links; `text` is what it means, in one or two sentences."""

    anchor: str
    word: str
    text: str


class Sign(NamedTuple):
    """A flag, a state or a letter, its name, and what to read from it."""

    sign: str
    name: str
    text: str


class Port(NamedTuple):
    """`service` is the engine's word for what is expected there, "" where it expects nothing."""

    number: int
    protocol: str
    service: str
    text: str


class Cause(NamedTuple):
    """Why an alarm may be false or harmless, and what shows that it is so."""

    cause: str
    shown_by: str
    ends_as: str


class Rung(NamedTuple):
    """A kind of proof, where it is found, and when it breaks."""

    proof: str
    where: str
    breaks: str


# Places on the reference sheet that a word may lead to.
SECTIONS = ("proofs", "outcomes", "flags", "states", "letters", "ports", "closing")

ARTICLE = "Directionality of Network Traffic"
METHOD_AUTHOR = "Tyler Wall"

TERMS = (
    Term("alert", "Alert", "A line that a sensor writes when a rule matched. It says that something matched, not that something happened."),
    Term("backscatter", "Backscatter", "Answers to packets that were never sent: somebody used your address as a forged source elsewhere."),
    Term("beacon", "Beacon", "A small connection from the inside that repeats at nearly equal distances in time."),
    Term("client-port", "Client port", "The number that a system picks for its own end when it opens a connection: 49152 to 65535 on Windows, 32768 to 60999 on Linux, 1025 to 5000 on old Windows."),
    Term("community-id", "Community ID", "A short code made from addresses, ports and protocol. It is the same in every log of one conversation, whichever way round the log prints it."),
    Term("context", "Context", "What is known besides the records: hosts, authorised activity, planned changes, earlier tickets. It helps to judge, and proves nothing of the wire."),
    Term("conversation", "Conversation", "All traffic both ways between two endpoints within one connection or exchange."),
    Term("decoy", "Decoy", "A host that has no business, set up to be found. Whoever calls on it is worth a look; its log may print the remote side first, whoever dialled."),
    Term("disposition", "Disposition", "How you close the ticket: true positive, benign, false positive, undetermined or duplicate, each with a reason code."),
    Term("endpoint", "Endpoint", "An address and a port. One host has many."),
    Term("flow-record", "Flow record", "One line that sums up a conversation, or one direction of it. Its first side is only as good as what its writer saw of the beginning."),
    Term("handshake", "Handshake", "SYN, SYN-ACK, ACK: how a TCP connection begins. Only after it have both sides agreed to talk."),
    Term("ids", "IDS", "Intrusion detection system: a sensor that holds traffic against rules and raises alerts. It watches, it does not block."),
    Term("intent", "Intent of a rule", "What the rule expects: which side acts, towards which port, in which state. Ask whether this conversation fits it."),
    Term("midstream", "Midstream", "The sensor met the conversation after its beginning. Then the first packet seen says little about who opened it."),
    Term("nat", "NAT", "A device that translates addresses. The same conversation has other addresses before and behind it."),
    Term("originator", "Originator", "The side that opened the conversation. It need not be the source that the alert prints, nor the side that means harm."),
    Term("outcome", "Outcome", "What became of the attempt to open the conversation: established, refused, rejected, unanswered, midstream or one way."),
    Term("packet", "Packet", "One captured message on the wire. The strongest record there is of who did what."),
    Term("pin", "Pin", "A record that you name as your evidence. Pin the few that prove a claim, not everything that you read."),
    Term("reason-code", "Reason code", "Why a ticket is closed as it is. Its first letters name the disposition."),
    Term("responder", "Responder", "The other side: the one that was asked."),
    Term("reversed", "Reversed alert", "An alert whose printed source is the responder: it fired on an answer, or its writer prints the sides the other way round."),
    Term("rule", "Rule", "The sensor's description of what to report: protocol, sides, ports and conditions. A direction in it holds for packets, not for who opened."),
    Term("source", "Source and destination", "The sender and the receiver of the one packet or line that is printed. They change with every answer; originator and responder do not."),
    Term("triage", "Triage", "Deciding quickly and in order what an alert is, what it needs, and who is to act."),
    Term("tuning", "Tuning", "Changing a rule so that it stays silent where it told nothing new, and still fires where it should."),
)  # fmt: skip

# In the order of the capture's columns on the desk; the worth of each for direction.
FLAGS = (
    Sign("S", "SYN", "Asks to open a connection. Alone, without ACK, it comes from the originator."),
    Sign("A", "ACK", "Confirms what was received. Everything after the first packet has it, so it says nothing of direction."),
    Sign("P", "PSH", "Hand the data on at once. Common on requests and answers alike."),
    Sign("F", "FIN", "This side has nothing more to send. An orderly end."),
    Sign("R", "RST", "Breaks off. In answer to a SYN it is a refusal; later it ends a connection that stood."),
    Sign("U", "URG", "Some of the data is urgent. Rare today, and seen in odd scans."),
    Sign("E", "ECE", "The path is congested, or, beside a SYN, this side can say so."),
    Sign("C", "CWR", "This side has slowed down because it was told of congestion."),
)  # fmt: skip

CONN_STATES = (
    Sign("S0", "No answer", "An attempt was seen and no reply. Unanswered, if this sensor would have seen a reply at all."),
    Sign("S1", "Stands", "Opened, and not closed within the record."),
    Sign("SF", "Orderly", "Opened and closed by both sides."),
    Sign("REJ", "Refused", "An attempt that was answered with a reset."),
    Sign("S2", "Half closed", "Stood; the originator wanted to end it, the responder never answered that."),
    Sign("S3", "Half closed", "Stood; the responder wanted to end it, the originator never answered that."),
    Sign("RSTO", "Reset by originator", "Stood, and the originator broke it off."),
    Sign("RSTR", "Reset by responder", "The responder broke it off. Read the history: it may be a late refusal."),
    Sign("RSTOS0", "Given up", "The originator sent a SYN and then a reset, without any answer seen."),
    Sign("RSTRH", "Reset after SYN-ACK", "A SYN-ACK and then a reset from the responder; no SYN was seen."),
    Sign("SH", "Half open", "A SYN and then a FIN from the originator, and no SYN-ACK: the answers were not seen."),
    Sign("SHR", "Half open, other way", "A SYN-ACK and then a FIN from the responder, and no SYN: the questions were not seen."),
    Sign("OTH", "Midstream", "No beginning was seen. It says nothing of who opened it."),
)  # fmt: skip

# As they stand for the originator; small letters are the responder's.
HISTORY = (
    Sign("S", "SYN", "a SYN without ACK"),
    Sign("H", "SYN-ACK", "a SYN with ACK, the second step of a handshake"),
    Sign("A", "ACK", "an ACK and nothing else"),
    Sign("D", "Data", "a packet with data in it"),
    Sign("F", "FIN", "a packet with FIN"),
    Sign("R", "RST", "a packet with RST"),
    Sign("T", "Repeated", "data that was sent before"),
    Sign("W", "Zero window", "a packet that asks the other side to wait"),
    Sign("I", "Inconsistent", "flags that do not go together, SYN and RST"),
    Sign("Q", "Odd", "SYN and FIN in one packet"),
    Sign("C", "Checksum", "a packet that was left aside because its checksum is wrong"),
    Sign("G", "Gap", "data that was acknowledged and never seen"),
    Sign("^", "Turned", "Zeek turned the two sides round, against the first packet that it saw"),
)  # fmt: skip

# Strongest first.
PROOFS = (
    Rung("One of the two hosts says so", "its own log: accepted from, connected to, a listening program", "the log is missing, or the host is in wrong hands"),
    Rung("A SYN without ACK", "packets, Zeek's letter S, a firewall's flags", "the beginning was not captured, or the SYN was forged"),
    Rung("What is spoken", "request and answer: HTTP, DNS, TLS, SIP, SMB", "the content is sealed or unknown"),
    Rung("A device that follows connections", "a firewall's session, its word inbound or outbound", "it met the conversation midstream"),
    Rung("Which half came first", "two halves of a flow log, or datagrams", "clocks differ, or packets were passed over"),
    Rung("Port numbers", "the lower or well-known port is expected to serve", "source ports are chosen, services stand on high ports: a first guess, no proof"),
)  # fmt: skip

# Of rules in general: which of them a ticket holds is for its records to say.
FALSE_ALARMS = (
    Cause("It prints an answer as if it were a request", "who sent the SYN; the flow's originator; what is asked and what answered", "false positive"),
    Cause("It looks at too little: an address, a range of ports, a flag", "ordinary services and clients that fit the rule's words as well", "false positive"),
    Cause("Its lists of networks are wrong", "the address plan beside the rule's variables", "false positive"),
    Cause("It saw half of the traffic, or began in the middle", "no SYN, packets of one side only, a history that begins with ^", "false positive or undetermined"),
    Cause("An address stands for another host: a translation, a proxy, a load balancer", "the firewall's translated ends", "depends on the host behind it"),
    Cause("The work was allowed: a scanner of our own, a test, a change", "the list of authorised work, its hosts and its hours", "benign"),
    Cause("The attempt came to nothing", "a RST, a deny, silence, an error page", "benign"),
    Cause("Two sensors, or two rules, tell of one conversation", "the same Community ID in another ticket", "duplicate"),
)  # fmt: skip

# What in the records shows each outcome; by the value on the worksheet.
OUTCOME_SHOWN_BY = {
    "established": "SYN, SYN-ACK and something more from the side that asked; for datagrams, a question and its answer.",
    "refused": "A RST from the target in answer to the SYN, or its own ICMP “port unreachable”.",
    "rejected": "An ICMP error or a RST sent by a device on the way, in the target's place.",
    "unanswered": "The SYN, perhaps repeated, and nothing back, where this sensor would have seen an answer.",
    "midstream": "Both sides talk, and no beginning is in the records.",
    "one_way": "Packets of one side only: the other direction went past this sensor, or was never sent.",
    "cannot_be_determined": "The records leave it open. Say what is missing.",
}

PORTS = (
    Port(20, "tcp", "", "FTP data: in active mode the server opens a connection from here"),
    Port(21, "tcp", "ftp", "file transfer, the control connection"),
    Port(22, "tcp", "ssh", "remote shell, sealed"),
    Port(23, "tcp", "telnet", "remote shell, in the clear"),
    Port(25, "tcp", "smtp", "mail between servers"),
    Port(53, "udp", "dns", "names to addresses; also over TCP"),
    Port(67, "udp", "dhcp", "addresses for hosts; the client's own port is 68"),
    Port(80, "tcp", "http", "web, in the clear"),
    Port(88, "tcp", "kerberos", "log-in to a Windows domain"),
    Port(123, "udp", "ntp", "time"),
    Port(135, "tcp", "dcerpc", "Windows: where to find other services"),
    Port(161, "udp", "snmp", "reading and setting of devices"),
    Port(389, "tcp", "ldap", "directory of a domain"),
    Port(443, "tcp", "https", "web, sealed"),
    Port(445, "tcp", "smb", "Windows file sharing"),
    Port(514, "udp", "syslog", "logs of devices"),
    Port(1433, "tcp", "mssql", "database, Microsoft"),
    Port(1900, "udp", "ssdp", "devices in the same network find each other"),
    Port(3306, "tcp", "mysql", "database"),
    Port(3389, "tcp", "rdp", "remote desktop of Windows"),
    Port(5060, "udp", "sip", "calls: who rings whom"),
    Port(5355, "udp", "llmnr", "names within the same network"),
    Port(5432, "tcp", "postgresql", "database"),
    Port(5900, "tcp", "rfb", "remote desktop, VNC"),
    Port(5985, "tcp", "winrm", "remote management of Windows"),
    Port(6379, "tcp", "redis", "store of keys and values"),
    Port(8080, "tcp", "http-alt", "web, second port, and proxies"),
)  # fmt: skip
