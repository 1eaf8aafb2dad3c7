"""SIP (RFC 3261) with SDP (RFC 8866), and the voice it arranges (RTP, RFC 3550)."""

from __future__ import annotations

from dataclasses import dataclass

from tickets.engine.types import Endpoint
from tickets.simulator.randomness import Stream

REASONS = {
    100: "Trying", 180: "Ringing", 200: "OK", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    407: "Proxy Authentication Required", 486: "Busy Here",
}  # fmt: skip
VOICE_BYTES = 160  # 20 ms of G.711
VOICE_NS = 20_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What stays the same in all messages of one exchange."""

    caller: str
    callee: str
    domain: str
    via: Endpoint
    agent: str
    call_id: str
    branch: str
    tag: str


def make_call(caller: str, callee: str, domain: str, via: Endpoint, agent: str, chance: Stream) -> Call:
    return Call(
        caller=caller,
        callee=callee,
        domain=domain,
        via=via,
        agent=agent,
        call_id=chance.take(8).hex(),
        branch=f"z9hG4bK-{chance.take(5).hex()}",
        tag=chance.take(4).hex(),
    )


def write_sip_request(method: str, call: Call, sequence: int, sdp: bytes = b"") -> bytes:
    whom = f"sip:{call.domain}" if method == "REGISTER" else f"sip:{call.callee}@{call.domain}"
    lines = (
        f"{method} {whom} SIP/2.0",
        f"Via: SIP/2.0/UDP {call.via};branch={call.branch};rport",
        "Max-Forwards: 70",
        *_common(call, sequence, method, ""),
        f"Contact: <sip:{call.caller}@{call.via}>",
        f"User-Agent: {call.agent}",
    )
    return _message(lines, sdp)


def write_sip_answer(
    status: int, method: str, call: Call, sequence: int, server: str, sdp: bytes = b""
) -> bytes:
    lines = (
        f"SIP/2.0 {status} {REASONS[status]}",
        f"Via: SIP/2.0/UDP {call.via};branch={call.branch};received={call.via.ip};rport={call.via.port}",
        *_common(call, sequence, method, f";tag=as{call.tag}"),
        f"Server: {server}",
        *_challenge(status, call),
    )
    return _message(lines, sdp)


def write_sdp(endpoint: Endpoint, number: int) -> bytes:
    lines = (
        "v=0",
        f"o=- {number} {number} IN IP4 {endpoint.ip}",
        "s=call",
        f"c=IN IP4 {endpoint.ip}",
        "t=0 0",
        f"m=audio {endpoint.port} RTP/AVP 0 101",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:101 telephone-event/8000",
        "a=sendrecv",
    )
    return "".join(f"{line}\r\n" for line in lines).encode()


def write_rtp(number: int, source: int, chance: Stream) -> bytes:
    """Twenty milliseconds of G.711 (payload type 0)."""
    marker = 0x80 if number == 0 else 0
    head = bytes([0x80, marker]) + ((4_000 + number) & 0xFFFF).to_bytes(2, "big")
    return (
        head
        + (VOICE_BYTES * number).to_bytes(4, "big")
        + source.to_bytes(4, "big")
        + chance.take(VOICE_BYTES)
    )


def _common(call: Call, sequence: int, method: str, to_tag: str) -> tuple[str, ...]:
    return (
        f'From: "{call.caller}" <sip:{call.caller}@{call.domain}>;tag={call.tag}',
        f"To: <sip:{call.callee}@{call.domain}>{to_tag}",
        f"Call-ID: {call.call_id}",
        f"CSeq: {sequence} {method}",
    )


def _challenge(status: int, call: Call) -> tuple[str, ...]:
    if status not in (401, 407):
        return ()
    name = "WWW-Authenticate" if status == 401 else "Proxy-Authenticate"
    return (f'{name}: Digest algorithm=MD5, realm="{call.domain}", nonce="{call.branch[-10:]}"',)


def _message(lines: tuple[str, ...], sdp: bytes) -> bytes:
    kind = ("Content-Type: application/sdp",) if sdp else ()
    return "\r\n".join((*lines, *kind, f"Content-Length: {len(sdp)}", "", "")).encode() + sdp
