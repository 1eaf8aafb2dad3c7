"""A login host's auth.log as sshd and PAM write it (OpenSSH, LogLevel VERBOSE, ISO time stamps)."""

from __future__ import annotations

from tickets.simulator.clock import to_iso
from tickets.simulator.network import Dialogue
from tickets.simulator.randomness import Stream

FILE = "auth.log"


def write_auth_log(dialogue: Dialogue, chance: Stream) -> bytes:
    """The lines about one session with a public key, in order of writing.

    `dialogue.said` gives the user, the key's fingerprint, and the times at which the host had seen
    the connection, the login and the end (ns since 1970).
    """
    said, host = dialogue.said, dialogue.server.host
    remote, local = dialogue.client.endpoint, dialogue.server.endpoint
    first, second = (chance.between(1_200, 28_000) for _ in range(2))
    user, uid, session = said["user"], chance.between(1001, 1040), chance.between(20, 900)
    peer = f"{remote.ip} port {remote.port}"
    opened_ns, accepted_ns, closed_ns = (int(said[key]) for key in ("opened_ns", "accepted_ns", "closed_ns"))
    daemon, shell = f"sshd[{first}]", f"sshd[{first + second % 40 + 1}]"
    lines = (
        (opened_ns, daemon, f'Connection from {peer} on {local.ip} port {local.port} rdomain ""'),
        (
            accepted_ns,
            daemon,
            f"Accepted publickey for {user} from {peer} ssh2: ED25519 SHA256:{said['key']}",
        ),
        (
            accepted_ns,
            daemon,
            f"pam_unix(sshd:session): session opened for user {user}(uid={uid}) by (uid=0)",
        ),
        (accepted_ns, "systemd-logind[612]", f"New session {session} of user {user}."),
        (closed_ns, shell, f"Received disconnect from {peer}:11: disconnected by user"),
        (closed_ns, shell, f"Disconnected from user {user} {peer}"),
        (closed_ns, daemon, f"pam_unix(sshd:session): session closed for user {user}"),
        (closed_ns, "systemd-logind[612]", f"Session {session} logged out. Waiting for processes to exit."),
        (closed_ns, "systemd-logind[612]", f"Removed session {session}."),
    )
    text = ""
    written_ns = opened_ns
    for time_ns, process, message in lines:
        written_ns = max(written_ns + 90_000, time_ns) + chance.about(300_000)
        text += f"{to_iso(written_ns)}+00:00 {host.name} {process}: {message}\n"
    return text.encode()
