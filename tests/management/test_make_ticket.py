from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests import factories as make
from tests.conftest import database_url
from tests.tasks.test_uploads import ALERT_LINE, CONTEXT, eve_line
from tickets.management.commands import make_ticket
from tickets.models import Scenario, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "beacon.pcap").write_bytes(make.make_capture())
    (tmp_path / "rule.txt").write_text(make.RULE_TEXT)
    (tmp_path / "context.yaml").write_text(CONTEXT)
    (tmp_path / "alerts.json").write_bytes(eve_line())
    make.make_cohort("Spring class", trainees=[make.make_user("ana")])
    return tmp_path


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("make_ticket", *map(str, arguments), "--cohort", "Spring class", stdout=out)
    return out.getvalue()


def refused(*arguments: object) -> str:
    with pytest.raises(CommandError) as told:
        run(*arguments)
    assert not Scenario.objects.exists()
    return str(told.value)


def test_a_capture_becomes_a_ticket_and_the_verdict_is_told_claim_by_claim(folder: Path) -> None:
    told = run(
        folder / "beacon.pcap",
        *("--alert", ALERT_LINE),
        *("--rule", folder / "rule.txt"),
        *("--context", folder / "context.yaml"),
    )
    ticket = Ticket.objects.get(trainee__username="ana")
    assert f"ticket {ticket.code} for ana: /tickets/{ticket.pk}/" in told
    assert "Who opened it: 10.20.30.40:3932 opened it to 203.0.113.80:80" in told
    assert "[capture.pcap:1" in told
    assert "Alert reversed: yes" in told
    assert "Disposition: false positive (FP1)" in told
    assert "Every field is settled" in told


def test_an_eve_file_stands_in_for_alert_and_rule_and_what_is_not_graded_is_told(folder: Path) -> None:
    told = run(folder / "beacon.pcap", folder / "alerts.json")
    assert "Alert reversed: yes" in told
    assert "not graded: intent." in told
    assert "not graded: disposition." in told


def test_the_files_own_name_is_not_told_to_trainees(folder: Path) -> None:
    run(folder / "beacon.pcap", "--alert", ALERT_LINE)
    names = Ticket.objects.get().variant.bundle.files.values_list("name", flat=True)
    assert list(names) == ["capture.pcap"]


def test_a_file_that_is_not_there_is_named(folder: Path) -> None:
    assert refused(folder / "none.pcap", "--alert", ALERT_LINE).endswith(
        "none.pcap: No such file or directory."
    )


def test_an_empty_file_is_named(folder: Path) -> None:
    (folder / "empty.pcap").touch()
    assert "empty.pcap" in refused(folder / "empty.pcap", "--alert", ALERT_LINE)


def test_a_file_that_the_database_cannot_hold_is_refused_with_its_limit(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make_ticket, "MAX_FILE_BYTES", 2 * 1024 * 1024)
    with (folder / "large.pcap").open("wb") as file:
        file.truncate(300 * 1024 * 1024)
    assert "300 MiB; a ticket's file may hold 2 MiB" in refused(folder / "large.pcap", "--alert", ALERT_LINE)


def test_a_rule_that_cannot_be_read_says_where(folder: Path) -> None:
    (folder / "rule.txt").write_text('alert tcp any any to any any (msg:"x"; sid:1;)')
    assert "column" in refused(folder / "beacon.pcap", "--alert", ALERT_LINE, "--rule", folder / "rule.txt")


def test_a_context_that_cannot_be_read_says_its_line(folder: Path) -> None:
    (folder / "context.yaml").write_text("notes:\n  - one\ninputs:\n  mal: perhaps\n")
    told = refused(folder / "beacon.pcap", "--alert", ALERT_LINE, "--context", folder / "context.yaml")
    assert "line 4" in told


def test_an_unknown_cohort_is_told_with_those_that_are_known(folder: Path) -> None:
    with pytest.raises(CommandError, match=r"no cohort 'Autumn'\. Cohorts: Spring class\."):
        call_command("make_ticket", str(folder / "beacon.pcap"), "--cohort", "Autumn")


def test_the_command_itself_ends_with_one_and_no_traceback(transactional_db: None, tmp_path: Path) -> None:
    make.make_cohort("Spring class")
    (tmp_path / "text.pcap").write_text("no capture at all")
    done = subprocess.run(
        [sys.executable, "manage.py", "make_ticket", str(tmp_path / "text.pcap"), "--cohort", "Spring class"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": database_url()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "text.pcap: " in done.stderr
