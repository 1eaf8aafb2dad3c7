"""What the two sides of a conversation say: HTTP, DNS, NTP, SSH, FTP and TDS messages as bytes."""

from __future__ import annotations

from tickets.simulator.randomness import Stream

NTP_EPOCH_S = 2_208_988_800  # 1970 in seconds since 1900 (RFC 5905)
NS_PER_S = 1_000_000_000
PAGE_WORDS = (
    "about account after again archive area before between board branch building calendar central change "
    "chapter city contact country customer delivery description details document east edition evening "
    "every example first garden general group history hours index information issue journal latest "
    "library list local market material meeting member morning museum nature network north notes number "
    "office open order other overview page paper part people place plan press product programme project "
    "public quarter question railway reader record region report research river road school season "
    "section series service shop small south station story street summary summer supply system table "
    "talks team text today tour town travel update visit weather week west winter work world year"
)
WORDS = tuple(PAGE_WORDS.split())


def write_http_get(host: str, path: str, user_agent: str) -> bytes:
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        f"User-Agent: {user_agent}",
        "Accept: text/html,application/xhtml+xml,*/*",
        "Accept-Language: en",
        "Connection: close",
    )
    return "\r\n".join((*lines, "", "")).encode()


def write_http_page(body: bytes, server: str, date: str) -> bytes:
    lines = (
        "HTTP/1.1 200 OK",
        f"Date: {date}",
        f"Server: {server}",
        "Content-Type: text/html",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    return "\r\n".join((*lines, "", "")).encode() + body


def write_page(size: int, chance: Stream) -> bytes:
    """An HTML page of exactly `size` bytes (at least 200)."""
    title = " ".join(chance.pick(WORDS) for _ in range(3)).capitalize()
    text = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1><p>"
    end = "</p></body></html>\n"
    while len(text) < size:
        words = [chance.pick(WORDS) for _ in range(chance.between(6, 14))]
        text += " ".join(words).capitalize() + (".</p>\n<p>" if chance.happens(30) else ". ")
    return (text[: size - len(end)] + end).encode()


def write_dns_query(number: int, name: str) -> bytes:
    """A recursive question for an A record (RFC 1035, 4)."""
    return number.to_bytes(2, "big") + bytes.fromhex("01000001000000000000") + _dns_question(name)


def write_dns_answer(number: int, name: str, ip: str, ttl_s: int) -> bytes:
    head = number.to_bytes(2, "big") + bytes.fromhex("81800001000100000000")
    record = bytes.fromhex("c00c00010001") + ttl_s.to_bytes(4, "big") + b"\x00\x04" + _ip_bytes(ip)
    return head + _dns_question(name) + record


def _dns_question(name: str) -> bytes:
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return labels + b"\x00\x00\x01\x00\x01"


def _ip_bytes(ip: str) -> bytes:
    return bytes(int(part) for part in ip.split("."))


def write_ntp_question(now_ns: int) -> bytes:
    """Version 4, mode 3, only the transmit time set (RFC 5905, 7.3)."""
    return b"\x23" + bytes(39) + _ntp_time(now_ns)


def write_ntp_answer(asked_ns: int, now_ns: int, upstream_ip: str) -> bytes:
    """Mode 4, stratum 2, with the question's transmit time as origin."""
    head = bytes.fromhex("240206e9") + bytes.fromhex("0000021800000642") + _ip_bytes(upstream_ip)
    times = (now_ns - 71 * NS_PER_S, asked_ns, now_ns, now_ns + 24_000)
    return head + b"".join(_ntp_time(time_ns) for time_ns in times)


def _ntp_time(time_ns: int) -> bytes:
    seconds, rest_ns = divmod(time_ns, NS_PER_S)
    return (seconds + NTP_EPOCH_S).to_bytes(4, "big") + ((rest_ns << 32) // NS_PER_S).to_bytes(4, "big")


SSH_KEY_EXCHANGE = "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256"
SSH_HOST_KEYS = "ssh-ed25519,rsa-sha2-512,rsa-sha2-256"
SSH_CIPHERS = "chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com"
SSH_MACS = "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com"
SSH_COMPRESSION = "none,zlib@openssh.com"


def write_ssh_banner(software: str) -> bytes:
    return f"SSH-2.0-{software}\r\n".encode()


def write_ssh_proposal(chance: Stream) -> bytes:
    """SSH_MSG_KEXINIT with the algorithm lists of a current OpenSSH (RFC 4253, 7.1)."""
    both_ways = (SSH_CIPHERS, SSH_CIPHERS, SSH_MACS, SSH_MACS, SSH_COMPRESSION, SSH_COMPRESSION)
    lists = (SSH_KEY_EXCHANGE, SSH_HOST_KEYS, *both_ways, "", "")
    return _ssh_packet(
        b"\x14" + chance.take(16) + b"".join(_ssh_string(names.encode()) for names in lists) + bytes(5),
        chance,
    )


def write_ssh_key_share(chance: Stream) -> bytes:
    """SSH_MSG_KEX_ECDH_INIT (RFC 5656, 7.1)."""
    return _ssh_packet(b"\x1e" + _ssh_string(chance.take(32)), chance)


def write_ssh_key_reply(chance: Stream) -> bytes:
    """SSH_MSG_KEX_ECDH_REPLY and SSH_MSG_NEWKEYS: host key, key share, signature."""
    host_key = _ssh_string(b"ssh-ed25519") + _ssh_string(chance.take(32))
    signature = _ssh_string(b"ssh-ed25519") + _ssh_string(chance.take(64))
    reply = b"\x1f" + b"".join(_ssh_string(part) for part in (host_key, chance.take(32), signature))
    return _ssh_packet(reply, chance) + write_ssh_new_keys(chance)


def write_ssh_new_keys(chance: Stream) -> bytes:
    return _ssh_packet(b"\x15", chance)


def _ssh_string(text: bytes) -> bytes:
    return len(text).to_bytes(4, "big") + text


def _ssh_packet(content: bytes, chance: Stream) -> bytes:
    """An unencrypted packet: length, padding length, content, padding to eight bytes (RFC 4253, 6)."""
    padding = 8 - (5 + len(content)) % 8
    padding += 8 if padding < 4 else 0
    return (1 + len(content) + padding).to_bytes(4, "big") + bytes([padding]) + content + chance.take(padding)


def write_tds_prelogin(version: bytes, *, is_answer: bool) -> bytes:
    """PRELOGIN with the five classic options (MS-TDS 2.2.6.5); an answer travels as a tabular result."""
    tail = b"" if is_answer else bytes(4)  # the client's thread id
    values = (version + bytes(2), b"\x02", b"\x00", tail, b"\x00")
    offset, table = 26, b""
    for token, value in enumerate(values):
        table += bytes([token]) + offset.to_bytes(2, "big") + len(value).to_bytes(2, "big")
        offset += len(value)
    return _tds_packet(0x04 if is_answer else 0x12, table + b"\xff" + b"".join(values))


def write_tds_login(user: str, password: str, client_name: str, server_name: str) -> bytes:
    """LOGIN7 (MS-TDS 2.2.6.4): fixed part, table of offsets, UTF-16 texts; the password is only scrambled."""
    scrambled = bytes((byte << 4 & 0xF0 | byte >> 4) ^ 0xA5 for byte in password.encode("utf-16-le"))
    texts = [text.encode("utf-16-le") for text in (client_name, user)] + [scrambled]
    texts += [text.encode("utf-16-le") for text in ("OSQL-32", server_name, "", "ODBC", "", "")]
    offset, table = 86, b""
    for text in texts:
        table += offset.to_bytes(2, "little") + (len(text) // 2).to_bytes(2, "little")
        offset += len(text)
    end = offset.to_bytes(2, "little") + bytes(2)
    table += bytes(6) + end + end  # client id (a MAC address), SSPI, attached database
    fixed = bytes.fromhex("01000071 00100000 00000007 00010000 00000000 e0030000 88ffffff 09040000")
    body = fixed + table + b"".join(texts)
    return _tds_packet(0x10, (len(body) + 4).to_bytes(4, "little") + body)


def write_tds_login_answer() -> bytes:
    """LOGINACK and DONE: what the decoy says to every login."""
    name = "Microsoft SQL Server".encode("utf-16-le")
    ack = b"\x01" + bytes.fromhex("71000001") + bytes([len(name) // 2]) + name + bytes.fromhex("08000194")
    done = b"\xfd" + bytes(8)
    return _tds_packet(0x04, b"\xad" + len(ack).to_bytes(2, "little") + ack + done)


def _tds_packet(kind: int, body: bytes) -> bytes:
    return bytes([kind, 1]) + (len(body) + 8).to_bytes(2, "big") + b"\x00\x00\x01\x00" + body
