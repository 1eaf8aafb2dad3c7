"""A login host's auth.log as sshd and PAM write it (OpenSSH, LogLevel VERBOSE, ISO time stamps)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tickets.simulator.clock import to_iso
from tickets.simulator.network import Dialogue, Host
from tickets.simulator.randomness import Stream
from tickets.simulator.sensors.lines import LogLine, sort_lines

FILE = "auth.log"
Entry = tuple[int, str, str]


def write_auth_log(dialogues: Iterable[Dialogue], host: Host, chance: Stream) -> tuple[LogLine, ...]:
    """The lines about all logins that the host's server took, in order of writing.

    A dialogue's `said` gives the user, when the host had seen the connection and its end (ns since 1970), when it
    accepted the login (absent: never) and refused a password (`failed_ns`, several with blanks between), and
    the key's fingerprint where it was no password.
    """
    lines: list[LogLine] = []
    for dialogue in dialogues:
        if dialogue.server.host.is_same_machine(host) and {"user", "opened_ns"} <= set(dialogue.said):
            lines.extend(_session(dialogue, host, chance))
    return sort_lines(lines)


def _session(dialogue: Dialogue, host: Host, chance: Stream) -> Iterator[LogLine]:
    written_ns = int(dialogue.said["opened_ns"])
    for time_ns, process, message in _entries(dialogue, chance):
        written_ns = max(written_ns + 90_000, time_ns) + chance.about(300_000)
        stamp = to_iso(written_ns + host.skew_ns)
        yield LogLine(written_ns, f"{stamp}+00:00 {host.name} {process}: {message}", dialogue)


def _entries(dialogue: Dialogue, chance: Stream) -> Iterator[Entry]:
    said, local = dialogue.said, dialogue.server.endpoint
    remote, user = dialogue.client.endpoint, dialogue.said["user"]
    peer = f"{remote.ip} port {remote.port}"
    number = chance.between(1_200, 28_000)
    daemon = f"sshd[{number}]"
    yield int(said["opened_ns"]), daemon, f'Connection from {peer} on {local.ip} port {local.port} rdomain ""'
    for moment in said.get("failed_ns", "").split():
        yield int(moment), daemon, f"Failed password for {user} from {peer} ssh2"
    if "accepted_ns" in said:
        yield from _stay(dialogue, peer, number, chance)
    else:
        closed = f"Connection closed by authenticating user {user} {peer} [preauth]"
        yield int(said["closed_ns"]), daemon, closed


def _stay(dialogue: Dialogue, peer: str, number: int, chance: Stream) -> Iterator[Entry]:
    """From the accepted login to the end of the session; a child process speaks at the end."""
    said, user = dialogue.said, dialogue.said["user"]
    accepted_ns, closed_ns = int(said["accepted_ns"]), int(said["closed_ns"])
    daemon, shell = f"sshd[{number}]", f"sshd[{number + chance.between(1, 40)}]"
    uid, session = chance.between(1001, 1040), chance.between(20, 900)
    how = f"publickey for {user} from {peer} ssh2: ED25519 SHA256:{said['key']}" if "key" in said else ""
    yield accepted_ns, daemon, f"Accepted {how or f'password for {user} from {peer} ssh2'}"
    opened = f"pam_unix(sshd:session): session opened for user {user}(uid={uid}) by (uid=0)"
    yield accepted_ns, daemon, opened
    yield accepted_ns, "systemd-logind[612]", f"New session {session} of user {user}."
    yield closed_ns, shell, f"Received disconnect from {peer}:11: disconnected by user"
    yield closed_ns, shell, f"Disconnected from user {user} {peer}"
    yield closed_ns, daemon, f"pam_unix(sshd:session): session closed for user {user}"
    waiting = f"Session {session} logged out. Waiting for processes to exit."
    yield closed_ns, "systemd-logind[612]", waiting
    yield closed_ns, "systemd-logind[612]", f"Removed session {session}."
