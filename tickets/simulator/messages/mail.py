"""SMTP (RFC 5321): a delivery from greeting to farewell, and a refusal."""

from __future__ import annotations

from dataclasses import dataclass

from tickets.simulator.messages.turns import MS, Script, in_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail: envelope, and the text with its header fields."""

    sender: str
    recipient: str
    text: str


def talk_smtp(server_name: str, client_name: str, letter: Letter, queue_id: str) -> Script:
    body = letter.text.replace("\n.", "\n..").replace("\n", "\r\n")
    return in_lines(
        ("S", f"220 {server_name} ESMTP"),
        ("C", f"EHLO {client_name}"),
        ("S", f"250-{server_name}\r\n250-SIZE 36700160\r\n250-8BITMIME\r\n250 HELP"),
        ("C", f"MAIL FROM:<{letter.sender}>"),
        ("S", "250 2.1.0 Ok"),
        ("C", f"RCPT TO:<{letter.recipient}>"),
        ("S", "250 2.1.5 Ok"),
        ("C", "DATA"),
        ("S", "354 End data with <CR><LF>.<CR><LF>"),
        ("C", f"{body}\r\n."),
        ("S", f"250 2.0.0 Ok: queued as {queue_id}"),
        ("C", "QUIT"),
        ("S", "221 2.0.0 Bye"),
        think_ns=8 * MS,
    )


def talk_smtp_refused(server_name: str, client_name: str, letter: Letter) -> Script:
    """The recipient is not ours, and we carry nothing on."""
    return in_lines(
        ("S", f"220 {server_name} ESMTP"),
        ("C", f"EHLO {client_name}"),
        ("S", f"250-{server_name}\r\n250 HELP"),
        ("C", f"MAIL FROM:<{letter.sender}>"),
        ("S", "250 2.1.0 Ok"),
        ("C", f"RCPT TO:<{letter.recipient}>"),
        ("S", f"554 5.7.1 <{letter.recipient}>: Relay access denied"),
        ("C", "QUIT"),
        ("S", "221 2.0.0 Bye"),
        think_ns=8 * MS,
    )
