"""`manage.py regrade`."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from tests.regrading import OLD_ENGINE, make_class, shown_grade
from tests.tasks.test_errata import correct, make_work
from tickets.engine import ENGINE_VERSION
from tickets.models import Notice, Regrading

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]


def test_a_dry_run_prints_who_falls_and_why_and_changes_no_mark(capsys: pytest.CaptureFixture[str]) -> None:
    _, umas = make_class()
    call_command("regrade", "--all", "--dry-run")
    printed = capsys.readouterr().out
    assert f"{umas.code} uma: marks fall" in printed
    assert "(benign) -> " in printed
    assert "(false_positive). Something else is expected." in printed
    assert "1 marks fall, 1 marks rise" in printed
    assert shown_grade(umas).engine_version == OLD_ENGINE
    assert Regrading.objects.get().state == "computed"


def test_each_criterion_is_counted_over_all_tickets(capsys: pytest.CaptureFixture[str]) -> None:
    make_class()
    call_command("regrade", "seed-ticket", "--dry-run")
    rows = {line[:28].strip(): line[28:].split() for line in capsys.readouterr().out.splitlines()}
    assert rows["Disposition"] == ["2", "1", "0", "1"]
    assert rows["Reason code"] == ["2", "1", "1", "0"]
    assert rows["Protocol"] == ["2", "0", "0", "0"]


def test_applying_without_the_word_that_marks_may_fall_is_refused() -> None:
    _, umas = make_class()
    with pytest.raises(CommandError, match="would fall"):
        call_command("regrade", "--all", "--apply")
    assert shown_grade(umas).engine_version == OLD_ENGINE
    call_command("regrade", "--all", "--apply", "--marks-may-fall", "--reason", "A better engine.")
    assert shown_grade(umas).engine_version == ENGINE_VERSION
    assert Notice.objects.get(ticket=umas).text.startswith("A better engine. Your marks fell")


def test_a_later_version_corrects_the_work_on_the_earlier_ones(capsys: pytest.CaptureFixture[str]) -> None:
    ticket = make_work()
    correct(ticket.variant.version)
    call_command("regrade", ticket.variant.version.scenario.slug, "--by-version", "2", "--apply")
    assert "Applied." in capsys.readouterr().out
    assert shown_grade(ticket).criteria.get(criterion="disposition").result == "correct"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--dry-run"],
        ["--all"],
        ["no-such-scenario", "--dry-run"],
        ["seed-ticket", "--dry-run", "--by-version", "9"],
        ["--all", "--dry-run", "--by-version", "2"],
        ["--all", "--dry-run", "--apply"],
    ],
)
def test_what_cannot_be_meant_is_refused(arguments: list[str]) -> None:
    make_class()
    with pytest.raises(CommandError):
        call_command("regrade", *arguments)
    assert not Regrading.objects.exists()
