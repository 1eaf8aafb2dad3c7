"""A desk with 20,000 packets and 5,000 log records on PostgreSQL: queries, weight, and the time until it is painted.

    python -m bench.desk [--packets 20000] [--lines 5000] [--rounds 15]

Each tab is asked for by turns through the real view. Then gunicorn serves the site as it does everywhere, and Chromium
tells when the first byte came and when it first painted, with nothing in its cache. Without DATABASE_URL a private
PostgreSQL is started and thrown away. The database that DATABASE_URL names is filled, so it must be an empty one.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.capture import write_capture
from bench.logs import write_eve
from soctrainer.processes import Child
from tests.painting import measure_paints
from tests.services import find_chromium, start_private_postgres

if TYPE_CHECKING:
    from django.test import Client

    from tickets.models import Ticket

GOAL_MS, GOAL_BYTES, GOAL_QUERIES = 1000, 300_000, 15
TABS = (
    ("packets", "?tab=packet"),
    ("packets, the last page", "?tab=packet&page=200"),
    ("sequence diagram", "?tab=packet&view=diagram"),
    ("transcript", "?tab=packet&view=transcript"),
    ("flows", "?tab=flow"),
    ("IDS", "?tab=ids"),
    ("timeline", "?tab=timeline"),
    ("context", "?tab=context"),
    ("raw", "?tab=raw"),
    ("a search in packets", "?tab=packet&q=GET"),
    ("a search in raw", "?tab=raw&q=203.0.113.7"),
    ("a search without a find", "?tab=raw&q=nobody+wrote+this"),
    ("files", "?tab=files"),
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--packets", type=int, default=20_000)
    parser.add_argument("--lines", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    os.environ["SOCTRAINER_ENV"] = "demo"
    if "DATABASE_URL" in os.environ:
        measure(options.packets, options.lines, options.rounds)
        return
    os.environ["DATABASE_URL"], stop = start_private_postgres()
    try:
        measure(options.packets, options.lines, options.rounds)
    finally:
        stop()


def measure(packets: int, lines: int, rounds: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "soctrainer.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from tickets.models import EvidenceRecord, User

    call_command("migrate", verbosity=0)
    if User.objects.exists():
        sys.exit("The database that DATABASE_URL names is not empty; the desk is measured in one of its own.")
    ticket = fill(packets, lines)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client(SERVER_NAME="localhost")
    client.force_login(ticket.trainee, backend="django.contrib.auth.backends.ModelBackend")
    print(f"{EvidenceRecord.objects.count():,} records, {connection.vendor}, {rounds} rounds")
    print_tabs(client, ticket, rounds)
    chromium = find_chromium()
    if chromium is None:
        print("There is no Chromium on this machine: the first paint is not measured.")
        return
    print_paint(chromium, client.cookies["sessionid"].value, ticket, rounds)


def print_tabs(client: Client, ticket: Ticket, rounds: int) -> None:
    """Milliseconds of the whole request, bytes and queries of each tab."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    times: dict[str, list[float]] = {name: [] for name, _ in TABS}
    weights, queries = {}, {}
    for turn in range(rounds + 1):
        for name, query in TABS:
            with CaptureQueriesContext(connection) as asked:
                began = time.perf_counter()
                response = client.get(f"/tickets/{ticket.pk}/{query}")
                took = 1000 * (time.perf_counter() - began)
            if response.status_code != 200:
                sys.exit(f"{query} answered {response.status_code}")
            weights[name], queries[name] = len(response.content), len(asked)
            if turn:  # the first warms up
                times[name].append(took)
    print(f"\n{'':<26}{'p50 ms':>8}{'worst':>8}{'kB':>8}{'queries':>9}")
    for name, taken in times.items():
        print(
            f"{name:<26}{median(taken):>8.0f}{max(taken):>8.0f}{weights[name] / 1000:>8.0f}{queries[name]:>9}"
        )
    is_met = max(weights.values()) < GOAL_BYTES and max(queries.values()) <= GOAL_QUERIES
    print(
        f"at most {max(weights.values()) / 1000:.0f} kB and {max(queries.values())} queries, the goal is under "
        f"{GOAL_BYTES // 1000} kB and {GOAL_QUERIES} queries: {'met' if is_met else 'MISSED'}"
    )


def print_paint(chromium: str, session: str, ticket: Ticket, rounds: int) -> None:
    """The desk in a browser with an empty cache, from gunicorn as `make demo` starts it."""
    from soctrainer.supervisor import web_command

    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        site = Child("site", web_command(port), Path(folder) / "web.log")
        site.start()
        try:
            wait_for(port)
            address = f"http://127.0.0.1:{port}/tickets/{ticket.pk}/?tab=packet"
            _, *paints = measure_paints(chromium, address, session, rounds + 1)
        finally:
            site.stop()
    first, paint, weight = (
        median(getattr(each, name) for each in paints) for name in ("byte_ms", "paint_ms", "bytes")
    )
    worst = max(each.paint_ms for each in paints)
    print(f"\nfirst byte {first:.0f} ms, first paint {paint:.0f} ms (worst {worst:.0f}) in Chromium, median")
    print(f"{weight / 1000:.0f} kB with styles, scripts and icons, nothing cached")
    print(f"the goal is a first paint under {GOAL_MS} ms: {'met' if paint < GOAL_MS else 'MISSED'}")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_for(port: int) -> None:
    for _ in range(120):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=5):
                return
        except OSError:
            time.sleep(0.25)
    sys.exit("The site did not start.")


def fill(packets: int, lines: int) -> Ticket:
    """A ticket of ana's: a busy link, the events that an IDS wrote of another, an alert on the first connection."""
    from tests import factories as make
    from tickets.engine import EvidenceFile
    from tickets.tasks.evidence import store_bundle

    with tempfile.TemporaryDirectory() as folder:
        capture, log = Path(folder) / "capture.pcap", Path(folder) / "eve.json"
        # Conversations end when they end, so that a little less is written than asked for.
        write_capture(capture, packets + packets // 10, max(1, packets // 25))
        write_eve(log, lines)
        files = [
            EvidenceFile("capture.pcap", capture.read_bytes()),
            EvidenceFile("eve.json", log.read_bytes()),
        ]
    bundle = store_bundle(files, ["10.20.0.0/16 is ours."])
    said = bundle.records.filter(kind="packet", protocol="tcp", length__gt=0).order_by("number")[0]
    variant = make.make_variant(
        bundle=bundle,
        alert_src_ip=said.src_ip,
        alert_src_port=said.src_port,
        alert_dst_ip=said.dst_ip,
        alert_dst_port=said.dst_port,
    )
    ticket = make.make_ticket(variant=variant)
    make.make_worksheet(ticket, evidence=["capture.pcap:1", "eve.json:1"])
    return ticket


if __name__ == "__main__":
    main()
