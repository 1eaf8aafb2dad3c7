"""The words of the engine: locations, packets, records, conversations, findings, verdicts.

Everything here is an immutable value without behaviour that could fail. Times are integer
nanoseconds since the Unix epoch (UTC, 0 to LAST_NS), sizes are bytes, ports are 0 to 65535. Addresses are
text in canonical form (RFC 5952 for IPv6). ICMP has no ports: an ICMP endpoint's port is the
message's type at the originator and its counterpart type at the responder, as Zeek prints it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, make_dataclass
from enum import IntFlag, StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple
from typing import Protocol as TypingProtocol

# The last moment that a signed number of 64 bits can hold, as databases do: 2262-04-11.
LAST_NS = (1 << 63) - 1


class Location(NamedTuple):
    """Where a record stands: file name and 1-based packet or line number."""

    file: str
    number: int

    def __str__(self) -> str:
        return f"{self.file}:{self.number}"


class Endpoint(NamedTuple):
    """An address and a port."""

    ip: str
    port: int

    def __str__(self) -> str:
        return f"[{self.ip}]:{self.port}" if ":" in self.ip else f"{self.ip}:{self.port}"


# A conversation's two ends as they are seen elsewhere, before or behind a device that translates addresses.
# Each pair stands in the order of the ends that it translates (`src, dst` or `orig, resp` of the record).
Views = tuple[tuple[Endpoint, Endpoint], ...]


class EngineError(Exception):
    """Evidence or a rule that cannot be used, told in one sentence that says where.

    `file` is the evidence file's name, `place` the packet, line, byte offset or column in words.
    """

    def __init__(self, problem: str, *, file: str = "", place: str = "") -> None:
        self.problem = problem
        self.file = file
        self.place = place
        super().__init__(": ".join(part for part in (file, place, problem) if part))


@dataclass(frozen=True, slots=True)
class Problem:
    """A record that could not be read, or a file that ends early: reported, never hidden."""

    file: str
    place: str
    problem: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.place, self.problem) if part)


class Protocol(StrEnum):
    TCP = "tcp"
    UDP = "udp"
    ICMP = "icmp"


class TcpFlags(IntFlag):
    """RFC 9293, 3.1 (low byte of the flags; CWR and ECE are RFC 3168)."""

    NONE = 0
    FIN = 0x01
    SYN = 0x02
    RST = 0x04
    PSH = 0x08
    ACK = 0x10
    URG = 0x20
    ECE = 0x40
    CWR = 0x80


class Outcome(StrEnum):
    """What became of the attempt to open a conversation, as the wire shows it."""

    ESTABLISHED = "established"
    REFUSED = "refused"
    REJECTED = "rejected"
    UNANSWERED = "unanswered"
    MIDSTREAM = "midstream"
    ONE_WAY = "one_way"


class Reversed(StrEnum):
    """Is the alert's printed source the responder?"""

    YES = "yes"
    NO = "no"
    CANNOT_BE_DETERMINED = "cannot_be_determined"


class Cause(StrEnum):
    """Why a reversed alert prints the responder as its source."""

    RESPONSE_RULE = "response_rule"  # the rule is written for replies
    PIPELINE = "pipeline"  # a log whose writer always prints the remote side first
    BOTH_HALVES = "both_halves"  # an exporter that writes one line a direction
    MIDSTREAM = "midstream"  # the sensor came late and took the responder for the client
    REPLY_PACKET = "reply_packet"  # the packet that fired was a reply, and its sender is printed
    TRANSLATION = "translation"  # the alert was raised behind an address translation


class IntentMatch(StrEnum):
    """Does the corrected conversation fit what the rule expects?"""

    MATCH = "match"
    MISMATCH = "mismatch"
    UNKNOWN = "unknown"


class Disposition(StrEnum):
    TRUE_POSITIVE = "true_positive"
    BENIGN = "benign"
    FALSE_POSITIVE = "false_positive"
    UNDETERMINED = "undetermined"
    DUPLICATE = "duplicate"


class ReasonCode(StrEnum):
    """Why a ticket is closed as it is; the first letters name the disposition."""

    TP1 = "TP1"
    TP2 = "TP2"
    TP3 = "TP3"
    TP4 = "TP4"
    BN1 = "BN1"
    BN2 = "BN2"
    FP1 = "FP1"
    FP2 = "FP2"
    UN = "UN"
    DUP = "DUP"


class DirectionInput(StrEnum):
    """How the alert's direction stands to the truth, for the decision table."""

    OK = "ok"
    REV = "rev"
    PACKET = "packet"  # reversed by design: the rule fires on replies
    GUESS = "guess"
    NA = "na"


class Effect(StrEnum):
    """What the attempt achieved: the decision table's own input about consequences."""

    BLOCKED = "blocked"
    RST = "rst"
    NOREPLY = "noreply"
    FAILED = "failed"
    ESTABLISHED = "established"
    SUCCESS = "success"
    NA = "na"


class Evidence(StrEnum):
    """Is there proof that an attack succeeded?"""

    NONE = "none"
    POSSIBLE = "possible"
    CONFIRMED = "confirmed"
    MISSING = "missing"


class Authorisation(StrEnum):
    """Is the activity on the list of authorised ones: inside it, outside its scope or time, or not on it?"""

    IN = "in"
    OUT = "out"
    NO = "no"
    UNKNOWN = "unk"


class Role(StrEnum):
    PROD = "prod"
    WORK = "work"
    INFRA = "infra"
    HONEYPOT = "honeypot"
    NONE = "none"


class Origin(StrEnum):
    """The side of the acting party, which need not be the side that opened the conversation."""

    EXTERNAL = "ext"
    INTERNAL = "int"
    PARTNER = "partner"
    NONE = "none"


class Malice(StrEnum):
    YES = "y"
    NO = "n"
    UNKNOWN = "unk"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedPacket:
    """The packet that an ICMP error carries inside (RFC 792, RFC 4443): whose packet was it?

    `flags` is None where the quote ends before TCP's flags; `payload` is what was quoted of `payload_bytes`."""

    protocol: Protocol
    src: Endpoint
    dst: Endpoint
    flags: TcpFlags | None = None
    payload: bytes = b""
    payload_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """One captured frame, decoded. `payload` is what was captured of the transport payload;
    `payload_bytes` is its length by the headers, which a short snap length does not change.

    A later IP fragment is a packet of the conversation that its first one names: it has bytes, and no header of
    its own (`is_later_fragment`). A wrong checksum is noted, and nothing rests on it."""

    location: Location
    time_ns: int
    protocol: Protocol
    src: Endpoint
    dst: Endpoint
    wire_bytes: int
    ip_bytes: int = 0
    payload: bytes = b""
    payload_bytes: int = 0
    flags: TcpFlags = TcpFlags.NONE
    seq: int = 0
    ack: int = 0
    window: int = 0
    ttl: int = 0
    icmp_type: int | None = None
    icmp_code: int | None = None
    quoted: QuotedPacket | None = None
    layers: tuple[str, ...] = ()
    is_later_fragment: bool = False
    has_bad_checksum: bool = False


class Statement(StrEnum):
    """What a device or a decoy says of a conversation, in one word for all makes of log."""

    ALLOWED = "allowed"  # a policy's permission; never the target's answer
    DENIED = "denied"  # dropped or denied by policy
    RESET = "reset"  # denied, and the device sent a reset or an ICMP error
    ACCEPTED = "accepted"  # the target itself completed the handshake
    REFUSED = "refused"  # the target itself refused
    CONNECTED_OUT = "connected_out"  # the reporting host dialled out itself
    CLOSED = "closed"  # the end of a conversation that stood
    AUTHENTICATED = "authenticated"
    AUTHENTICATION_FAILED = "authentication_failed"
    ANSWERED = "answered"  # a sensor read the responder's own answer in the traffic
    SEEN = "seen"


class Basis(StrEnum):
    """What a log line's originator rests on, strongest first: how far it is believed (`rungs.case.BASES`)."""

    HOST = "host"  # one of the two ends wrote the line, and its own program took or made the connection
    DECOY = "decoy"  # the same of a decoy
    HANDSHAKE = "handshake"  # the writer saw the segment that opens
    DENIED_PACKET = "denied_packet"  # the line is about the packet that would have opened
    SESSION = "session"  # a stateful device's own table of sessions
    EITHER_SYN = "either_syn"  # the writer saw a SYN or a SYN-ACK, and does not say which of them it went by
    PARSER = "parser"  # a sensor's parser of the protocol that is spoken
    REPLY = "reply"  # the line is about a packet that answers
    SYN_ACK = "syn_ack"  # set by the writer against the first packet that it saw, which was a SYN-ACK
    TRACKED = "tracked"  # a sensor's flow, and what is spoken corrects its roles at most over UDP
    PORTS = "ports"  # set by the writer against the first packet that it saw, by the ports
    FIRST_PACKET = "first_packet"  # the first packet that the writer saw, or no better reason given
    ARBITRARY = "arbitrary"  # the writer says itself that its order means nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRecord:
    """One log line that sums up a conversation, or one direction of it (`is_half`, as NetFlow does).

    `orig` and `resp` are what the exporter states; `basis` says how far to believe it. Of a half, `orig` is the
    sender. `outcome` is what the exporter's own state says, where it says it; with `orig` as the originator.
    A half, and a record `is_interval` (the counts of one interval, which others go on from), tells a part: all of
    one format are judged together (`halves`). `observer` is the exporter, then after a slash the point where it
    looked; two of them count the same packets twice. `is_sampled` says that packets were passed over."""

    location: Location
    source: str  # the format: "suricata.flow", "zeek.conn" ...
    time_ns: int
    end_ns: int
    protocol: Protocol
    orig: Endpoint
    resp: Endpoint
    basis: Basis = Basis.FIRST_PACKET
    is_half: bool = False
    is_interval: bool = False
    is_sampled: bool = False
    observer: str = ""
    outcome: Outcome | None = None
    orig_packets: int = 0
    resp_packets: int = 0
    orig_bytes: int = 0
    resp_bytes: int = 0
    orig_flags: TcpFlags | None = None
    resp_flags: TcpFlags | None = None
    state: str = ""
    history: str = ""
    service: str = ""
    community_id: str = ""
    flow_id: str = ""
    translated: Views = ()
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRecord:
    """One log line of a firewall, a decoy or a host about one conversation.

    `src` and `dst` are as printed; `orig` and `resp` are what the format's "source" means, or
    None where the format does not say who opened it. `translated` is how the same conversation looks
    elsewhere on its way, where the record states an address translation. `fields` holds what bears on judging
    it, under the same names in every format: word, action, reason, acl, flags (the device's own words), user,
    method, result (of a login), status (HTTP), connection (the device's serial number)."""

    location: Location
    source: str  # the format: "cisco.asa", "dionaea.mhn", "openssh" ...
    time_ns: int
    protocol: Protocol
    src: Endpoint
    dst: Endpoint
    statement: Statement
    orig: Endpoint | None = None
    resp: Endpoint | None = None
    basis: Basis = Basis.FIRST_PACKET
    service: str = ""
    community_id: str = ""
    flow_id: str = ""
    quoted: QuotedPacket | None = None
    translated: Views = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What an alert prints. For most sensors `src` is the source of the packet that fired, which
    says nothing of who opened the conversation. `location` is None for an alert given by hand.

    `flow_orig` and `flow_resp` are the ends of the sensor's own flow, client first, and `basis` says what
    they rest on. `action` is the rule's, `verdict` what became of the packet, where the sensor tells both."""

    protocol: Protocol
    src: Endpoint
    dst: Endpoint
    location: Location | None = None
    source: str = ""
    time_ns: int | None = None
    sid: int | None = None
    gid: int = 1
    rev: int | None = None
    message: str = ""
    category: str = ""
    severity: int | None = None
    action: str = ""
    verdict: str = ""
    direction: str = ""  # "to_server" or "to_client", as the sensor believes
    flow_orig: Endpoint | None = None
    flow_resp: Endpoint | None = None
    basis: Basis = Basis.FIRST_PACKET
    community_id: str = ""
    flow_id: str = ""
    raw: str = ""


Record = Packet | FlowRecord | LogRecord | Alert


class Claim(StrEnum):
    """What a finding is about."""

    ORIGINATOR = "originator"
    OUTCOME = "outcome"
    SERVICE = "service"
    JOINED = "joined"  # why records with other addresses belong to the same conversation
    REVERSED = "reversed"
    INTENT = "intent"
    EFFECT = "effect"
    DISPOSITION = "disposition"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fact that bears on a claim: the rule that found it, what it says, the records that prove it.

    `facts` are the values that the explanation needs (`explain.py` writes the sentence).
    `supports` is False for a fact that contradicts what was concluded: it is told, not hidden."""

    rule: str
    claim: Claim
    value: str
    records: tuple[Location, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    confidence: float = 1.0
    supports: bool = True


class Telling(TypingProtocol):
    """What knows a conversation's long parts and tells them when they are asked for."""

    def findings(self) -> tuple[Finding, ...]: ...

    def records(self) -> tuple[Location, ...]: ...

    def basis(self) -> Finding | None: ...


class Told:
    """A conversation's long parts are told on first asking, where they were not given: a large capture has tens of
    thousands of conversations, and most of what could be said of them is never asked."""

    __slots__ = ("_telling",)
    _telling: Telling

    if not TYPE_CHECKING:  # or every misspelt name would pass for an attribute

        def __getattr__(self, name: str) -> Any:
            if name not in LONG_PARTS:
                raise AttributeError(name)
            value = getattr(self._telling, name)()
            object.__setattr__(self, name, value)
            return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation(Told):
    """All traffic both ways between two endpoints within timeouts, and what the evidence says of it.

    `endpoints` are the first record's source and destination; `orig` and `resp` are None where
    nothing clears the bar. `flipped` says that the originator is not the first packet's source.
    `translated` are the same two ends as seen on the other side of an address translation, in the order
    of `endpoints`; `layers` is what wrapped its first packet (`vlan:20`, `gre`).
    Findings stand strongest first; the first that supports a claim decided it."""

    protocol: Protocol
    endpoints: tuple[Endpoint, Endpoint]
    orig: Endpoint | None
    resp: Endpoint | None
    outcome: Outcome
    conn_state: str
    history: str
    service: str
    first_ns: int
    last_ns: int
    orig_packets: int
    resp_packets: int
    orig_bytes: int
    resp_bytes: int
    flipped: bool
    confidence: float
    findings: tuple[Finding, ...]
    records: tuple[Location, ...] = ()
    translated: Views = ()
    layers: tuple[str, ...] = ()

    @property
    def basis(self) -> Finding | None:
        """The finding that decided who opened it; None where nothing did."""
        telling: Telling | None = getattr(self, "_telling", None)
        if telling is not None:
            return telling.basis()
        deciding = (item for item in self.findings if item.claim is Claim.ORIGINATOR and item.supports)
        return next(deciding, None)

    @classmethod
    def told_by(cls, telling: Telling, values: Iterable[Any]) -> Conversation:
        """Make a conversation from the values of its SHORT_PARTS; `telling` knows the rest.

        A frozen value is slow to fill, so a twin is filled that is not, and then becomes what it is a twin of."""
        draft: Any = _Draft(*values, telling)
        draft.__class__ = cls
        conversation: Conversation = draft
        return conversation


LONG_PARTS = ("findings", "records")
SHORT_PARTS = tuple(item.name for item in fields(Conversation) if item.name not in LONG_PARTS)
_Draft = make_dataclass(
    "_Draft",
    [
        *((name, Any) for name in SHORT_PARTS),
        ("_telling", Any),
        *((name, Any, field(init=False)) for name in LONG_PARTS),
    ],
    bases=(Told,),
    slots=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A value that the author states because it is not on the wire, and the context notes that say so."""

    value: str
    notes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the author states. `notes` are shown to the trainee as records `context:1` and on;
    `inputs` are the decision table's inputs (auth, role, mal, origin, evid, effect, data_error,
    dup) and are never shown. An input that is absent is unknown, and is never guessed."""

    variables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    inputs: Mapping[str, Stated] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionInputs:
    """One row's worth of input to the decision table; None is "not known"."""

    dir: DirectionInput | None = None
    intent: IntentMatch | None = None
    effect: Effect | None = None
    evid: Evidence | None = None
    auth: Authorisation | None = None
    role: Role | None = None
    origin: Origin | None = None
    mal: Malice | None = None
    data_error: bool = False
    dup: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The engine's whole conclusion about one alert.

    A field that the evidence and the stated context do not settle is None (or the enum's own
    "cannot be determined"): it is not graded. `depends_on` names the unknown inputs that would
    change the disposition. Every value that is not None has at least one supporting finding."""

    engine_version: str
    alert: Alert
    conversation: Conversation | None
    reversed: Reversed
    outcome: Outcome | None
    intent: IntentMatch
    effect: Effect | None
    disposition: Disposition | None
    reason_code: ReasonCode | None
    decided_by: str  # the decision table's row, "" when no disposition
    inputs: DecisionInputs
    depends_on: tuple[str, ...]
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...] = ()
    cause: Cause | None = None  # of a reversed alert, where evidence shows it
