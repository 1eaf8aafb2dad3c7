"""Every protocol that the stage can speak, one conversation each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.simulator.staging import make_stage
from tickets.engine import Endpoint
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.dialogues.udp import play_datagrams
from tickets.simulator.messages import (
    asn1,
    databases,
    directory,
    dns,
    ftp,
    http,
    mail,
    management,
    ntp,
    peers,
    quic,
    rdp,
    services,
    smb,
    ssh,
    tds,
    telephony,
    terminals,
    tls,
    winrm,
)
from tickets.simulator.messages.turns import Script, answer, ask, in_turn
from tickets.simulator.network import Dialogue, Host, Socket
from tickets.simulator.randomness import Stream
from tickets.simulator.stage import Stage

LOGIN = smb.Login(user="j.okafor", domain="CORP", workstation="WS-HR-17", server="FILES-1")
LETTER = mail.Letter(
    sender="news@example.net",
    recipient="office@example.org",
    text="From: news@example.net\nTo: office@example.org\nSubject: Timetable\n\nThe new timetable is out.\n.\n",
)
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
UNKNOWN = "-"  # nothing in what is said names the protocol to the engine
BASE = "dc=corp,dc=example,dc=net"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A protocol's script, its port, what the engine calls it, and what tshark must find in it."""

    port: int
    service: str
    filters: tuple[str, ...]
    script: Callable[[Stage, Stream], Script]


def _upload(stage: Stage, chance: Stream) -> Script:
    request = http.write_http_upload("/in", "files.example.net", AGENT, "q3.zip", chance.take(5_000), chance)
    return http.talk_http(request, http.write_http_answer(201, {"Server": "nginx"}))


def _form(stage: Stage, chance: Stream) -> Script:
    values = {"user": "m.keller", "password": "Spring 2026!"}
    request = http.write_http_form("/login", "portal.example.net", AGENT, values)
    return http.talk_http(request, http.write_http_answer(302, {"Location": "/", "Server": "nginx"}))


def _forwarded(stage: Stage, chance: Stream) -> Script:
    fields = {"User-Agent": AGENT, "X-Forwarded-For": "198.51.100.23"}
    request = http.write_http_request("GET", "/cgi-bin/status", "www.example.net", fields)
    return http.talk_http(request, http.write_http_answer(404, {"Server": "nginx"}, b"<h1>Not Found</h1>"))


def _proxied(stage: Stage, chance: Stream) -> Script:
    fields = {"User-Agent": AGENT, "Proxy-Connection": "keep-alive"}
    request = http.write_http_request("GET", "http://news.example.net/today", "news.example.net", fields)
    return http.talk_http(request, http.write_http_answer(200, {"Via": "1.1 proxy"}, b"<p>News</p>"))


def _tunnel(stage: Stage, chance: Stream) -> Script:
    opening = http.talk_http(
        http.write_http_connect("shop.example.net", 443, AGENT), http.write_http_connected()
    )
    return (*opening, *tls.talk_tls13("shop.example.net", chance), *tls.talk_tls_data([(420, 3_100)], chance))


def _tls13(stage: Stage, chance: Stream) -> Script:
    return (
        *tls.talk_tls13("cdn.example.net", chance),
        *tls.talk_tls_data([(517, 20_000)], chance),
        ask(tls.write_sealed(3, chance)),
    )


def _tls12(stage: Stage, chance: Stream) -> Script:
    return (
        *tls.talk_tls12("updates.example.net", chance, stage.start_ns),
        *tls.talk_tls_data([(970, 1_800)], chance),
        ask(tls.write_close_notify(chance)),
    )


def _heartbeat(stage: Stage, chance: Stream) -> Script:
    opening = tls.talk_tls12("www.example.net", chance, stage.start_ns, has_heartbeat=True)[:2]
    return (
        *opening,
        ask(tls.write_heartbeat_request(16_384, b"")),
        answer(tls.write_alert(tls.FATAL, tls.UNEXPECTED_MESSAGE)),
    )


def _ssh(stage: Stage, chance: Stream) -> Script:
    opening = ssh.talk_ssh_opening("OpenSSH_9.9", "OpenSSH_9.2p1 Debian-2+deb12u5", chance)
    return (*opening, *ssh.talk_ssh_passwords(3, chance))


def _mail(stage: Stage, chance: Stream) -> Script:
    return mail.talk_smtp("mx.example.org", "out.example.net", LETTER, "4F1A22C0")


def _ftp(stage: Stage, chance: Stream) -> Script:
    return (
        *ftp.talk_ftp_login("reports", "quarterly"),
        *ftp.talk_ftp_active(Endpoint("10.20.30.40", 50_133), "q1.csv"),
        *ftp.talk_ftp_done(),
    )


def _smb(stage: Stage, chance: Stream) -> Script:
    return smb.talk_smb_read(LOGIN, "public", "plans\\q3.txt", b"Plan.\r\n" * 400, stage.start_ns, chance)


def _service(stage: Stage, chance: Stream) -> Script:
    program, binary = "%SystemRoot%\\hdmsvc.exe", b"MZ" + chance.take(70_000)
    return services.talk_service_creation(LOGIN, "hdmsvc", program, binary, stage.start_ns, chance)


def _rdp(stage: Stage, chance: Stream) -> Script:
    handshake = tls.talk_tls12("JUMP-1", chance, stage.start_ns, tls.WINDOWS_SERVICE, issuer="JUMP-1")
    return (
        *rdp.talk_rdp_opening("d.ritter"),
        *handshake,
        *tls.talk_tls_data([(60, 310), (700, 240)], chance),
    )


def _kerberos(stage: Stage, chance: Stream) -> Script:
    now_ns, realm, name = stage.start_ns, "CORP.EXAMPLE.NET", "j.okafor"
    asked = [
        directory.write_as_request(name, realm, now_ns, chance, is_preauthenticated=proven)
        for proven in (False, True)
    ]
    error = directory.write_kerberos_error(directory.PREAUTHENTICATION_REQUIRED, realm, now_ns)
    told = [error, directory.write_as_reply(name, realm, chance)]
    return in_turn(
        (directory.with_length(one), directory.with_length(other))
        for one, other in zip(asked, told, strict=True)
    )


def _kerberos_datagrams(stage: Stage, chance: Stream) -> Script:
    request = directory.write_as_request(
        "svc-cm", "CORP.EXAMPLE.NET", stage.start_ns, chance, is_preauthenticated=False
    )
    error = directory.write_kerberos_error(
        directory.PREAUTHENTICATION_REQUIRED, "CORP.EXAMPLE.NET", stage.start_ns
    )
    return in_turn([(request, error)])


def _dns_over_tcp(stage: Stage, chance: Stream) -> Script:
    records = [dns.Record(dns.Kind.TXT, "v=spf1 ip4:192.0.2.0/24 " + "x" * 400) for _ in range(6)]
    reply = dns.write_dns_reply(77, "example.net", dns.Kind.TXT, records)
    return in_turn(
        [(dns.over_tcp(dns.write_dns_query(77, "example.net", dns.Kind.TXT)), dns.over_tcp(reply))]
    )


def _tds(stage: Stage, chance: Stream) -> Script:
    return tds.talk_tds_job("svc-report", "Nightly-1", ("REPORT-1", "SQL-1"), "EXEC nightly_report", 4_812)


def _tds_refused(stage: Stage, chance: Stream) -> Script:
    return (
        *tds.talk_tds_job("sa", "sa", ("X", "SQL-1"), "", 0)[:3],
        answer(tds.write_tds_login_error("sa", "SQL-1")),
    )


def _winrm(stage: Stage, chance: Stream) -> Script:
    return winrm.talk_winrm(LOGIN, [(1_400, 2_300), (900, 700)], stage.start_ns, chance)


def _shell(stage: Stage, chance: Stream) -> Script:
    return terminals.talk_shell(
        [("id", "uid=33(www-data) gid=33(www-data) groups=33(www-data)"), ("pwd", "/")]
    )


def _peer(stage: Stage, chance: Stream) -> Script:
    info = chance.take(20)
    return in_turn(
        [
            (
                peers.write_peer_handshake(info, "DE13F0", chance),
                peers.write_peer_handshake(info, "qB4630", chance),
            )
        ]
    )


TCP_SPOKEN = {
    "http upload": Spoken(80, "http", ("http.request.method == POST", "mime_multipart"), _upload),
    "http form": Spoken(80, "http", ("urlencoded-form", "http.response.code == 302"), _form),
    "http behind a balancer": Spoken(8080, "http", ("http.x_forwarded_for", "http.response.code == 404"), _forwarded),
    "http to a proxy": Spoken(3128, "http", ('http.request.uri contains "http://"',), _proxied),
    "tunnel through a proxy": Spoken(3128, "http", ("http.request.method == CONNECT", "tls.handshake.type == 1"), _tunnel),
    "tls 1.3": Spoken(443, "tls", ('tls.handshake.extensions_server_name == "cdn.example.net"', "tls.app_data"), _tls13),
    "tls 1.2": Spoken(443, "tls", ("tls.handshake.certificate", "x509sat.uTF8String", "tls.handshake.type == 16"), _tls12),
    "tls heartbeat": Spoken(443, "tls", ("tls.heartbeat_message", "tls.alert_message.level == 2"), _heartbeat),
    "ssh": Spoken(22, "ssh", ("ssh.protocol", "ssh.message_code == 20", "ssh.message_code == 31"), _ssh),
    "smtp": Spoken(25, "smtp", ("smtp.req.command == MAIL", "imf.subject"), _mail),
    "ftp": Spoken(21, "ftp", ("ftp.request.command == PORT", "ftp.response.code == 226"), _ftp),
    "smb": Spoken(445, "smb", ("ntlmssp.auth.username", 'smb2.filename contains "q3.txt"', "smb2.cmd == 8"), _smb),
    "service by smb": Spoken(445, "smb", ("svcctl.opnum == 12", "svcctl.opnum == 19"), _service),
    "rdp": Spoken(3389, "rdp", ("rdp.rt_cookie", "rdp.negReq.requestedProtocols"), _rdp),
    "ldap": Spoken(389, "ldap", ("ldap.bindRequest_element", "ldap.searchResEntry_element"), lambda stage, _: directory.talk_ldap("svc-cm", BASE)),
    "ldap refused": Spoken(389, "ldap", ("ldap.resultCode == 49",), lambda stage, _: directory.talk_ldap("svc-cm", BASE, is_accepted=False)),
    "kerberos": Spoken(88, "kerberos", ("kerberos.as_req_element", "kerberos.as_rep_element", "kerberos.error_code == 25"), _kerberos),
    "dns over tcp": Spoken(53, "dns", ("dns.txt",), _dns_over_tcp),
    "tds": Spoken(1433, "tds", ("tds.type == 16", "tds.type == 1"), _tds),
    "tds refused": Spoken(1433, "tds", ("tds.error.number == 18456",), _tds_refused),
    "winrm": Spoken(5985, "http", ("http.request.method == POST", "ntlmssp"), _winrm),
    "telnet": Spoken(23, "telnet", ("telnet.cmd", "telnet.data"), lambda stage, _: terminals.talk_telnet("admin", "admin", "Camera 3")),
    "mysql": Spoken(3306, "mysql", ("mysql.version", "mysql.user"), lambda _, chance: databases.talk_mysql("app", "8.0.36", chance)),
    "mysql refused": Spoken(3306, "mysql", ("mysql.error_code == 1045",), lambda _, chance: databases.talk_mysql("root", "8.0.36", chance, is_accepted=False)),
    "postgresql": Spoken(5432, "postgresql", ("pgsql.parameter_name", "pgsql.password"), lambda _, chance: databases.talk_postgresql("app", "shop", chance)),
    "postgresql refused": Spoken(5432, "postgresql", ('pgsql.severity == "FATAL"',), lambda _, chance: databases.talk_postgresql("app", "shop", chance, is_accepted=False)),
    "redis": Spoken(6379, "redis", ("tcp.port == 6379 && tcp.payload",), lambda stage, _: databases.talk_redis("s3cret")),
    "shell": Spoken(4444, UNKNOWN, ("tcp.port == 4444 && tcp.payload",), _shell),
    "bittorrent": Spoken(51_413, "bittorrent", ("bittorrent",), _peer),
}  # fmt: skip


def _dns(stage: Stage, chance: Stream) -> Script:
    name = "img.example.net"
    records = [
        dns.Record(dns.Kind.CNAME, "cdn.example.net"),
        dns.Record(dns.Kind.A, "203.0.113.44", 60, "cdn.example.net"),
    ]
    return in_turn(
        [
            (dns.write_dns_query(7, name, edns_bytes=1_232), dns.write_dns_reply(7, name, dns.Kind.A, records, edns_bytes=1_232)),
            (dns.write_dns_query(8, name, dns.Kind.AAAA), dns.write_dns_reply(8, name, dns.Kind.AAAA, [dns.Record(dns.Kind.AAAA, "2001:db8::44")])),
            (dns.write_dns_query(9, "no.example.net"), dns.write_dns_reply(9, "no.example.net", dns.Kind.A, code=dns.NXDOMAIN)),
            (dns.write_dns_query(10, "example.net", dns.Kind.TXT), dns.write_dns_reply(10, "example.net", dns.Kind.TXT, is_cut_short=True)),
            (dns.write_dns_query(11, "example.net", dns.Kind.MX), dns.write_dns_reply(11, "example.net", dns.Kind.MX, [dns.Record(dns.Kind.MX, "mx.example.net"), dns.Record(dns.Kind.NS, "ns.example.net")])),
        ]
    )  # fmt: skip


def _ntp(stage: Stage, chance: Stream) -> Script:
    now_ns = stage.start_ns
    return in_turn(
        [(ntp.write_ntp_question(now_ns), ntp.write_ntp_answer(now_ns, now_ns + 9_000_000, "203.0.113.1"))]
    )


def _snmp(stage: Stage, chance: Stream) -> Script:
    values = [
        (management.SYS_DESCR, asn1.octets(b"Edge router")),
        (management.IF_IN_OCTETS, asn1.integer(4_211_337, management.COUNTER)),
    ]
    names = [name for name, _ in values]
    return in_turn(
        [
            (
                management.write_snmp_get(4711, "monitor", names),
                management.write_snmp_response(4711, "monitor", values),
            )
        ]
    )


def _sip(stage: Stage, chance: Stream) -> Script:
    call = telephony.make_call(
        "100", "100", "192.0.2.60", Endpoint("203.0.113.77", 5060), "softphone", chance
    )
    asked = telephony.write_sip_request("REGISTER", call, 1)
    options = telephony.write_sip_request("OPTIONS", call, 2)
    return in_turn(
        [
            (asked, telephony.write_sip_answer(401, "REGISTER", call, 1, "PBX")),
            (options, telephony.write_sip_answer(404, "OPTIONS", call, 2, "PBX")),
        ]
    )


def _call(stage: Stage, chance: Stream) -> Script:
    call = telephony.make_call(
        "201", "305", "192.0.2.60", Endpoint("10.20.30.61", 5060), "Deskphone 4", chance
    )
    offers = [telephony.write_sdp(Endpoint(ip, 16_384), 7) for ip in ("10.20.30.61", "192.0.2.60")]
    return (
        ask(telephony.write_sip_request("INVITE", call, 1, offers[0])),
        answer(telephony.write_sip_answer(100, "INVITE", call, 1, "PBX")),
        answer(telephony.write_sip_answer(180, "INVITE", call, 1, "PBX")),
        answer(telephony.write_sip_answer(200, "INVITE", call, 1, "PBX", offers[1])),
        ask(telephony.write_sip_request("ACK", call, 1)),
        ask(telephony.write_sip_request("BYE", call, 2)),
        answer(telephony.write_sip_answer(200, "BYE", call, 2, "PBX")),
    )


def _dht(stage: Stage, chance: Stream) -> Script:
    ours, theirs = chance.take(20), chance.take(20)
    nodes = [Endpoint("198.51.100.7", 6881), Endpoint("203.0.113.9", 51_413)]
    return in_turn(
        [
            (peers.write_dht_query("ping", ours, b"aa"), peers.write_dht_answer(theirs, b"aa", [], chance)),
            (
                peers.write_dht_query("find_node", ours, b"ab", chance.take(20)),
                peers.write_dht_answer(theirs, b"ab", nodes, chance),
            ),
        ]
    )


def _utp(stage: Stage, chance: Stream) -> Script:
    return peers.talk_utp(chance.take(20), ("qB4650", "TR4050"), 1, stage.start_ns, chance)


UDP_SPOKEN = {
    "dns": Spoken(53, "dns", ("dns.resp.edns0_version || dns.opt", "dns.aaaa", "dns.flags.rcode == 3", "dns.flags.truncated == 1", "dns.mx.mail_exchange"), _dns),
    "ntp": Spoken(123, "ntp", ("ntp.flags.mode == 3", "ntp.flags.mode == 4"), _ntp),
    "quic": Spoken(443, "quic", ('tls.handshake.extensions_server_name == "video.example.net"', "tls.handshake.type == 2", "quic.short"), lambda stage, chance: quic.talk_quic("video.example.net", [(300, 40_000)], chance)),
    "ntp monlist": Spoken(123, "ntp", ("ntp.priv.reqcode == 42",), lambda stage, _: in_turn([(ntp.write_monlist_question(), ntp.write_monlist_answers(["198.51.100.3", "203.0.113.8"])[0])])),
    "snmp": Spoken(161, "snmp", ("snmp.get_request_element", "snmp.get_response_element"), _snmp),
    "snmp trap": Spoken(162, "snmp", ("snmp.snmpV2_trap_element",), lambda *_: (ask(management.write_snmp_trap(5, "monitor", 987_654)),)),
    "syslog": Spoken(514, "syslog", ("syslog.facility == 4",), lambda stage, _: (ask(management.write_syslog(34, "fw-1", "sshd[811]", "session opened", stage.start_ns)),)),
    "sip": Spoken(5060, "sip", ("sip.Method == REGISTER", "sip.Status-Code == 401"), _sip),
    "sip call": Spoken(5060, "sip", ("sdp.media", "sip.Method == BYE"), _call),
    "kerberos datagrams": Spoken(88, "kerberos", ("kerberos.as_req_element", "kerberos.krb_error_element"), _kerberos_datagrams),
    "dht": Spoken(6881, "bittorrent-dht", ("bt-dht",), _dht),
    "utp": Spoken(51_414, UNKNOWN, ("udp.port == 51414",), _utp),
}  # fmt: skip


def play_spoken(name: str, stage: Stage, client: Host, server: Host, number: int) -> Dialogue:
    """The protocol's conversation, `number` minutes after the start."""
    start_ns, chance = stage.start_ns + number * 60 * NS_PER_S, stage.noise.child(name)
    if (spoken := UDP_SPOKEN.get(name)) is not None:
        ends = stage.socket(client), Socket(server, spoken.port)
        return play_datagrams(
            *ends, start_ns, spoken.script(stage, chance), service=spoken.service, chance=chance
        )
    spoken = TCP_SPOKEN[name]
    talk = stage.talk(stage.socket(client), Socket(server, spoken.port), start_ns)
    talk.shake_hands()
    talk.play(spoken.script(stage, chance))
    talk.part(talk.client, 40_000_000)
    return talk.end(spoken.service)


def play_all() -> tuple[Stage, dict[str, Dialogue]]:
    """One conversation of each, between a workstation and a server on the Internet."""
    stage = make_stage("protocols")
    client, server = stage.workstation(), stage.stranger("server.example.net")
    names = (*TCP_SPOKEN, *UDP_SPOKEN)
    return stage, {
        name: play_spoken(name, stage, client, server, number) for number, name in enumerate(names)
    }
