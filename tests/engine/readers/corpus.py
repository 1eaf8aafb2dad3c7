"""One good file of every format: what the readers are held against each other with, and what is mutated.

Logs are the files in `samples/`, by their format; captures, and what carries a log within JSON, are made here.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.traffic import icmp, pcap, pcapng, tcp, udp

FOLDER = Path(__file__).parent / "samples"

WEB = tcp("10.20.30.40:3932", "203.0.113.80:80").handshake().says(b"GET / HTTP/1.1\r\n\r\n")
WEB = WEB.answers(b"HTTP/1.1 200 OK\r\n\r\n").close()
LOOKUP = udp("[2001:db8::1]:5000", "[2001:db8::2]:53").says(b"\0\1\1\0\0\1" + bytes(6))
ECHO = icmp("192.0.2.1", "192.0.2.2").message(8)
REFUSED = tcp("198.51.100.7:80", "192.0.2.10:3932").syn().reset()

CAPTURES = {
    "pcap": pcap(WEB, LOOKUP, ECHO, REFUSED),
    "pcap, big-endian, nanoseconds": pcap(WEB, LOOKUP, order=">", nano=True),
    "pcapng": pcapng(WEB, LOOKUP, ECHO),
}
LOGS = {path.stem: path.read_bytes() for path in sorted(FOLDER.glob("*.txt"))}
ROWS = [{"_raw": line} for line in LOGS["cisco.asa"].decode().splitlines()]
HITS = [{"_source": {"message": line}} for line in LOGS["netfilter"].decode().splitlines()]
CARRIED = {
    "cisco.asa, in Splunk's results": json.dumps({"preview": False, "results": ROWS, "n": [{}]}).encode(),
    "netfilter, in Elasticsearch's hits": json.dumps({"took": 1, "hits": {"hits": HITS}}, indent=1).encode(),
}
SAMPLES: dict[str, bytes] = {**CAPTURES, **CARRIED, **LOGS}
