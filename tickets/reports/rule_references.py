"""Where a rule's author names something to read: a link where it leads somewhere safe, else plain text.

The text of a rule may come from anybody. A link is made only to the web, and only to a host with a name that is not kept
for examples (RFC 2606, RFC 6761), which would lead nowhere. Suricata's and Snort's `reference` leaves the scheme out.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_CVE = re.compile(r"(?:CVE-)?(\d{4}-\d{4,19})", re.ASCII | re.IGNORECASE)
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_FOR_EXAMPLES = (
    *("example", "test", "invalid", "localhost", "local", "internal", "home.arpa"),
    *("example.com", "example.net", "example.org"),
)
_MAX_LENGTH = 2000


def link_of(part: str) -> str:
    """The address that `reference:url,...` or `reference:cve,...` leads to; "" for any other part of a rule."""
    option, _, value = part.strip().rstrip(";").partition(":")
    kind, comma, name = value.partition(",")
    if option.strip() != "reference" or not comma:
        return ""
    name = name.strip()
    if kind.strip().lower() == "cve":
        number = _CVE.fullmatch(name)
        return f"https://www.cve.org/CVERecord?id=CVE-{number[1]}" if number else ""
    return _web_address(name) if kind.strip().lower() == "url" else ""


def _web_address(name: str) -> str:
    address = name if "://" in name else f"http://{name}"
    # Printable ASCII without quotes, brackets and backslashes: what browsers do with others differs.
    if len(address) > _MAX_LENGTH or not re.fullmatch(r"[!#-;=?-\[\]_a-z~]+", address):
        return ""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").rstrip(".")
    is_plain = parts.scheme in ("http", "https") and "@" not in parts.netloc and port in (None, 80, 443)
    is_for_examples = any(host == name or host.endswith(f".{name}") for name in _FOR_EXAMPLES)
    return address if is_plain and _HOST.fullmatch(host) and not is_for_examples else ""
