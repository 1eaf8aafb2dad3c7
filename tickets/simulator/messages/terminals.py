"""Text on a wire: Telnet (RFC 854) with its negotiation, and a shell that nobody announced."""

from __future__ import annotations

from collections.abc import Sequence

from tickets.simulator.messages.turns import MS, Script, Turn, answer, ask

WILL_ECHO_AND_GO = bytes.fromhex("fffb01 fffb03 fffd18 fffd1f")
CLIENT_AGREES = bytes.fromhex("fffd01 fffd03 fffb18 fffc1f")


def talk_telnet(user: str, password: str, banner: str, *, is_accepted: bool = True) -> Script:
    """Options, a name that is echoed, a password that is not."""
    end = f"\r\nWelcome, {user}.\r\n$ " if is_accepted else "\r\nLogin incorrect\r\nlogin: "
    name = f"{user}\r\n".encode()
    return (
        answer(WILL_ECHO_AND_GO, 4 * MS),
        ask(CLIENT_AGREES, 2 * MS),
        answer(f"{banner}\r\nlogin: ".encode(), 5 * MS),
        ask(name, 900 * MS),
        answer(name + b"Password: ", 3 * MS),
        ask(f"{password}\r\n".encode(), 700 * MS),
        answer(end.encode(), 400 * MS),
    )


def talk_shell(commands: Sequence[tuple[str, str]], prompt: str = "") -> Script:
    """A shell bound to a port, or calling home: it may greet with a prompt, then commands and their output."""
    turns: list[Turn] = [answer(prompt.encode(), 30 * MS)] if prompt else []
    for command, output in commands:
        turns.append(ask(f"{command}\n".encode(), 1_800 * MS))
        turns.append(answer(f"{output}\n{prompt}".encode(), 25 * MS))
    return tuple(turns)
