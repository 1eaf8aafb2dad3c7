"""Ports on which services are expected: the weakest kind of evidence for who opened a conversation.

Names and numbers: IANA, Service Name and Transport Protocol Port Number Registry, and the
defaults in the products' own documentation where IANA has no entry or a dead one (marked *).
A registered name that nobody uses any more is left out where others use its number: 4444 was krb524, and a trainee
would take a reverse shell for Kerberos. Port 20 is left out on purpose: an FTP server opens active data connections *from* it (RFC 959, 3.2).
"""

from __future__ import annotations

from .types import Protocol

BOTH = {
    7: "echo", 9: "discard", 13: "daytime", 19: "chargen", 37: "time", 49: "tacacs", 53: "dns", 88: "kerberos",
    111: "rpc", 123: "ntp", 135: "dcerpc", 137: "nbns", 161: "snmp", 162: "snmp-trap", 389: "ldap", 427: "svrloc",
    443: "https", 464: "kpasswd", 500: "ike", 514: "syslog", 546: "dhcp", 547: "dhcp", 554: "rtsp", 623: "ipmi",
    636: "ldaps", 853: "dns-over-tls", 1194: "openvpn", 1701: "l2tp", 1812: "radius", 1813: "radius",
    1645: "radius*", 1646: "radius*", 1900: "ssdp", 2049: "nfs", 3268: "ldap*", 3389: "rdp", 3478: "stun", 3702: "ws-discovery",
    4500: "ike", 5060: "sip", 5061: "sips", 5349: "stun", 5353: "mdns", 5355: "llmnr", 5683: "coap", 8080: "http-alt",
    8443: "https-alt*", 20000: "dnp3", 44818: "enip", 47808: "bacnet",
}  # fmt: skip
TCP = {
    21: "ftp", 22: "ssh", 23: "telnet", 25: "smtp", 43: "whois", 70: "gopher", 79: "finger", 80: "http", 81: "http*",
    102: "tpkt", 110: "pop3", 113: "ident", 119: "nntp", 139: "netbios-ssn", 143: "imap", 179: "bgp", 194: "irc",
    220: "imap3", 445: "smb", 465: "submissions", 502: "modbus", 512: "exec", 513: "login",
    515: "printer", 543: "klogin", 544: "kshell", 548: "afp", 563: "nntps", 587: "submission", 593: "http-rpc-epmap",
    631: "ipp", 646: "ldp", 655: "tinc", 783: "spamassassin*", 808: "http*", 830: "netconf", 873: "rsync", 902: "vmware*", 989: "ftps-data",
    990: "ftps", 992: "telnets", 993: "imaps", 995: "pop3s", 1080: "socks", 1099: "rmi", 1352: "notes", 1433: "mssql", 1521: "oracle",
    1522: "oracle*", 1723: "pptp", 1883: "mqtt", 1935: "rtmp*", 2082: "cpanel*", 2083: "cpanel*", 2181: "zookeeper*", 2222: "ssh-alt*",
    2375: "docker", 2376: "docker", 2379: "etcd", 2404: "iec-104", 2525: "smtp-alt*", 2811: "gridftp", 2869: "upnp", 3000: "http-dev*",
    3128: "http-proxy", 3260: "iscsi", 3269: "ldaps*", 3306: "mysql", 3690: "svn", 3868: "diameter", 4433: "https-dev*",
    4712: "synchrophasor*", 4713: "synchrophasor*", 4786: "smart-install", 4840: "opcua", 5000: "http-dev*",
    5001: "http-dev*", 5037: "adb*", 5222: "xmpp", 5223: "xmpps*", 5269: "xmpp-server", 5432: "postgresql", 5555: "adb*",
    5601: "kibana*", 5672: "amqp", 5671: "amqps", 5900: "rfb", 5938: "teamviewer*", 5985: "winrm", 5986: "winrm",
    6000: "x11", 6379: "redis", 6443: "kubernetes", 6514: "syslog-tls", 6666: "irc", 6667: "irc", 6668: "irc", 6669: "irc",
    6697: "ircs", 7001: "weblogic*", 8000: "http-alt*", 8008: "http-alt", 8009: "ajp*", 8081: "http-alt*", 8086: "influxdb*",
    8088: "http-alt*", 8089: "splunk*", 8118: "privoxy*", 8291: "winbox*", 8333: "bitcoin", 8545: "json-rpc*", 8554: "rtsp-alt", 8834: "nessus*",
    8883: "mqtts", 8888: "http-alt*", 9000: "http-alt*", 9001: "tor*", 9042: "cassandra", 9050: "tor*", 9090: "http-alt*",
    9092: "kafka*", 9100: "jetdirect", 9160: "cassandra", 9200: "elasticsearch", 9300: "elasticsearch*", 9418: "git",
    10000: "ndmp", 10250: "kubelet*", 11211: "memcached", 15672: "rabbitmq*", 25565: "minecraft*", 27017: "mongodb",
    27018: "mongodb", 28017: "mongodb*", 50000: "db2*",
}  # fmt: skip
UDP = {
    67: "dhcp", 69: "tftp", 80: "quic", 138: "netbios-dgm", 177: "xdmcp", 434: "mobile-ip", 517: "talk", 518: "ntalk", 520: "rip", 521: "ripng",
    1434: "mssql-browser", 1985: "hsrp", 2055: "netflow*", 2123: "gtp-control", 2152: "gtp-user", 3544: "teredo", 3799: "radius",
    4739: "ipfix", 4789: "vxlan", 5072: "ayiya*", 5351: "nat-pmp", 5632: "pcanywhere", 6081: "geneve", 6343: "sflow", 8472: "otv", 9995: "netflow*",
    11211: "memcached", 17500: "dropbox-lan", 27015: "steam*", 51820: "wireguard*",
}  # fmt: skip

SERVICES = {
    Protocol.TCP: {port: name.rstrip("*") for port, name in {**BOTH, **TCP}.items()},
    Protocol.UDP: {port: name.rstrip("*") for port, name in {**BOTH, **UDP}.items()},
    Protocol.ICMP: {},
}


def may_be_answer(protocol: Protocol, sender: int, receiver: int) -> bool:
    """Does a datagram from one port to another look like an answer? A filter takes the answer to a question that went to
    a group (LLMNR, SSDP), or that it no longer remembers, for a flow of its own."""
    is_from_service = service_on(protocol, sender) != "" and service_on(protocol, receiver) == ""
    return protocol is Protocol.UDP and is_from_service


def service_on(protocol: Protocol, port: int) -> str:
    """Return the service that is expected on a port, "" for none."""
    return SERVICES[protocol].get(port, "")
