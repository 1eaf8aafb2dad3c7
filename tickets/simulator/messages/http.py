"""HTTP/1.1 requests and answers (RFC 9110, RFC 9112): pages, forms, uploads, proxies, tunnels."""

from __future__ import annotations

from collections.abc import Mapping

from tickets.simulator.messages.turns import MS, Script, answer, ask
from tickets.simulator.randomness import Stream

REASONS = {
    200: "OK", 201: "Created", 204: "No Content", 206: "Partial Content", 301: "Moved Permanently", 302: "Found",
    304: "Not Modified", 307: "Temporary Redirect", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 407: "Proxy Authentication Required", 413: "Content Too Large",
    500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
}  # fmt: skip
Headers = Mapping[str, str]


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


def write_http_request(
    method: str, target: str, host: str, headers: Headers | None = None, body: bytes = b""
) -> bytes:
    """A request with exactly these fields. The target is a path, a whole address (to a proxy) or host:port (CONNECT);
    a body brings its own length."""
    fields = {"Host": host, **(headers or {})}
    if body:
        fields["Content-Length"] = str(len(body))
    return _message(f"{method} {target} HTTP/1.1", fields, body)


def write_http_answer(
    status: int, headers: Headers | None = None, body: bytes = b"", *, kind: str = "text/html"
) -> bytes:
    fields = dict(headers or {})
    if body:
        fields["Content-Type"] = kind
    if status not in (204, 304):
        fields["Content-Length"] = str(len(body))
    return _message(f"HTTP/1.1 {status} {REASONS[status]}", fields, body)


def write_http_form(
    target: str, host: str, user_agent: str, values: Mapping[str, str], headers: Headers | None = None
) -> bytes:
    """A form sent by POST (application/x-www-form-urlencoded)."""
    body = "&".join(f"{_escape(name)}={_escape(value)}" for name, value in values.items()).encode()
    fields = {
        "User-Agent": user_agent,
        "Content-Type": "application/x-www-form-urlencoded",
        **(headers or {}),
    }
    return write_http_request("POST", target, host, fields, body)


def write_http_upload(
    target: str, host: str, user_agent: str, file_name: str, content: bytes, chance: Stream
) -> bytes:
    """A file sent by a form (RFC 7578)."""
    boundary = "-" * 24 + chance.take(8).hex()
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{file_name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    fields = {"User-Agent": user_agent, "Content-Type": f"multipart/form-data; boundary={boundary}"}
    return write_http_request("POST", target, host, fields, body)


def write_http_connect(host: str, port: int, user_agent: str) -> bytes:
    """Ask a proxy for a tunnel (RFC 9110, 9.3.6)."""
    fields = {"User-Agent": user_agent, "Proxy-Connection": "keep-alive"}
    return write_http_request("CONNECT", f"{host}:{port}", f"{host}:{port}", fields)


def write_http_connected() -> bytes:
    return b"HTTP/1.1 200 Connection established\r\n\r\n"


def add_field(message: bytes, name: str, value: str) -> bytes:
    """The message with one more header field, as a proxy adds it (X-Forwarded-For, Via)."""
    head, _, body = message.partition(b"\r\n\r\n")
    return head + f"\r\n{name}: {value}\r\n\r\n".encode() + body


def talk_http(request: bytes, reply: bytes, think_ns: int = 9 * MS) -> Script:
    return ask(request, MS), answer(reply, think_ns)


def _message(first_line: str, fields: Headers, body: bytes) -> bytes:
    lines = (first_line, *(f"{name}: {value}" for name, value in fields.items()), "", "")
    return "\r\n".join(lines).encode() + body


SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def _escape(text: str) -> str:
    """A form's own escapes: a blank is a plus."""
    return "".join(
        chr(byte) if byte in SAFE else "+" if byte == 0x20 else f"%{byte:02X}" for byte in text.encode()
    )
