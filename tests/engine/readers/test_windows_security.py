"""Windows 5156, 5157 and 5152: never by column, always by layer and by whose address it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.engine.readers.lines import NOON_NS, read
from tickets.engine.conversations import converse
from tickets.engine.readers import read_evidence
from tickets.engine.summaries import RecordKind, summarise
from tickets.engine.types import Basis, Endpoint, EngineError, LogRecord, Outcome, Record, Statement

HOST, PEER = Endpoint("10.20.30.41", 3389), Endpoint("10.20.30.9", 50120)
WEB, OWN = Endpoint("198.51.100.80", 443), Endpoint("10.20.30.41", 50130)
COMPUTER = "WS41.corp.example"
TIME = "2026-01-05T12:00:00.000000000Z"
ACCEPT = {"Direction": "%%14592", "LayerName": "%%14610"}
CONNECT = {"Direction": "%%14593", "LayerName": "%%14611"}


def data(src: Endpoint, dst: Endpoint, **more: str) -> dict[str, str]:
    return {
        "ProcessID": "900",
        "Application": r"\device\harddiskvolume2\windows\system32\svchost.exe",
        "SourceAddress": src.ip,
        "SourcePort": str(src.port),
        "DestAddress": dst.ip,
        "DestPort": str(dst.port),
        "Protocol": "6",
        **ACCEPT,
        **more,
    }


def bare(number: int, values: dict[str, str]) -> dict[str, Any]:
    return {"EventID": number, "Provider": "Microsoft-Windows-Security-Auditing", "Computer": COMPUTER, "TimeCreated": TIME, "EventData": values}  # fmt: skip


def xml(number: int, values: dict[str, str]) -> str:
    fields = "".join(f'<Data Name="{name}">{value}</Data>' for name, value in values.items())
    return (
        '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>'
        f'<Provider Name="Microsoft-Windows-Security-Auditing"/><EventID>{number}</EventID>'
        f'<TimeCreated SystemTime="{TIME}"/><Execution ProcessID="4" ThreadID="40"/><Computer>{COMPUTER}</Computer>'
        f"</System><EventData>{fields}</EventData></Event>"
    )


def winlogbeat(number: int, values: dict[str, str]) -> dict[str, Any]:
    return {
        "@timestamp": TIME,
        "event": {"code": str(number), "provider": "Microsoft-Windows-Security-Auditing"},
        "host": {"name": "ws41", "ip": ["fe80::1", HOST.ip]},
        "winlog": {"event_id": number, "computer_name": COMPUTER, "event_data": values},
    }


def flat(number: int, values: dict[str, str]) -> dict[str, Any]:
    return {"EventID": number, "Hostname": COMPUTER, "Channel": "Security", "@timestamp": TIME, **values}


def nested(number: int, values: dict[str, str]) -> dict[str, Any]:
    system = {
        "EventID": {"#text": number, "Qualifiers": 0},
        "Computer": COMPUTER,
        "TimeCreated": {"#attributes": {"SystemTime": TIME}},
        "Provider": {"#attributes": {"Name": "Microsoft-Windows-Security-Auditing"}},
    }
    named = [{"@Name": name, "#text": value} for name, value in values.items()]
    return {"Event": {"System": system, "EventData": {"Data": named}}}


def splunk(number: int, values: dict[str, str]) -> dict[str, Any]:
    renamed = {
        "Source_Address": values["SourceAddress"],
        "Source_Port": values["SourcePort"],
        "Destination_Address": values["DestAddress"],
        "Destination_Port": values["DestPort"],
        "Protocol": values["Protocol"],
        "Application_Name": values["Application"],
        "Direction": {"%%14592": "Inbound", "%%14593": "Outbound"}[values["Direction"]],
        "Layer_Name": {"%%14610": "Receive/Accept", "%%14611": "Connect"}[values["LayerName"]],
    }
    return {"result": {"_time": "1767614400.000", "EventCode": str(number), "ComputerName": COMPUTER, "sourcetype": "WinEventLog", **renamed}}  # fmt: skip


def message(number: int, values: dict[str, str]) -> dict[str, Any]:
    told = (
        "The Windows Filtering Platform has permitted a connection.\r\n\r\nApplication Information:\r\n\tProcess ID:\t900\r\n"
        f"\tApplication Name:\t{values['Application']}\r\n\r\nNetwork Information:\r\n\tDirection:\t\tInbound\r\n"
        f"\tSource Address:\t\t{values['SourceAddress']}\r\n\tSource Port:\t\t{values['SourcePort']}\r\n"
        f"\tDestination Address:\t{values['DestAddress']}\r\n\tDestination Port:\t\t{values['DestPort']}\r\n"
        f"\tProtocol:\t\t{values['Protocol']}\r\n\r\nFilter Information:\r\n\tLayer Name:\t\tReceive/Accept\r\n"
    )
    return {"EventCode": number, "ComputerName": COMPUTER, "_time": "1767614400", "sourcetype": "WinEventLog", "Message": told}  # fmt: skip


def records(*lines: str) -> list[LogRecord]:
    format_id, found, problems = read(*lines)
    assert (format_id, problems) == ("windows.security", [])
    return [record for record in found if isinstance(record, LogRecord)]


CONNECTED = bare(5156, data(OWN, WEB, **CONNECT))


@pytest.mark.parametrize("render", [bare, flat, nested, winlogbeat, splunk])
@pytest.mark.parametrize("ends", [(PEER, HOST), (HOST, PEER)])
def test_both_renderings_of_an_inbound_connection_name_the_stranger(
    render: Any, ends: tuple[Endpoint, Endpoint]
) -> None:
    lines = [render(5156, data(*ends)), render(5156, data(OWN, WEB, **CONNECT))]
    inbound, outbound = records(*(json.dumps(line) for line in lines))
    assert (inbound.src, inbound.dst) == ends
    assert (inbound.orig, inbound.resp, inbound.basis) == (PEER, HOST, Basis.HOST)
    assert (outbound.orig, outbound.resp) == (OWN, WEB)
    assert (inbound.time_ns, inbound.fields["application"]) == (NOON_NS, "svchost.exe")


@pytest.mark.parametrize("ends", [(PEER, HOST), (HOST, PEER)])
def test_xml_means_the_same(ends: tuple[Endpoint, Endpoint]) -> None:
    inbound, outbound = records(xml(5156, data(*ends)), xml(5156, data(OWN, WEB, **CONNECT)))
    assert (inbound.orig, inbound.resp, outbound.orig) == (PEER, HOST, OWN)
    assert (inbound.time_ns, inbound.location.number, outbound.location.number) == (NOON_NS, 1, 2)


def test_the_rendered_message_is_read_where_nothing_else_holds_the_fields() -> None:
    inbound, _ = records(json.dumps(message(5156, data(HOST, PEER))), json.dumps(CONNECTED))
    assert (inbound.orig, inbound.fields["layer"]) == (PEER, "receive/accept")


def test_a_rendered_message_needs_no_other_sign_of_windows() -> None:
    event = {
        "EventID": 5156,
        "Computer": "WS40",
        "TimeCreated": "2026-01-05T12:00:00Z",
        "Message": "The Windows Filtering Platform has permitted a connection.\r\n\r\nNetwork Information:\r\n"
        "\tDirection:\t\tInbound\r\n\tSource Address:\t\t10.20.30.40\r\n\tSource Port:\t\t3389\r\n"
        "\tDestination Address:\t203.0.113.80\r\n\tDestination Port:\t\t50300\r\n\tProtocol:\t\t6\r\n",
    }
    kind, (record,), problems = read(json.dumps(event))
    assert (kind, problems) == ("windows.security", [])
    assert isinstance(record, LogRecord)
    assert (record.src, record.dst) == (Endpoint("10.20.30.40", 3389), Endpoint("203.0.113.80", 50300))
    assert record.orig is None  # inbound, but whose address is the computer's is not said


@pytest.mark.parametrize("ends", [(PEER, HOST), (HOST, PEER)])
def test_an_inbound_event_alone_does_not_say_whose_address_is_whose(ends: tuple[Endpoint, Endpoint]) -> None:
    (record,) = records(json.dumps(bare(5156, data(*ends))))
    assert record.orig is None
    (found,) = converse([record])
    assert found.orig == PEER  # by the ports, and so no more than a hint
    assert found.confidence < 0.9


def test_winlogbeat_lists_the_hosts_own_addresses() -> None:
    (record,) = records(json.dumps(winlogbeat(5156, data(HOST, PEER))))
    assert record.orig == PEER


def test_a_collectors_addresses_are_not_the_computers() -> None:
    event = winlogbeat(5156, data(HOST, PEER)) | {"host": {"name": "collector", "ip": [PEER.ip]}}
    (record,) = records(json.dumps(event))
    assert record.orig is None


@pytest.mark.parametrize("number", [5154, 5158])
def test_a_bound_port_tells_the_hosts_address(number: int) -> None:
    bound = {"SourceAddress": HOST.ip, "SourcePort": "49000", "Protocol": "17", "LayerName": "%%14608"}
    (record,) = records(json.dumps(bare(5156, data(HOST, PEER))), json.dumps(bare(number, bound)))
    assert record.orig == PEER


def test_a_port_listened_on_tells_which_end_is_the_hosts() -> None:
    listening = {"SourceAddress": "::", "SourcePort": "3389", "Protocol": "6", "LayerName": "%%14609"}
    (record,) = records(json.dumps(bare(5156, data(HOST, PEER))), json.dumps(bare(5154, listening)))
    assert record.orig == PEER


def test_another_computers_events_tell_nothing_of_this_one() -> None:
    other = CONNECTED | {"Computer": "DC1.corp.example"}
    assert records(json.dumps(bare(5156, data(HOST, PEER))), json.dumps(other))[0].orig is None


def test_a_permission_is_no_answer() -> None:
    inbound, _ = records(json.dumps(bare(5156, data(PEER, HOST))), json.dumps(CONNECTED))
    assert inbound.statement is Statement.ALLOWED
    (found,) = converse([inbound])
    assert (found.orig, found.outcome) == (PEER, Outcome.ONE_WAY)


@pytest.mark.parametrize("ends", [(PEER, HOST), (HOST, PEER)])
def test_a_blocked_connection_went_unanswered_in_either_rendering(ends: tuple[Endpoint, Endpoint]) -> None:
    blocked, _ = records(json.dumps(bare(5157, data(*ends))), json.dumps(CONNECTED))
    assert blocked.statement is Statement.DENIED
    (found,) = converse([blocked])
    assert (found.orig, found.outcome) == (PEER, Outcome.UNANSWERED)


def test_a_packet_blocked_below_the_connections_names_nobody() -> None:
    transport = {"LayerName": "%%14597"}
    blocked, _ = records(json.dumps(bare(5152, data(PEER, HOST, **transport))), json.dumps(CONNECTED))
    assert (blocked.statement, blocked.orig) == (Statement.DENIED, None)


def test_the_layer_outranks_the_direction_of_one_packet() -> None:
    odd = {"Direction": "%%14592", "LayerName": "%%14611"}
    assert records(json.dumps(bare(5156, data(OWN, WEB, **odd))))[0].orig is None


def test_a_group_address_never_opened_anything() -> None:
    group = Endpoint("224.0.0.252", 5355)
    (record,) = records(json.dumps(bare(5156, data(group, Endpoint("10.20.30.9", 50121), Protocol="17"))))
    assert record.orig == Endpoint("10.20.30.9", 50121)
    (found,) = converse([record])
    assert found.orig == record.orig


def test_a_datagram_from_a_services_port_may_be_an_answer_and_names_nobody() -> None:
    """LLMNR: the question went to a group, so the filter takes each answer for a flow of its own."""
    answer = data(Endpoint(PEER.ip, 5355), Endpoint(HOST.ip, 50121), Protocol="17")
    inbound, _ = records(json.dumps(bare(5156, answer)), json.dumps(CONNECTED))
    assert inbound.orig is None
    (found,) = converse([inbound])
    assert (found.orig, found.confidence < 0.9) == (Endpoint(HOST.ip, 50121), True)


LOGON = {"TargetUserName": "ana", "LogonType": "10", "IpAddress": PEER.ip, "IpPort": str(PEER.port)}


@pytest.mark.parametrize("render", [bare, flat, nested, winlogbeat])
def test_a_logon_names_its_client_and_is_the_targets_own_word(render: Any) -> None:
    accepted, failed = records(
        *(json.dumps(render(number, LOGON | {"SubStatus": "0xc000006a"})) for number in (4624, 4625))
    )
    assert (accepted.statement, accepted.orig, accepted.resp) == (
        Statement.AUTHENTICATED,
        PEER,
        Endpoint(COMPUTER.lower(), 0),
    )
    assert (accepted.service, accepted.fields["method"]) == ("rdp", "remote interactive logon")
    assert (failed.statement, failed.fields["reason"]) == (Statement.AUTHENTICATION_FAILED, "0xc000006a")


def test_a_logon_joins_the_connection_that_5156_tells_of() -> None:
    found = records(xml(5156, data(HOST, PEER)), xml(5156, data(OWN, WEB, **CONNECT)), xml(4624, LOGON))
    inbound = next(item for item in converse(found) if PEER in item.endpoints)
    assert (inbound.orig, inbound.outcome) == (PEER, Outcome.ESTABLISHED)
    assert len(inbound.records) == 2


def test_a_null_session_is_no_login_and_a_local_logon_no_conversation() -> None:
    (null,) = records(
        json.dumps(bare(4624, LOGON | {"TargetUserName": "ANONYMOUS LOGON", "LogonType": "3"})),
        json.dumps(bare(4624, LOGON | {"IpAddress": "-", "IpPort": "-"})),
        json.dumps(bare(4624, LOGON | {"IpAddress": "::1", "IpPort": "0"})),
    )
    assert (null.statement, null.service) == (Statement.ACCEPTED, "")


def test_xml_is_told_by_its_fields_on_the_desk() -> None:
    (record,) = records(xml(5156, data(PEER, HOST)))
    assert summarise(record).info.startswith("windows.security: event 5156, action permitted")
    assert summarise(record).kind is RecordKind.HOST


def test_events_may_stand_in_a_root_over_several_lines_or_many_on_one() -> None:
    events = [
        xml(5156, data(PEER, HOST)),
        xml(4688, {"NewProcessName": "x"}),
        xml(5156, data(OWN, WEB, **CONNECT)),
    ]
    pretty = xml(5157, data(PEER, HOST)).replace("><", ">\n  <")
    text = '\ufeff<?xml version="1.0"?>\r\n<Events>' + "".join(events) + f"\r\n{pretty}\r\n</Events>"
    reading = read_evidence("x.xml", text.encode())
    found: list[Record] = list(reading.records)
    assert reading.problems == []
    assert [record.location.number for record in found if record.location] == [2, 4, 5]
    assert [record.statement for record in found if isinstance(record, LogRecord)] == [
        Statement.ALLOWED,
        Statement.ALLOWED,
        Statement.DENIED,
    ]


def test_json_may_be_an_array_over_several_lines() -> None:
    text = json.dumps([bare(5156, data(PEER, HOST)), CONNECTED], indent=1)
    inbound, outbound = records(*text.split("\n"))
    assert (inbound.orig, outbound.orig) == (PEER, OWN)


def test_malformed_events_are_told_and_the_rest_is_read() -> None:
    good = xml(5156, data(OWN, WEB, **CONNECT))
    _, found, problems = read(
        good,
        good.replace("</System>", ""),
        good.replace("198.51.100.80", "host"),
        good.replace("svchost.exe", "&unknown;"),
        good[:200],
        good,
        good[:-9],
    )
    assert len(found) == 2
    assert [problem.partition(":")[0] for problem in problems] == [
        "line 2",
        "line 3",
        "line 4",
        "line 5",
        "line 7",
    ]
    assert problems[1] == "line 3: 'host' is not an address"
    assert problems[-1] == "line 7: the event does not end"


def test_malformed_json_events_are_told_and_the_rest_is_read() -> None:
    bad = bare(5156, data(OWN, WEB, **CONNECT) | {"DestPort": "99999"})
    _, found, problems = read(json.dumps(CONNECTED), json.dumps(bad), "{", json.dumps(CONNECTED))
    assert len(found) == 2
    assert problems[0] == "line 2: '99999' is not a port"
    assert problems[1].startswith("line 3: this is not JSON")


def test_a_document_type_is_refused_so_no_entity_grows() -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    reading = read_evidence("x.xml", (bomb + "\n" + xml(5156, data(OWN, WEB, **CONNECT))).encode())
    with pytest.raises(EngineError, match="document type"):
        list(reading.records)
    inside = xml(5156, data(OWN, WEB)).replace("<System>", "<!DOCTYPE x><System>")
    _, found, problems = read(xml(5156, data(OWN, WEB, **CONNECT)), inside)
    assert len(found) == 1
    assert len(problems) == 1


def test_an_event_without_end_does_not_fill_memory() -> None:
    good = xml(5156, data(OWN, WEB, **CONNECT))
    _, found, problems = read(good, "<Event " + "x" * 3_000_000, good)
    assert len(found) >= 1
    assert problems


@pytest.mark.parametrize("size", [1, 7, 10, 1000])
def test_events_are_cut_alike_wherever_a_block_of_bytes_ends(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretty = xml(5157, data(PEER, HOST)).replace("><", ">\n<")
    text = (
        f"<Events>\n{pretty}\n{xml(5156, data(PEER, HOST))}{xml(5156, data(OWN, WEB, **CONNECT))}\n</Events>"
    )
    whole = [record.location for record in records(*text.split("\n"))]
    monkeypatch.setattr("tickets.engine.readers.windows_xml.BLOCK", size)
    assert [record.location for record in records(*text.split("\n"))] == whole
    assert [place.number for place in whole] == [2, pretty.count("\n") + 3, pretty.count("\n") + 4]
