"""What a person meets at a terminal whose machine lacks something."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run(*command: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": path or os.environ["PATH"]}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def make_command(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def test_make_help_lists_the_targets_with_what_they_do() -> None:
    lines = run("make", "help").stdout.splitlines()
    assert all(len(line.split(maxsplit=2)) == 3 for line in lines)
    assert {"demo", "test", "check", "format", "clean"} <= {line.split()[1] for line in lines}


def test_without_a_python_new_enough_the_set_up_says_which_one_to_install(tmp_path: Path) -> None:
    make_command(tmp_path / "bin", "python3", "exit 1")
    result = run("/bin/sh", "scripts/make-venv.sh", str(tmp_path / "venv"), "uv", path=str(tmp_path / "bin"))
    assert result.returncode == 1
    assert "needs Python 3.11 or newer" in result.stderr
    assert "apt-get install python3 python3-venv" in result.stderr


def test_without_the_venv_module_the_set_up_says_which_package_to_install(tmp_path: Path) -> None:
    make_command(tmp_path / "bin", "python3", 'case "$2" in *ensurepip*) exit 1;; esac')
    result = run("/bin/sh", "scripts/make-venv.sh", str(tmp_path / "venv"), "uv", path=str(tmp_path / "bin"))
    assert result.returncode == 1
    assert "apt-get install python3-venv" in result.stderr
    assert not (tmp_path / "venv").exists()


def test_packages_that_cannot_be_had_give_a_sentence_and_a_failure(tmp_path: Path) -> None:
    make_command(tmp_path / "bin", "python", "exit 1")
    make_command(tmp_path / "bin", "uv", "echo no route to the index >&2; exit 2")
    result = run("sh", "scripts/install.sh", str(tmp_path), "requirements.lock")
    assert result.returncode == 1
    assert "The packages could not be installed." in result.stderr
    assert "no route to the index" in result.stderr


def test_pip_installs_where_uv_finds_no_way(tmp_path: Path) -> None:
    make_command(tmp_path / "bin", "python", f'echo "$@" > {tmp_path}/asked')
    make_command(tmp_path / "bin", "uv", "exit 2")
    result = run("sh", "scripts/install.sh", str(tmp_path), "requirements.lock")
    assert result.returncode == 0
    assert (tmp_path / "asked").read_text().split()[-3:] == ["--require-hashes", "-r", "requirements.lock"]
