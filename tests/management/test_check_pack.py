"""`manage.py check_pack`: the shipped files are without mistakes, and a file with some is told and refused."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

SCENARIOS = Path(__file__).parents[2] / "fixtures" / "scenarios"


def check(*paths: Path) -> list[str]:
    out = StringIO()
    try:
        call_command("check_pack", *paths, stdout=out)
    except CommandError as error:
        return [*out.getvalue().splitlines(), f"status {error.returncode}"]
    return out.getvalue().splitlines()


def test_the_shipped_files_have_no_mistakes() -> None:
    assert check() == [f"{len(list(SCENARIOS.glob('*.yaml')))} files, 0 mistakes"]


def test_all_mistakes_of_a_folder_are_told_with_file_and_line(tmp_path: Path) -> None:
    text = (SCENARIOS / "T001.yaml").read_text(encoding="utf-8")
    (tmp_path / "a.yaml").write_text(text.replace("schema: 1", "schema: 2"), encoding="utf-8")
    (tmp_path / "b.yaml").write_bytes(b"\xff")
    told = check(tmp_path, tmp_path / "none.yaml")
    assert sorted(told[:-2]) == [
        f"{tmp_path}/a.yaml:1: schema: This is read by schema 1, not 2.",
        f"{tmp_path}/b.yaml:1: Byte 1 is not UTF-8 text.",
        f"{tmp_path}/none.yaml:1: No such file or directory.",
    ]
    assert told[-2:] == ["3 files, 3 mistakes", "status 1"]


def test_a_folder_without_scenario_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="there is no scenario file"):
        call_command("check_pack", tmp_path)
