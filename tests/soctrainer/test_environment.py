from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from soctrainer.environment import (
    SQLITE_OPTIONS,
    read_choice,
    read_database,
    read_flag,
    read_list,
    read_number,
)


def test_without_a_database_url_the_records_lie_in_a_file_that_waits_for_its_turn(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    database = read_database("DATABASE_URL", tmp_path / "var" / "db.sqlite3")
    assert database["NAME"] == str(tmp_path / "var" / "db.sqlite3")
    assert database["OPTIONS"] == SQLITE_OPTIONS
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert (tmp_path / "var").is_dir()


def test_a_postgresql_url_is_taken_apart_with_its_escapes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://soc:p%40ss@192.0.2.7:5433/soc?sslmode=require")
    database = read_database("DATABASE_URL", tmp_path / "unused")
    keys = ("USER", "PASSWORD", "HOST", "PORT", "NAME")
    assert [database[key] for key in keys] == ["soc", "p@ss", "192.0.2.7", "5433", "soc"]
    assert database["OPTIONS"] == {"connect_timeout": 3, "sslmode": "require"}
    assert database["CONN_MAX_AGE"] == 60
    assert database["CONN_HEALTH_CHECKS"] is True


@pytest.mark.parametrize("tail", ["@%2Frun%2Fpg/soc", "@/soc?host=/run/pg"])
def test_a_unix_socket_is_a_host_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tail: str) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://soc{tail}")
    assert read_database("DATABASE_URL", tmp_path / "unused")["HOST"] == "/run/pg"


def test_a_database_of_an_unknown_kind_is_refused_by_the_variables_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://soc@192.0.2.7/soc")
    with pytest.raises(
        ImproperlyConfigured, match="DATABASE_URL must begin with postgresql:// or sqlite:///"
    ):
        read_database("DATABASE_URL", tmp_path / "unused")


@pytest.mark.parametrize(("text", "value"), [("1", True), ("Yes", True), ("off", False), ("", False)])
def test_a_flag_reads_as_people_write_it(monkeypatch: pytest.MonkeyPatch, text: str, value: bool) -> None:
    monkeypatch.setenv("SOCTRAINER_DEMO", text)
    assert read_flag("SOCTRAINER_DEMO") is value


def test_a_value_that_cannot_be_read_is_told_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOCTRAINER_DEMO", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="SOCTRAINER_DEMO is 'perhaps'; it may be 1 or 0"):
        read_flag("SOCTRAINER_DEMO")
    monkeypatch.setenv("SOCTRAINER_UPLOAD_MAX_MIB", "25 MiB")
    with pytest.raises(ImproperlyConfigured, match="must be a whole number"):
        read_number("SOCTRAINER_UPLOAD_MAX_MIB", 25)
    monkeypatch.setenv("SOCTRAINER_ENV", "staging")
    with pytest.raises(ImproperlyConfigured, match="it may be production, demo, test"):
        read_choice("SOCTRAINER_ENV", ("production", "demo", "test"), "production")


def test_a_list_forgives_blanks_and_a_last_comma(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOCTRAINER_HOSTS", " soc.example , 192.0.2.7,")
    assert read_list("SOCTRAINER_HOSTS") == ["soc.example", "192.0.2.7"]
