"""Lines of devices and decoys with anything in the place of anything: each ends in records, problems or an EngineError."""

from __future__ import annotations

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.engine.readers import test_asa as cisco
from tests.engine.readers import test_decoys as decoys
from tests.engine.readers import test_packet_filters as filters
from tests.engine.readers import test_session_firewalls as sessions
from tests.engine.test_properties import understand

CISCO = (
    (302013, cisco.BUILT),
    (305011, cisco.TRANSLATION),
    (106015, cisco.LATE),
    (
        302020,
        "Built inbound ICMP connection for faddr 198.51.100.1/7 gaddr 192.0.2.10/0 laddr 10.20.9.10/0 type 8 code 0",
    ),
    (106014, "Deny inbound icmp src outside:203.0.113.80 dst inside:10.20.30.40 (type 8, code 0)"),
    (
        106100,
        "access-list IN denied icmp outside/203.0.113.80(8) -> dmz/10.20.30.40(0) hit-cnt 1 first hit [0x0]",
    ),
    (710003, "TCP access denied by ACL from 203.0.113.80/40001 to outside:192.0.2.1/ssh"),
)
QUOTE = "[SRC=10.20.30.40 DST=198.51.100.9 LEN=60 PROTO=UDP SPT=40123 DPT=161 LEN=40 ]"
FILES = (
    "\n".join(cisco.ASA.format(*message) for message in CISCO),
    "\n".join((decoys.CONNECT, decoys.cowrie("login.failed", username="root"), decoys.cowrie("session.closed"))),
    "\n".join((decoys.hpfeeds("connect"), decoys.hpfeeds("accept", timestamp=decoys.NOON))),
    "\n".join(("2026-01-05 12:00:00", decoys.tree("accept"), decoys.tree("connect"))),
    decoys.CEF,
    decoys.honeytrap(decoys.ATTACK, decoys.connection("198.51.100.7:2222", "192.0.2.60:41000", 10)),
    "\n".join(decoys.tpot(kind) for kind in ("Redishoneypot", "P0f", "Fatt", "Dionaea", "Cowrie", "Suricata", "Honeytrap")),
    "\n".join((filters.nf(filters.tcp("SYN"), "DROP "), filters.nf(f"PROTO=ICMP TYPE=3 CODE=3 {QUOTE}"))),
    "\n".join((filters.pf("pass", filters.pf_tcp("S")), filters.pf("block", "1,icmp,88,203.0.113.80,10.20.30.40,request,1,2"))),
    "\n".join((sessions.pan(), sessions.threat(), sessions.pan(Protocol="icmp", Application="ping"))),
    "\n".join((",".join(sessions.TRAFFIC), sessions.pan())),
    "\n".join((sessions.ended("close", 8, 9, trandisp='"snat"', transip="192.0.2.1", transport=1), sessions.forti("utm", "ips"))),
)  # fmt: skip
JUNK = st.one_of(
    st.sampled_from(["", "0", "-1", "65536", "99999999999999999999", "::", "255.255.255.255", "null", "[]", "{}", '"', "²"]),
    st.text(max_size=8),
)  # fmt: skip
TOKEN = re.compile(r"[\w.:]+|[^\w\s]")


@given(file=st.sampled_from(FILES), changes=st.lists(st.tuples(st.integers(0, 400), JUNK), max_size=4))
@example(file=FILES[7], changes=[])
@settings(max_examples=150)
def test_any_token_may_be_anything(file: str, changes: list[tuple[int, str]]) -> None:
    tokens = list(TOKEN.finditer(file))
    for number, junk in sorted(changes, key=lambda change: -(change[0] % len(tokens))):
        token = tokens[number % len(tokens)]
        file = file[: token.start()] + junk + file[token.end() :]
    understand(file.encode("utf-8", "replace"))


@given(
    file=st.sampled_from(FILES), start=st.integers(0, 2000), size=st.integers(0, 40), times=st.integers(0, 30)
)
@settings(max_examples=80)
def test_any_part_may_be_missing_or_repeated(file: str, start: int, size: int, times: int) -> None:
    at = start % len(file)
    understand((file[:at] + file[at : at + size] * times + file[at + size :]).encode())
