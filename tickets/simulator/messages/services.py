"""Remote control of Windows services (MS-SCMR) by remote procedure calls (C706, MS-RPCE) through a pipe of SMB."""

from __future__ import annotations

from tickets.simulator.messages.smb import PIPE, Login, SmbSession
from tickets.simulator.messages.turns import Script
from tickets.simulator.randomness import Stream

BIND, BIND_ACK, REQUEST, RESPONSE = 11, 12, 0, 2
SVCCTL = bytes.fromhex("81bb7a364498f135ad3298f038001003") + b"\x02\x00\x00\x00"
NDR = bytes.fromhex("045d888aeb1cc9119fe808002b104860") + b"\x02\x00\x00\x00"
OPEN_MANAGER, CREATE_SERVICE, START_SERVICE, CLOSE_HANDLE = 15, 12, 19, 0
FRAGMENT_BYTES = 4280
CHUNK_BYTES = 32_768
POINTER = b"\x00\x00\x02\x00"


def talk_service_creation(
    login: Login, service: str, program: str, binary: bytes, now_ns: int, chance: Stream
) -> Script:
    """A program is copied to the administrators' share, made a service and started."""
    session = SmbSession(login, now_ns, chance)
    file_id, pipe_id = chance.take(16), chance.take(16)
    manager, handle = (bytes(4) + chance.take(16) for _ in range(2))
    file_name = program.rpartition("\\")[2]
    calls = (
        (OPEN_MANAGER, _open_manager(login.server), manager + bytes(4)),
        (CREATE_SERVICE, _create_service(manager, service, program), bytes(4) + handle + bytes(4)),
        (START_SERVICE, handle + bytes(8), bytes(4)),
        (CLOSE_HANDLE, handle, bytes(24)),
    )
    return (
        *session.negotiate(),
        *session.log_in(),
        *session.connect_tree("ADMIN$"),
        *session.create(file_name, file_id),
        *(turn for at in range(0, len(binary), CHUNK_BYTES) for turn in _copy(session, file_id, binary, at)),
        *session.close(file_id),
        *session.connect_tree("IPC$", PIPE),
        *session.create("svcctl", pipe_id),
        *session.call(pipe_id, _bind(), _bind_ack()),
        *(
            turn
            for number, (operation, asked, told) in enumerate(calls, 2)
            for turn in session.call(pipe_id, _request(number, operation, asked), _response(number, told))
        ),
        *session.close(pipe_id),
        *session.log_off(),
    )


def _copy(session: SmbSession, file_id: bytes, binary: bytes, at: int) -> Script:
    return session.write(file_id, at, binary[at : at + CHUNK_BYTES])


def _open_manager(server: str) -> bytes:
    """ROpenSCManagerW (MS-SCMR 3.1.4.15): machine, database, access."""
    return POINTER + _string(f"\\\\{server}") + bytes(4) + (0xF003F).to_bytes(4, "little")


def _create_service(manager: bytes, service: str, program: str) -> bytes:
    """RCreateServiceW (MS-SCMR 3.1.4.12): own process, started on demand, no dependencies, LocalSystem."""
    numbers = (0xF01FF, 0x10, 3, 0)
    return b"".join(
        (
            manager + _string(service) + POINTER + _string(service),
            b"".join(number.to_bytes(4, "little") for number in numbers),
            _string(program) + bytes(28),
        )
    )


def _string(text: str) -> bytes:
    """A conformant varying string with its end, padded to four bytes (C706, 14.3.4)."""
    count = (len(text) + 1).to_bytes(4, "little")
    body = (text + "\x00").encode("utf-16-le")
    return count + bytes(4) + count + body + bytes(-len(body) % 4)


def _bind() -> bytes:
    context = b"\x00\x00\x01\x00" + SVCCTL + NDR
    sizes = FRAGMENT_BYTES.to_bytes(2, "little") * 2
    return _rpc(BIND, 1, sizes + bytes(4) + b"\x01\x00\x00\x00" + context)


def _bind_ack() -> bytes:
    address = b"\\PIPE\\svcctl\x00"
    body = FRAGMENT_BYTES.to_bytes(2, "little") * 2 + (0x4F2A).to_bytes(4, "little")
    body += len(address).to_bytes(2, "little") + address
    body += bytes(-(16 + len(body)) % 4)
    return _rpc(BIND_ACK, 1, body + b"\x01\x00\x00\x00" + bytes(4) + NDR)


def _request(number: int, operation: int, stub: bytes) -> bytes:
    head = len(stub).to_bytes(4, "little") + bytes(2) + operation.to_bytes(2, "little")
    return _rpc(REQUEST, number, head + stub)


def _response(number: int, stub: bytes) -> bytes:
    return _rpc(RESPONSE, number, len(stub).to_bytes(4, "little") + bytes(4) + stub)


def _rpc(kind: int, number: int, body: bytes) -> bytes:
    """Version 5.0, first and last fragment, little-endian (C706, 12.6.3)."""
    head = bytes([5, 0, kind, 3]) + b"\x10\x00\x00\x00" + (16 + len(body)).to_bytes(2, "little") + bytes(2)
    return head + number.to_bytes(4, "little") + body
