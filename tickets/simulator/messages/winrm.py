"""WinRM (MS-WSMV): SOAP over HTTP on port 5985, logged in with NTLM; what is said after that is sealed."""

from __future__ import annotations

import base64

from tickets.simulator.messages import spnego
from tickets.simulator.messages.http import write_http_answer, write_http_request
from tickets.simulator.messages.smb import Login
from tickets.simulator.messages.turns import MS, Script, in_turn
from tickets.simulator.randomness import Stream

AGENT = "Microsoft WinRM Client"
SERVER = {"Server": "Microsoft-HTTPAPI/2.0"}
SEALED = (
    'multipart/encrypted;protocol="application/HTTP-SPNEGO-session-encrypted";boundary="Encrypted Boundary"'
)


def talk_winrm(login: Login, sizes: list[tuple[int, int]], now_ns: int, chance: Stream) -> Script:
    """Three rounds of login, then sealed envelopes of these sizes."""
    challenge = spnego.write_ntlm_challenge(login.domain, login.server, now_ns, chance)
    proof = spnego.write_ntlm_authenticate(
        login.user, login.domain, login.workstation, login.server, now_ns, chance
    )
    pairs = [
        (_request(login, spnego.write_ntlm_negotiate()), _answer(401, challenge)),
        (_request(login, proof), _answer(200, spnego.write_accepted())),
    ]
    for asked, told in sizes:
        request = write_http_request(
            "POST",
            "/wsman?PSVersion=5.1.20348.2849",
            f"{login.server}:5985",
            {"User-Agent": AGENT, "Connection": "Keep-Alive", "Content-Type": SEALED},
            _seal(asked, chance),
        )
        pairs.append((request, write_http_answer(200, SERVER, _seal(told, chance), kind=SEALED)))
    return in_turn(pairs, 12 * MS)


def _request(login: Login, token: bytes) -> bytes:
    fields = {"User-Agent": AGENT, "Connection": "Keep-Alive", "Content-Length": "0"}
    fields["Authorization"] = f"Negotiate {base64.b64encode(token).decode()}"
    return write_http_request("POST", "/wsman", f"{login.server}:5985", fields)


def _answer(status: int, token: bytes) -> bytes:
    return write_http_answer(
        status, {**SERVER, "WWW-Authenticate": f"Negotiate {base64.b64encode(token).decode()}"}
    )


def _seal(size: int, chance: Stream) -> bytes:
    """One part that says what it holds, one that holds it (MS-WSMV 2.2.9.1.1)."""
    kind = "application/HTTP-SPNEGO-session-encrypted"
    head = (
        f"--Encrypted Boundary\r\nContent-Type: {kind}\r\n"
        f"OriginalContent: type=application/soap+xml;charset=UTF-8;Length={size}\r\n"
        "--Encrypted Boundary\r\nContent-Type: application/octet-stream\r\n"
    )
    sealed = (16).to_bytes(4, "little") + chance.take(16) + chance.take(size)
    return head.encode() + sealed + b"--Encrypted Boundary--\r\n"
