"""Ports by which tools guess who the server is. A guess: nothing keeps a client from using one."""

from __future__ import annotations

# What an ordinary /etc/services lists and these networks meet (IANA, Service Name and Port Number Registry).
SERVICE_PORTS = frozenset(
    {
        *(7, 9, 13, 20, 21, 22, 23, 25, 37, 43, 49, 53, 67, 68, 69, 79, 80, 88, 102, 110, 111, 113, 119, 123),
        *(135, 137, 138, 139, 143, 161, 162, 179, 194, 389, 443, 445, 464, 465, 500, 512, 513, 514, 515, 543),
        *(
            548,
            554,
            587,
            593,
            631,
            636,
            853,
            873,
            989,
            990,
            993,
            995,
            1080,
            1433,
            1434,
            1521,
            1701,
            1812,
            1813,
        ),
        *(
            1883,
            1900,
            2049,
            3128,
            3260,
            3268,
            3269,
            3306,
            3389,
            3478,
            4500,
            5060,
            5061,
            5222,
            5269,
            5353,
            5432,
        ),
        *(5672, 5900, 5984, 5985, 5986, 6379, 6667, 8000, 8080, 8443, 8883, 9100, 9200, 11211, 27017),
    }
)


def is_service_port(port: int) -> bool:
    return port in SERVICE_PORTS
