"""Azure's flow logs: of network security groups (versions 1 and 2) and of virtual networks (version 4).

Source: Microsoft Learn, "Flow logging for network security groups" and "Virtual network flow logs". A tuple's
source is the flow's initiator; I and O are relative to the machine's own interface. B is a flow that was created,
which says nothing of an answer; C and E count the packets of both sides since the tuple before. A and D are the
policy's word. One object may hold thousands of tuples, so a record's number is its tuple's in the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ..types import Basis, Endpoint, FlowRecord, Location, LogRecord, Problem, Protocol, Record, Statement
from .documents import Document, documents, holds_objects
from .netflow import count
from .source import Source, note_problem
from .values import BadRecord, endpoint, epoch_ns, inner, protocol, text

FORMAT = "azure.flow"
NSG, VNET = "azure.nsg", "azure.vnet"
TRANSPORTS = {"T": "tcp", "U": "udp"}
WORDS = {"I": "inbound", "O": "outbound"}
CREATED, CONTINUING, ENDED, DENIED = "B", "C", "E", "D"


class Flow(NamedTuple):
    """A tuple as it stands, and what stands around it."""

    source: str
    rule: str
    observer: str
    fields: list[str]
    raw: str


def matches(head: bytes) -> bool:
    return b'"flowTuples"' in head and holds_objects(head)


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    number = 0
    for document in documents(source, problems):
        for flow in _flows(document):
            number += 1
            try:
                record = _decode(Location(source.name, number), flow)
            except BadRecord as bad:
                note_problem(problems, source.name, f"{document.place}, tuple {number}", str(bad))
                continue
            if record is not None:
                yield record


def _flows(document: Document) -> Iterator[Flow]:
    record = document.value
    if "flowRecords" in record:
        for outer in _objects(inner(record, "flowRecords"), "flows"):
            for group in _objects(outer, "flowGroups"):
                yield from _tuples(group, VNET, text(group, "rule"), text(record, "macAddress"))
        return
    for outer in _objects(inner(record, "properties"), "flows"):
        for group in _objects(outer, "flows"):
            # A group at the subnet and one at the interface log the same flow.
            observer = f"{text(record, 'resourceId')} {text(group, 'mac')}"
            yield from _tuples(group, NSG, text(outer, "rule"), observer)


def _objects(record: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
    values = record.get(key)
    return (value for value in (values if isinstance(values, list) else ()) if isinstance(value, dict))


def _tuples(group: dict[str, Any], source: str, rule: str, observer: str) -> Iterator[Flow]:
    values = group.get("flowTuples")
    for value in values if isinstance(values, list) else ():
        raw = str(value)
        yield Flow(source, rule, observer, raw.split(","), raw)


def _decode(location: Location, flow: Flow) -> Record | None:
    """NSG: time,src,dst,sport,dport,T|U,I|O,A|D[,B|C|E,four counts]. VNet: the time in milliseconds, IANA's number
    of the protocol, B|C|E|D and the encryption before the counts."""
    fields = flow.fields
    if len(fields) < 8:
        raise BadRecord(f"a tuple of {len(fields)} fields")
    is_nsg = flow.source == NSG
    spoken = protocol(TRANSPORTS.get(fields[5], fields[5]))
    if spoken is None:
        return None
    src, dst = (endpoint(fields[at], fields[at + 2] or "0") for at in (1, 2))
    time_ns = epoch_ns(fields[0]) if is_nsg else epoch_ns(f"{fields[0][:-3]}.{fields[0][-3:]}")
    is_denied = fields[7] == DENIED
    state = (fields[8] if len(fields) > 8 else CREATED) if is_nsg and not is_denied else fields[7]
    if state in (CONTINUING, ENDED):
        counts = [count(value) for value in fields[9:13]]
        if len(counts) < 4:
            raise BadRecord(f"a tuple of {len(fields)} fields")
        return _counted(location, flow, time_ns, spoken, src, dst, state, counts)
    if state not in (CREATED, DENIED):
        raise BadRecord(f"{state[:20]!r} is not a flow's state")
    return _decided(location, flow, time_ns, spoken, src, dst, is_denied)


def _counted(
    location: Location,
    flow: Flow,
    time_ns: int,
    spoken: Protocol,
    src: Endpoint,
    dst: Endpoint,
    state: str,
    counts: list[int],
) -> FlowRecord:
    return FlowRecord(
        location=location,
        source=flow.source,
        time_ns=time_ns,
        end_ns=time_ns,
        protocol=spoken,
        orig=src,
        resp=dst,
        basis=Basis.SESSION,
        is_interval=True,
        observer=flow.observer,
        orig_packets=counts[0],
        resp_packets=counts[2],
        orig_bytes=counts[1],
        resp_bytes=counts[3],
        state=state,
        raw=flow.raw,
    )


def _decided(
    location: Location,
    flow: Flow,
    time_ns: int,
    spoken: Protocol,
    src: Endpoint,
    dst: Endpoint,
    is_denied: bool,
) -> LogRecord:
    word = WORDS.get(flow.fields[6], "")
    return LogRecord(
        location=location,
        source=flow.source,
        time_ns=time_ns,
        protocol=spoken,
        src=src,
        dst=dst,
        statement=Statement.DENIED if is_denied else Statement.ALLOWED,
        orig=src,
        resp=dst,
        basis=Basis.DENIED_PACKET if is_denied else Basis.SESSION,
        fields={name: value for name, value in (("word", word), ("acl", flow.rule)) if value},
        raw=flow.raw,
    )
