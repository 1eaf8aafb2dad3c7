"""Lines and events within what a search or a collector hands out: read by their own format, at their own place."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.engine.readers.corpus import LOGS
from tests.engine.readers.lines import BACK, CLIENT, SERVER, TUPLE, read
from tickets.engine.readers import read_evidence
from tickets.engine.types import Alert, EngineError, FlowRecord, Location, LogRecord, Record

DENIED = (
    "Jan  5 2026 12:00:00 fw1 : %ASA-4-106023: Deny tcp src outside:198.51.100.7/40000 dst dmz:192.0.2.10/22 "
    'by access-group "outside_in"'
)
EVENT = {
    "timestamp": "2026-01-05T12:00:00.000000+0000",
    "flow_id": 1,
    "event_type": "alert",
    **BACK,
    "proto": "TCP",
    "alert": {"signature_id": 1900001, "signature": "TRAINING", "action": "allowed"},
}
EVE = json.dumps(EVENT)


def splunk_row(line: str) -> dict[str, Any]:
    return {"_bkt": "main~1", "_raw": line, "_time": "2026-01-05T12:00:00.000+00:00", "host": "fw1"}


def splunk_export(lines: list[str]) -> str:
    rows = ({"preview": False, "offset": at, "result": splunk_row(line)} for at, line in enumerate(lines))
    return "\n".join(map(json.dumps, rows))


def splunk_results(lines: list[str]) -> dict[str, Any]:
    fields = [{"name": name} for name in ("_bkt", "_raw", "_time", "host")]
    return {
        "preview": False,
        "init_offset": 0,
        "messages": [{"type": "INFO", "text": "[done] {all}"}],
        "fields": fields,
        "results": [splunk_row(line) for line in lines],
        "highlighted": {"a": [{}]},
    }


def shipped(line: str) -> dict[str, Any]:
    return {"@timestamp": "2026-01-05T12:00:00.000Z", "message": line, "log": {"file": {"path": "a.log"}}}


def parsed(line: str) -> dict[str, Any]:
    return {
        "@timestamp": "2026-01-05T12:00:00.000Z",
        "message": "an event",
        "event": {"original": line},
        "tags": [],
    }


def hits(sources: list[dict[str, Any]]) -> dict[str, Any]:
    found = [{"_index": "logs", "_id": str(at), "_source": source} for at, source in enumerate(sources)]
    return {
        "took": 5,
        "timed_out": False,
        "_shards": {"total": 1, "failed": 0, "failures": [{"shard": 0}]},
        "hits": {"total": {"value": 2, "relation": "eq"}, "max_score": None, "hits": found},
        "aggregations": {"ports": {"buckets": [{"key": 22, "doc_count": 2}]}},
    }


def splunk_rows(lines: list[str]) -> dict[str, Any]:
    rows = [list(splunk_row(line).values()) for line in lines]
    return {"preview": False, "init_offset": 0, "messages": [], "fields": list(splunk_row("")), "rows": rows}


def splunk_columns(lines: list[str]) -> dict[str, Any]:
    table = splunk_rows(lines)
    return {**table, "columns": [list(column) for column in zip(*table.pop("rows"), strict=True)]}


def collected(event: object) -> dict[str, Any]:
    return {"time": 1767614400.5, "host": "fw1", "sourcetype": "any", "event": event, "fields": {"zone": "a"}}


def updates(sources: list[dict[str, Any]]) -> str:
    parts = (json.dumps({"doc": source, "doc_as_upsert": True}) for source in sources)
    return "".join(f'{{"update": {{"_index": "logs", "_id": "1"}}}}\n{part}\n' for part in parts)


def bulk(sources: list[dict[str, Any]]) -> str:
    return "".join(f'{{"index": {{"_index": "logs"}}}}\n{json.dumps(source)}\n' for source in sources)


LAYOUTS: dict[str, Callable[[list[str]], str]] = {
    "Splunk export": splunk_export,
    "Splunk results": lambda lines: json.dumps(splunk_results(lines)),
    "Splunk results, pretty": lambda lines: json.dumps(splunk_results(lines), indent=2),
    "Splunk results alone": lambda lines: json.dumps({"results": [splunk_row(line) for line in lines]}),
    "Elasticsearch hits": lambda lines: json.dumps(hits([shipped(line) for line in lines])),
    "Elasticsearch hits, pretty": lambda lines: json.dumps(hits([parsed(line) for line in lines]), indent=2),
    "Elasticsearch bulk": lambda lines: bulk([shipped(line) for line in lines]),
    "Splunk rows": lambda lines: json.dumps(splunk_rows(lines)),
    "Splunk rows, pretty": lambda lines: json.dumps(splunk_rows(lines), indent=1),
    "Splunk columns": lambda lines: json.dumps(splunk_columns(lines)),
    "Splunk collector, text": lambda lines: "\n".join(json.dumps(collected(line)) for line in lines),
    "Splunk collector, batch": lambda lines: "".join(json.dumps(collected(line)) for line in lines),
    "Elasticsearch bulk updates": lambda lines: updates([shipped(line) for line in lines]),
    "Filebeat": lambda lines: "\n".join(json.dumps(parsed(line)) for line in lines),
    "array": lambda lines: json.dumps([shipped(line) for line in lines]),
}


def numbers(records: list[Record]) -> list[int]:
    return [record.location.number for record in records if record.location]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_firewalls_line_is_read_where_it_is_carried(layout: str) -> None:
    plain = read(DENIED, DENIED)
    kind, records, problems = read(LAYOUTS[layout]([DENIED, DENIED]))
    assert (kind, len(records), problems) == ("cisco.asa", 2, [])
    assert (
        [getattr(record, "raw", "") for record in records]
        == [DENIED, DENIED]
        == [getattr(record, "raw", "") for record in plain[1]]
    )
    assert numbers(records) == ([2, 4] if "bulk" in layout else [1, 2])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_json_within_json_is_read_too(layout: str) -> None:
    kind, records, problems = read(LAYOUTS[layout]([EVE]))
    assert (kind, len(records), problems) == ("suricata.eve", 1, [])
    (alert,) = records
    assert isinstance(alert, Alert)
    assert (alert.src, alert.dst, alert.sid) == (SERVER, CLIENT, 1900001)


@pytest.mark.parametrize("name", sorted(LOGS))
@pytest.mark.parametrize("layout", ["Splunk export", "Elasticsearch hits"])
def test_every_format_of_lines_is_found_inside(name: str, layout: str) -> None:
    lines = LOGS[name].decode().splitlines()
    plain = read_evidence("x", LOGS[name])
    count = len(list(plain.records))
    carried = read_evidence("x", LAYOUTS[layout](lines).encode())
    records = list(carried.records)
    assert (carried.format, len(records), carried.problems) == (plain.format, count, [])


def test_an_event_that_elasticsearch_keeps_parsed_is_read_from_its_row() -> None:
    source = {"@timestamp": "2026-01-05T12:00:00.000Z", **EVENT}
    for text in (json.dumps(hits([source])), bulk([source]), json.dumps({"_index": "a", "_source": source})):
        kind, records, problems = read(text)
        assert (kind, len(records), problems) == ("suricata.eve", 1, [])


def test_splunks_line_is_read_and_not_the_fields_that_were_cut_out_of_it() -> None:
    row = {**splunk_row(EVE), "event_type": "alert", "src_ip": "203.0.113.9", "alert.signature": "TRAINING"}
    kind, records, problems = read(json.dumps({"preview": False, "result": row}))
    assert (kind, len(records), problems) == ("suricata.eve", 1, [])
    assert getattr(records[0], "src", None) == SERVER


def test_what_knows_its_row_is_not_taken_apart() -> None:
    row = {**splunk_row(DENIED), "src": CLIENT.ip, "dest": SERVER.ip, "transport": "tcp", "action": "blocked"}
    assert read(json.dumps({"preview": False, "result": row}))[0] == "splunk.cim"
    assert read(json.dumps({"results": [row]}))[0] == "splunk.cim"


def test_a_field_named_message_does_not_hide_the_event_around_it() -> None:
    assert read(json.dumps({**EVENT, "message": DENIED}))[0] == "suricata.eve"


def test_a_bad_line_is_told_with_the_place_of_its_object() -> None:
    bad = "Jan  5 2026 12:00:00 fw1 : %ASA-4-106023: Deny tcp src outside"
    _, records, problems = read(splunk_export([DENIED, bad, DENIED]))
    assert (numbers(records), [text.partition(":")[0] for text in problems]) == ([1, 3], ["line 2"])
    _, records, problems = read(json.dumps(splunk_results([DENIED, bad, DENIED]), indent=1))
    assert (numbers(records), [text.partition(":")[0] for text in problems]) == ([1, 3], ["record 2"])


def test_rows_without_a_line_are_passed_over() -> None:
    text = splunk_export([DENIED, "", DENIED]) + '\n{"preview": false, "lastrow": true}\nno json\n'
    _, records, problems = read(text)
    assert numbers(records) == [1, 3]
    assert [problem.partition(":")[0] for problem in problems] == ["line 5"]


def test_a_text_that_is_no_log_is_no_evidence() -> None:
    for text in (splunk_export(["hello"]), json.dumps(hits([{"a": 1}])), json.dumps({"message": "hello"})):
        with pytest.raises(Exception, match="no evidence"):
            read(text)


def test_an_export_may_be_longer_than_what_is_looked_at_first() -> None:
    count = 3000
    for layout in ("Splunk export", "Elasticsearch hits"):
        _, records, problems = read(LAYOUTS[layout]([DENIED] * count))
        assert (numbers(records), problems) == (list(range(1, count + 1)), [])


def test_the_tuple_is_the_one_that_was_carried() -> None:
    flow = json.dumps({**EVENT, **TUPLE})
    _, (alert,), _ = read(splunk_export([flow]))
    assert isinstance(alert, Alert)
    assert (alert.src, alert.dst) == (CLIENT, SERVER)


def test_a_collectors_event_may_be_an_object_of_any_format() -> None:
    row = {"src": CLIENT.ip, "src_port": 3932, "dest": SERVER.ip, "dest_port": 80, "transport": "tcp"}
    for end in ("\n", ""):
        for event, name in ((EVENT, "suricata.eve"), ({**row, "action": "blocked"}, "splunk.cim")):
            kind, records, problems = read(end.join([json.dumps(collected(event))] * 2))
            assert (kind, numbers(records), problems) == (name, [1, 2], [])
            assert getattr(records[0], "time_ns", 0) // 1_000_000_000 == 1767614400


def test_an_update_of_a_parsed_event_is_read_and_a_deletion_passed_over() -> None:
    text = '{"delete": {"_index": "logs", "_id": "9"}}\n' + updates([EVENT]) + bulk([EVENT])
    kind, records, problems = read(text)
    assert (kind, numbers(records), problems) == ("suricata.eve", [3, 5], [])


def test_a_table_of_a_data_model_is_read_by_its_fields() -> None:
    row = {
        "_time": "2026-01-05T12:00:00Z",
        "src": CLIENT.ip,
        "dest": SERVER.ip,
        "transport": "tcp",
        "action": "blocked",
    }
    rows = {"fields": [{"name": name} for name in row], "rows": [list(row.values())] * 2}
    columns = {"fields": list(row), "columns": [[value, value] for value in row.values()]}
    for table in (rows, columns):
        kind, records, problems = read(json.dumps(table))
        assert (kind, numbers(records), problems) == ("splunk.cim", [1, 2], [])


def test_a_row_of_a_table_that_cannot_be_read_is_told_with_its_number() -> None:
    table = splunk_rows([DENIED, DENIED, DENIED])
    table["rows"][1] = "no row"
    _, records, problems = read(json.dumps(table))
    assert (numbers(records), problems) == ([1, 3], ["record 2: the line holds no %ASA message"])


def test_a_table_that_is_damaged_or_too_long_is_refused_with_what_to_do() -> None:
    with pytest.raises(EngineError, match="a table of a search that cannot be read: this is not JSON"):
        read(json.dumps(splunk_rows([DENIED]))[:-9])
    with pytest.raises(EngineError, match="longer than 16 MiB: export it with output_mode=json"):
        read(json.dumps(splunk_rows([DENIED, "x" * (16 << 20)])))


FULL = """[**] [1:1900001:2] "TRAINING 01/01-01:01:01.0 192.0.2.1:1 -> 192.0.2.2:2" [**]
[Classification: Misc activity] [Priority: 2]
01/05-12:00:00.114209 203.0.113.80:80 -> 10.20.30.40:3932
TCP TTL:54 TOS:0x0 ID:21113 IpLen:20 DgmLen:40
******S* Seq: 0x5A1F3C77  Ack: 0x0  Win: 0x1F5  TcpLen: 20
"""


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_alert_of_several_lines_is_read_from_one_field(layout: str) -> None:
    kind, records, problems = read(LAYOUTS[layout]([FULL, FULL]))
    assert (kind, len(records), problems) == ("snort.full", 2, [])
    (alone,) = read(*FULL.splitlines())[1]
    for record in records:
        assert isinstance(record, Alert)
        assert isinstance(alone, Alert)
        assert (record.src, record.dst, record.sid) == (SERVER, CLIENT, 1900001)
        assert replace(record, location=None, raw="") == replace(alone, location=None, raw="")


@pytest.mark.parametrize("indent", [None, 2])
def test_lines_that_cloudwatch_hands_out_are_read(indent: int | None) -> None:
    answer = {
        "events": [{"timestamp": 1767614400000, "message": DENIED, "eventId": str(at)} for at in range(2)],
        "searchedLogStreams": [],
        "nextToken": "x",
    }
    kind, records, problems = read(*json.dumps(answer, indent=indent).split("\n"))
    assert (kind, problems) == ("cisco.asa", [])
    assert [record.location.number for record in records if record.location] == [1, 2]


@pytest.mark.parametrize("between", ["", "\n"])
def test_what_cloudwatch_sends_to_a_subscriber_is_read(between: str) -> None:
    """Firehose puts one answer behind the other, with nothing between."""
    sent = {"messageType": "DATA_MESSAGE", "logGroup": "fw1", "subscriptionFilters": ["all"]}
    answer = json.dumps({**sent, "logEvents": [{"id": str(at), "message": DENIED} for at in range(2)]})
    kind, records, problems = read(*between.join((answer, answer)).split("\n"))
    assert (kind, problems) == ("cisco.asa", [])
    assert [record.location.number for record in records if record.location] == [1, 2, 3, 4]


OF_A_LINE = (
    "cowrie", "dionaea.hpfeeds", "dionaea.json", "honeytrap", "snort.json", "suricata.eve", "tpot", "zeek.conn", "zeek.dns",
)  # fmt: skip


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("name", OF_A_LINE)
def test_an_array_of_events_is_read_as_its_lines_are(name: str, indent: int | None) -> None:
    events = [event for line in LOGS[name].decode().splitlines() if (event := _event(line))]
    alone = read(*map(json.dumps, events))
    kind, records, problems = read(*json.dumps(events, indent=indent).split("\n"))
    assert records
    assert (kind, len(problems)) == (alone[0], len(alone[2]))
    assert [_without_place(record) for record in records] == [_without_place(item) for item in alone[1]]


def _event(line: str) -> dict[str, Any]:
    try:
        return dict(json.loads(line))
    except ValueError:
        return {}


def _without_place(record: Record) -> Record:
    assert isinstance(record, Alert | FlowRecord | LogRecord)
    return replace(record, location=Location("x.log", 1), raw="")


def test_one_event_written_over_several_lines_is_read() -> None:
    kind, records, problems = read(*json.dumps(EVENT, indent=4).splitlines())
    assert (kind, len(records), problems) == ("suricata.eve", 1, [])


def test_a_table_of_commas_is_read_by_the_lines_that_it_keeps() -> None:
    """A quotation mark within a line is doubled there."""
    quoted = DENIED.replace('"', '""')
    kind, records, problems = read(
        '"_raw","_time",host', f'"{quoted}",2026-01-05,fw1', f'"{quoted}",2026-01-05,fw1'
    )
    assert (kind, problems) == ("cisco.asa", [])
    assert [record.location.number for record in records if record.location] == [1, 2]
    assert [record.raw for record in records if isinstance(record, LogRecord)] == [DENIED, DENIED]


def test_a_table_of_commas_without_the_lines_themselves_is_read_as_it_was() -> None:
    with pytest.raises(EngineError, match="no evidence"):
        read_evidence("x.csv", b"host,_rawest\nfw1,x\n")
