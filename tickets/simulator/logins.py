"""Logins that stories play: SSH, RDP, SMB, SQL Server; accepted or not. What the host's own logs need is said."""

from __future__ import annotations

import base64

from tickets.simulator.clock import NS_PER_S
from tickets.simulator.messages import rdp, smb, ssh, tds, tls
from tickets.simulator.messages.turns import answer, ask
from tickets.simulator.network import Dialogue, Socket, travel_ns
from tickets.simulator.stage import MS, Stage

SSH_CLIENTS = ("OpenSSH_9.6p1 Ubuntu-3ubuntu13.8", "OpenSSH_9.2p1 Debian-2+deb12u5", "OpenSSH_9.9")
SSH_SERVER = "OpenSSH_9.2p1 Debian-2+deb12u5"
SQL_CLIENT, SQL_SERVER = bytes.fromhex("11000000"), bytes.fromhex("0f000fa0")


def log_in_by_ssh(
    stage: Stage,
    client: Socket,
    server: Socket,
    start_ns: int,
    user: str,
    *,
    failures: int = 0,
    is_accepted: bool = True,
    by_key: bool = False,
    software: str = "",
    typed_s: int = 4,
) -> Dialogue:
    """So many wrong passwords, then the right one (or the key), and some typing; else the client gives up."""
    chance = stage.chance()
    talk = stage.talk(client, server, start_ns)
    talk.shake_hands()
    opened_ns, way_ns = talk.server.free_ns, travel_ns(client.host, server.host)
    talk.play(ssh.talk_ssh_opening(software or chance.pick(SSH_CLIENTS), SSH_SERVER, chance))
    talk.play((ask(chance.take(68), 4 * MS), answer(chance.take(52), 5 * MS)))
    failed = []
    for _ in range(failures):
        talk.play((ask(chance.take(148), 90 * MS), answer(chance.take(52), 2_000 * MS)))
        failed.append(str(talk.server.last_sent_ns - MS))
    said = {"user": user, "opened_ns": str(opened_ns), "failed_ns": " ".join(failed)}
    if is_accepted:
        size = 372 if by_key else 148
        talk.play((ask(chance.take(size), 60 * MS), answer(chance.take(28), 12 * MS)))
        said["accepted_ns"] = str(talk.server.last_sent_ns - MS)
        if by_key:
            said["key"] = base64.b64encode(chance.take(32)).decode().rstrip("=")
        sizes = [(36 + 8 * chance.below(3), 36 + 4 * chance.below(90)) for _ in range(chance.between(2, 4))]
        talk.play(ssh.talk_ssh_typing([(652, 28)], chance, 25 * MS))
        talk.play(ssh.talk_ssh_typing(sizes, chance, typed_s * NS_PER_S // len(sizes)))
    talk.part(talk.client, chance.about(900 * MS))
    closed_ns = max(talk.server.last_sent_ns, talk.client.last_sent_ns + way_ns)
    return talk.end("ssh", said | {"closed_ns": str(closed_ns)})


def log_in_by_rdp(
    stage: Stage, client: Socket, server: Socket, start_ns: int, user: str, *, is_accepted: bool = True
) -> Dialogue:
    """The opening names the user; all that follows is sealed. Refused credentials end it after their exchange."""
    chance, name = stage.chance(), server.host.name.upper()
    talk = stage.talk(client, server, start_ns)
    talk.shake_hands()
    talk.play(rdp.talk_rdp_opening(user))
    talk.play(tls.talk_tls12(name, chance, start_ns, tls.WINDOWS_SERVICE, issuer=name))
    credentials = [(60, 310), (700, 240)]
    desktop = [(410, 1_460), (220, 9_000), (90, 24_000), (120, 6_000)]
    talk.play(tls.talk_tls_data(credentials + (desktop if is_accepted else []), chance))
    talk.part(
        talk.client if is_accepted else talk.server, chance.about(2_500 * MS if is_accepted else 40 * MS)
    )
    return talk.end("rdp", {"user": user})


def log_in_by_smb(
    stage: Stage,
    client: Socket,
    server: Socket,
    start_ns: int,
    user: str,
    *,
    domain: str = "CORP",
    reads: tuple[str, str] = ("public", "plans\\overview.txt"),
    size: int = 6_000,
    is_accepted: bool = True,
) -> Dialogue:
    """NTLM, then a file is read from a share: `reads` are share and file."""
    chance = stage.chance()
    login = smb.Login(
        user=user,
        domain=domain,
        workstation=client.host.name.upper(),
        server=server.host.name.upper(),
    )
    talk = stage.talk(client, server, start_ns)
    talk.shake_hands()
    if is_accepted:
        talk.play(smb.talk_smb_read(login, *reads, chance.take(size), start_ns, chance))
    else:
        talk.play(smb.talk_smb_refused(login, start_ns, chance))
    talk.part(talk.client, chance.about(20 * MS))
    return talk.end("smb", {"user": user, "share": reads[0], "file": reads[1]})


def log_in_by_sql(
    stage: Stage,
    client: Socket,
    server: Socket,
    start_ns: int,
    user: str,
    *,
    password: str,
    statement: str = "SELECT 1",
    is_accepted: bool = True,
) -> Dialogue:
    """SQL Server: prelogin, login, one statement; or the error that refuses."""
    chance, names = stage.chance(), (client.host.name.upper(), server.host.name.upper())
    talk = stage.talk(client, server, start_ns)
    talk.shake_hands()
    if is_accepted:
        talk.play(tds.talk_tds_job(user, password, names, statement, chance.between(1, 900)))
    else:
        talk.play(
            (
                ask(tds.write_tds_prelogin(SQL_CLIENT, is_answer=False), 3 * MS),
                answer(tds.write_tds_prelogin(SQL_SERVER, is_answer=True), 4 * MS),
                ask(tds.write_tds_login(user, password, *names), 6 * MS),
                answer(tds.write_tds_login_error(user, names[1]), 8 * MS),
            )
        )
    talk.part(talk.client, chance.about(60 * MS))
    return talk.end("tds", {"user": user, "logins": f"{user}\t{password}"})
