"""FTP (RFC 959, RFC 2428): the control connection, which says where the data connection goes."""

from __future__ import annotations

from tickets.engine.types import Endpoint
from tickets.simulator.messages.turns import MS, Script, in_lines

THINK_NS = 20 * MS


def write_ftp_port(endpoint: Endpoint) -> str:
    """Six numbers: the address and the port's two bytes (RFC 959, 4.1.2)."""
    return ",".join((*endpoint.ip.split("."), str(endpoint.port >> 8), str(endpoint.port & 0xFF)))


def talk_ftp_login(user: str, password: str, *, is_accepted: bool = True) -> Script:
    reply = "230 Login successful." if is_accepted else "530 Login incorrect."
    return in_lines(
        ("S", "220 FTP server ready."),
        ("C", f"USER {user}"),
        ("S", "331 Please specify the password."),
        ("C", f"PASS {password}"),
        ("S", reply),
        ("C", "TYPE I" if is_accepted else "QUIT"),
        ("S", "200 Switching to Binary mode." if is_accepted else "221 Goodbye."),
        think_ns=THINK_NS,
    )


def talk_ftp_active(client: Endpoint, file_name: str) -> Script:
    """The client says where it listens; the server will open the data connection from port 20. After the last
    turn the data flow."""
    if ":" in client.ip:
        where, reply = f"EPRT |2|{client.ip}|{client.port}|", "200 EPRT command successful."
    else:
        where, reply = f"PORT {write_ftp_port(client)}", "200 PORT command successful."
    return in_lines(
        ("C", where),
        ("S", reply),
        ("C", f"RETR {file_name}"),
        ("S", f"150 Opening BINARY mode data connection for {file_name}."),
        think_ns=THINK_NS,
    )


def talk_ftp_passive(server: Endpoint, *, is_extended: bool = False) -> Script:
    """The server says where it listens; after the last turn the client opens the data connection."""
    if is_extended or ":" in server.ip:
        return in_lines(
            ("C", "EPSV"), ("S", f"229 Entering Extended Passive Mode (|||{server.port}|)"), think_ns=THINK_NS
        )
    where = write_ftp_port(server)
    return in_lines(("C", "PASV"), ("S", f"227 Entering Passive Mode ({where})."), think_ns=THINK_NS)


def talk_ftp_list() -> Script:
    return in_lines(("C", "LIST"), ("S", "150 Here comes the directory listing."), think_ns=THINK_NS)


def talk_ftp_done() -> Script:
    return in_lines(("S", "226 Transfer complete."), ("C", "QUIT"), ("S", "221 Goodbye."), think_ns=THINK_NS)
