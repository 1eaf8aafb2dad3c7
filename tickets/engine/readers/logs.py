"""All formats of logs, in the order in which they are tried."""

from __future__ import annotations

from . import (
    argus,
    asa,
    aws_vpc,
    azure,
    carried,
    cef,
    cowrie,
    dionaea_cef,
    dionaea_hpfeeds,
    dionaea_json,
    dionaea_mhn,
    dionaea_tree,
    ecs,
    eve,
    filterlog,
    fortigate,
    gcp,
    honeytrap,
    ipfix,
    leef,
    netfilter,
    nfdump_csv,
    nfdump_json,
    nfdump_line,
    ocsf,
    openssh,
    paloalto,
    snort_csv,
    snort_fast,
    snort_full,
    snort_json,
    splunk_cim,
    suricata_fast,
    tpot,
    windows_firewall,
    windows_json,
    windows_text,
    windows_xml,
    zeek,
)
from .documents import has_lines
from .format import Format

# Formats of JSON objects. The most particular signs come first: a JSON line of Suricata is also a JSON line.
OBJECTS: tuple[Format, ...] = (
    tpot,
    cowrie,
    honeytrap,
    dionaea_hpfeeds,
    eve,
    *zeek.FORMATS,
    snort_json,
    azure,
    gcp,
    ipfix,
    nfdump_json,
    dionaea_json,
    ocsf,
    windows_json,
    ecs,
    splunk_cim,
)
# Of these the ones that know a search's row around their events.
ROWS: tuple[Format, ...] = (ocsf, windows_json, ecs, splunk_cim)
# Of objects, the ones that are written a line each; in an array they are carried.
OF_A_LINE: tuple[Format, ...] = (
    tpot,
    cowrie,
    honeytrap,
    dionaea_hpfeeds,
    eve,
    *zeek.FORMATS,
    snort_json,
    dionaea_json,
)
LINES: tuple[Format, ...] = (
    snort_full,
    suricata_fast,
    snort_fast,
    snort_csv,
    windows_xml,
    windows_text,
    windows_firewall,
    dionaea_mhn,
    dionaea_cef,
    dionaea_tree,
    cef,
    leef,
    nfdump_csv,
    argus,
    aws_vpc,
    asa,
    fortigate,
    paloalto,
    filterlog,
    netfilter,
    openssh,
    nfdump_line,
)
# Collectors may carry another format's line inside an event, so objects come before the formats of lines.
LOGS: tuple[Format, ...] = (*OBJECTS, *LINES)


def find_log(head: bytes) -> Format | None:
    """The format of a file that is no capture. A file of JSON may carry another: first come formats that know what is
    around their events, then each that may be inside."""
    if carried.is_sent(head):
        return _inside(head) or _first(ROWS, head)
    if not carried.is_search(head) and carried.spans_lines(head):
        found = _first(OF_A_LINE, carried.beginning_of(head, carried.event_in))
        if found is not None:
            return carried.Carried(found, carried.event_in)
    if not carried.is_search(head) and not carried.carries_text(head):
        return _first(LOGS, head)
    around = OBJECTS if not carried.is_search(head) else (tpot, *ROWS) if has_lines(head) else ROWS
    return _first(around, head) or _inside(head) or _first(LOGS, head)


def _first(formats: tuple[Format, ...], head: bytes) -> Format | None:
    return next((known for known in formats if known.matches(head)), None)


def _inside(head: bytes) -> Format | None:
    for view in carried.views_of(head):
        formats = OBJECTS if view is carried.event_in else LOGS
        found = _first(formats, carried.beginning_of(head, view))
        if found is not None:
            return carried.Carried(found, view)
    return None
