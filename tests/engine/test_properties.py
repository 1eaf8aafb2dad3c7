"""What must always hold, whatever the bytes and whoever sends them."""

from __future__ import annotations

import json
import struct
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.traffic import Dialogue, Frame, Tcp, icmp, in_fragments, pcap, pcapng, tcp, udp
from tickets.engine.conversations import converse
from tickets.engine.explain import describe
from tickets.engine.readers import read_evidence
from tickets.engine.summaries import summarise
from tickets.engine.types import Conversation, EngineError, Location, Packet, Record

SEED = (
    tcp("10.0.0.1:3932", "203.0.113.80:80")
    .handshake()
    .says(b"GET / HTTP/1.1\r\n\r\n")
    .answers(b"HTTP/1.1 200 OK\r\n")
)
TALK = udp("[2001:db8::1]:5000", "[2001:db8::2]:53").says(b"\0\1\1\0\0\1" + bytes(6))
EVE = json.dumps(
    {
        "timestamp": "2026-01-05T12:00:00+0000",
        "event_type": "flow",
        "proto": "TCP",
        "src_ip": "10.0.0.1",
        "src_port": 3932,
        "dest_ip": "203.0.113.80",
        "dest_port": 80,
        "flow": {"pkts_toserver": 1},
        "tcp": {"tcp_flags_ts": "02", "tcp_flags_tc": "00"},
    }
).encode()
ASA = b'Jan 05 2026 12:00:00: %ASA-4-106023: Deny tcp src a:10.0.0.1/1 dst b:10.0.0.2/2 by access-group "x" [0x0]\n'
MHN = b'2026-01-05T12:00:00 src="10.0.0.1", src_port="1", dest="10.0.0.2", dest_port="2", dionaea_action="accept", transport="tcp"\n'
SSHD = b"Jan  5 12:00:00 web1 sshd[8]: Accepted password for ana from 10.0.0.1 port 3932 ssh2\n"
ZEEK = b"#separator \\x09\n#path\tconn\n#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\n1.5\t10.0.0.1\t1\t10.0.0.2\t2\ttcp\n"
NETFLOW = b'[{"type":"FLOW","first":"2026-01-05T12:00:00.0","in_packets":1,"proto":6,"tcp_flags":"......S.","src_port":1,"dst_port":2,"src4_addr":"10.0.0.1","dst4_addr":"10.0.0.2"}]'
NFDUMP = b"ts,td,sa,da,sp,dp,pr,flg,ipkt\n2026-01-05 12:00:00,0.1,10.0.0.1,10.0.0.2,1,2,TCP,...A..S.,1\n"
LINE = b"2026-01-05 12:00:00.010 TCP 10.0.0.1:3932 -> 10.0.0.2:80 ...A.R.. 3 120\n"
ARGUS = b"StartTime,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,SrcPkts,DstPkts,State\n1.5,icmp,10.0.0.1,0x0303,->,10.0.0.2,0x0,1,0,URP\n"
AWS = b"2 123456789012 eni-01 10.0.0.1 10.0.0.2 1 2 6 3 180 1767614400 1767614460 REJECT OK\n"
AZURE = b'{"records":[{"properties":{"flows":[{"flows":[{"flowTuples":["1767614400,10.0.0.1,10.0.0.2,1,2,T,I,A,E,3,180,0,0"]}]}]}}]}'
GCP = b'{"timestamp":"2026-01-05T12:00:00Z","jsonPayload":{"connection":{"src_ip":"10.0.0.1","src_port":1,"dest_ip":"10.0.0.2","dest_port":2,"protocol":17},"reporter":"SRC","packets_sent":"1"}}'
IPFIX = b'{"flowStartSeconds":1767614400,"sourceIPv4Address":"10.0.0.1","destinationIPv4Address":"10.0.0.2","sourceTransportPort":1,"destinationTransportPort":2,"protocolIdentifier":6,"biflowDirection":2,"tcpControlBits":"0x12"}'
OFFER = b"INVITE sip:bo@10.0.0.2 SIP/2.0\r\n\r\nv=0\r\nc=IN IP4 10.0.0.1\r\nm=audio 40000 RTP/AVP 0\r\na=rtcp:40009\r\n"
CALL = struct.pack(">16I", 7, 0, 2, 100000, 2, 3, 0, 0, 0, 0, 100005, 2, 6, 0, 0, 0)
# What announces another conversation, and conversations that only others' packets show.
CONTROL = pcap(
    udp("10.0.0.1:5060", "10.0.0.2:5060").says(OFFER),
    udp("10.0.0.1:40000", "10.0.0.2:52000", 5000).says(b"\x80\0\0\x01" + bytes(168)),
    udp("10.0.0.1:800", "10.0.0.2:111").says(CALL).answers(struct.pack(">7I", 7, 1, 0, 0, 0, 0, 45001)),
    udp("10.0.0.1:5001", "10.0.0.2:69").says(b"\0\x01a\0octet\0"),
    tcp("10.0.0.1:5002", "10.0.0.2:6667").answers(b":b PRIVMSG a :\x01DCC SEND f 167772162 45001 9\x01\r\n"),
    tcp("10.0.0.1:5003", "10.0.0.2:45001", 9000).syn(),
)
QUOTED = udp("10.0.0.1:5000", "10.0.0.2:53").says(b"\x12\x34\x01\0\0\x01" + bytes(70)).frames[0].data
ERRORS = pcap(icmp("10.0.0.9", "10.0.0.1").message(3, 3, QUOTED).message(11, 0, SEED.frames[0].data))
PIECES = pcap([Frame(at, part) for at, part in enumerate(in_fragments(QUOTED, 8, 40, 36))])
FILES = (
    pcap(SEED, TALK),
    pcap(SEED, order=">", nano=True),
    pcapng(SEED, TALK),
    CONTROL,
    ERRORS,
    PIECES,
    EVE,
    ASA,
    MHN,
    SSHD,
    ZEEK,
    NETFLOW,
    NFDUMP,
    LINE,
    ARGUS,
    AWS,
    AZURE,
    GCP,
    IPFIX,
)


def understand(data: bytes) -> None:
    """Read and judge as the product does; every record can be shown and every finding told."""
    records: list[Record] = []
    told = ""
    try:
        records = list(read_evidence("x", data).records)
    except EngineError as error:
        told = str(error)
    assert not told or told.startswith("x: ")
    for record in records:
        summarise(record)
    places = {record.location for record in records}
    for conversation in converse(records):
        check(conversation, places)


def check(conversation: Conversation, places: set[Location | None]) -> None:
    assert 0.0 <= conversation.confidence <= 0.99
    assert (conversation.orig is None) == (conversation.resp is None) == (conversation.confidence == 0.0)
    assert set(conversation.records) <= places
    for finding in conversation.findings:
        assert finding.records
        assert set(finding.records) <= places
        assert describe(finding)


@given(data=st.binary(max_size=400))
@settings(max_examples=150)
def test_any_bytes_end_in_a_result_or_an_engine_error(data: bytes) -> None:
    understand(data)


@given(data=st.binary(max_size=300), head=st.sampled_from([file[: 24 + 16] for file in FILES]))
@settings(max_examples=200)
def test_any_bytes_after_a_known_beginning_end_well(data: bytes, head: bytes) -> None:
    understand(head + data)


@given(
    file=st.sampled_from(FILES),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=12),
    end=st.integers(0, 10_000),
)
@settings(max_examples=400)
def test_a_mutated_file_ends_well(file: bytes, changes: list[tuple[int, int]], end: int) -> None:
    data = bytearray(file)
    for place, value in changes:
        data[place % len(data)] = value
    understand(bytes(data[: max(1, len(data) - end % len(data))]) if end % 3 == 0 else bytes(data))


WORDS = st.lists(
    st.sampled_from(
        ["syn", "syn_ack", "ack", "says", "answers", "fin", "reset", "close", "back", "asks_back"]
    ),
    min_size=1,
    max_size=8,
)


def speak(words: list[str], client: str, server: str) -> Tcp:
    talk = tcp(client, server)
    for word in words:
        if word in ("says", "answers"):
            getattr(talk, word)(b"GET / HTTP/1.1\r\n\r\n" if word == "says" else b"HTTP/1.1 200 OK\r\n\r\n")
        elif word == "asks_back":
            talk.answers(b"GET / HTTP/1.1\r\n\r\n")
        elif word == "back":
            talk.ack(from_server=True)
        else:
            getattr(talk, word)()
    return talk


def judge(words: list[str], client: str, server: str) -> list[Conversation]:
    return converse(read_evidence("x", pcap(speak(words, client, server))).records)


@given(words=WORDS)
@settings(max_examples=150)
def test_swapping_addresses_swaps_only_names(words: list[str]) -> None:
    before = judge(words, "10.0.0.1:40000", "10.0.0.2:80")
    after = judge(words, "10.0.0.2:40000", "10.0.0.1:80")

    def told(conversation: Conversation, client: str) -> tuple[object, ...]:
        orig = conversation.orig and (conversation.orig.ip == client)
        rules = tuple((finding.rule, finding.supports) for finding in conversation.findings)
        return (
            orig,
            conversation.outcome,
            conversation.history,
            conversation.conn_state,
            conversation.confidence,
            rules,
        )

    assert [told(item, "10.0.0.1") for item in before] == [told(item, "10.0.0.2") for item in after]


@given(words=WORDS)
@settings(max_examples=100)
def test_every_packet_is_counted_once(words: list[str]) -> None:
    data = pcap(speak(words, "10.0.0.1:40000", "10.0.0.2:80"))
    records: list[Record] = list(read_evidence("x", data).records)
    found = converse(records)
    assert sum(item.orig_packets + item.resp_packets for item in found) == len(records)
    payload = sum(record.payload_bytes for record in records if isinstance(record, Packet))
    assert sum(item.orig_bytes + item.resp_bytes for item in found) == payload


# The same few ends everywhere, so that files meet: two captures before a translation, one behind it, and logs.
BUILT = (
    b"Jan 05 2026 12:00:0%d: %%ASA-6-302013: Built outbound TCP connection %d for outside:203.0.113.80/80 "
    b"(203.0.113.80/80) to inside:10.0.0.1/40000 (192.0.2.1/61001)\n"
)
EVE_FLOW = json.loads(EVE) | {"src_port": 40000, "community_id": "1:xyz"}
TIMES = st.sampled_from([0, 10, 900_000, 2_000_000, 70_000_000, 400_000_000])
TALKS = st.lists(st.tuples(WORDS, TIMES, st.sampled_from([1000, 1000, 5000])), min_size=1, max_size=3)


def talk_of(words: list[str], at_us: int, isn: int, client: str) -> Tcp:
    talk = speak(words, client, "203.0.113.80:80")
    return tcp(client, "203.0.113.80:80", at_us, isn) if not talk.frames else shifted(talk, at_us, isn)


def shifted(talk: Tcp, at_us: int, isn: int) -> Tcp:
    """Let a talk begin later; a sequence number other than 1000 makes it a connection of its own."""
    talk.frames = [frame._replace(at_us=frame.at_us + at_us) for frame in talk.frames]
    if isn != 1000:
        talk.frames = [
            frame._replace(data=frame.data[:24] + isn.to_bytes(4, "big") + frame.data[28:])
            for frame in talk.frames
        ]
    return talk


def files_of(talks: list[list[tuple[list[str], int, int]]], built: int) -> dict[str, bytes]:
    clients = ("10.0.0.1:40000", "10.0.0.1:40000", "192.0.2.1:61001")
    files = {}
    for number, (said, client) in enumerate(zip(talks, clients, strict=False)):
        parts: list[Dialogue] = [talk_of(*item, client) for item in said]
        quoted = parts[0].frames[0].data
        parts.append(icmp("203.0.113.1", client.split(":")[0], 500_000 * number).message(3, 13, quoted))
        parts.append(udp(client, "203.0.113.53:53", 1_000_000 * number).says(b"hello").answers(b"world"))
        files[f"{number}.pcap"] = pcap(*parts)
    files["asa.log"] = b"".join(BUILT % (number, 9000 + number) for number in range(built))
    files["eve.json"] = b"\n".join([EVE, json.dumps(EVE_FLOW).encode()])
    return {name: data for name, data in files.items() if data}


@given(talks=st.lists(TALKS, min_size=2, max_size=3), built=st.integers(0, 3), data=st.data())
@settings(max_examples=80, deadline=None)
def test_how_files_are_interleaved_does_not_matter(
    talks: list[list[tuple[list[str], int, int]]], built: int, data: st.DataObject
) -> None:
    files = {
        name: list(read_evidence(name, content).records) for name, content in files_of(talks, built).items()
    }
    order = data.draw(st.permutations([name for name, records in files.items() for _ in records]))
    queues = {name: iter(records) for name, records in files.items()}
    one_by_one = converse([record for records in files.values() for record in records])
    assert converse([next(queues[name]) for name in order]) == one_by_one


@given(words=WORDS, first=st.sampled_from([80, 22, 5000, 40000]))
@settings(max_examples=200)
def test_cutting_the_handshake_never_raises_confidence(words: list[str], first: int) -> None:
    talk = speak(["syn", "syn_ack", "ack", *words], f"10.0.0.1:{first}", "10.0.0.2:443")
    before = converse(read_evidence("x", pcap(talk)).records)
    for left_out in ((1,), (1, 2), (1, 2, 3)):
        cut = speak(["syn", "syn_ack", "ack", *words], f"10.0.0.1:{first}", "10.0.0.2:443").cut(*left_out)
        for conversation in converse(read_evidence("x", pcap(cut)).records)[:1]:
            assert conversation.confidence <= before[0].confidence


@given(words=WORDS, seconds=st.integers(0, 10**8))
@settings(max_examples=100)
def test_a_shift_in_time_changes_only_times(words: list[str], seconds: int) -> None:
    def at(start_us: int) -> list[Conversation]:
        talk = speak(words, "10.0.0.1:40000", "10.0.0.2:80")
        talk.frames = [frame._replace(at_us=frame.at_us + start_us) for frame in talk.frames]
        return converse(read_evidence("x", pcap(talk)).records)

    shifted_ns = seconds * 1_000_000_000
    assert [
        replace(item, first_ns=item.first_ns - shifted_ns, last_ns=item.last_ns - shifted_ns)
        for item in at(seconds * 1_000_000)
    ] == at(0)
