"""Production is the default, and does not start with what only a demo may have."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
GOOD_KEY = "k3y-for-this-test-alone-" + "0123456789abcdefghijklmnopqrstuvwxyz"
DEMO = {"SOCTRAINER_SECRET_KEY": GOOD_KEY, "SOCTRAINER_DEMO": "1"}
DEBUG = {"SOCTRAINER_SECRET_KEY": GOOD_KEY, "SOCTRAINER_DEBUG": "1"}
SHORT = {"SOCTRAINER_SECRET_KEY": "short"}


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The interpreter in an environment without any of our variables but those given."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SOCTRAINER_", "DJANGO_", "DATABASE_URL", "REDIS_URL"))
    }
    var = {"SOCTRAINER_VAR": os.environ["SOCTRAINER_VAR"], "SOCTRAINER_HOSTS": "soc.example"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=inherited | var | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("environment", "fault"),
    [(DEMO, "E001"), (DEBUG, "E002"), ({}, "E003"), (SHORT, "E004")],
    ids=["demo mode", "debug", "no key", "short key"],
)
@pytest.mark.parametrize("gateway", ["wsgi", "asgi"])
def test_the_web_server_refuses_to_start(environment: dict[str, str], fault: str, gateway: str) -> None:
    result = run("-c", f"import soctrainer.{gateway}", **environment)
    assert result.returncode != 0
    assert f"SOC Trainer does not start in production. [soctrainer.{fault}]" in result.stderr


def test_a_worker_refuses_to_start_in_demo_mode() -> None:
    result = run("-m", "celery", "-A", "soctrainer", "worker", **DEMO)
    assert result.returncode != 0
    assert "[soctrainer.E001]" in result.stderr


def test_the_deployment_check_names_every_fault_at_once() -> None:
    result = run("manage.py", "check", "--deploy", SOCTRAINER_DEMO="1", SOCTRAINER_DEBUG="1")
    assert result.returncode != 0
    for fault in ("soctrainer.E001", "soctrainer.E002", "soctrainer.E003"):
        assert fault in result.stderr


def test_production_as_it_should_be_passes_djangos_deployment_check_without_a_warning() -> None:
    result = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", SOCTRAINER_SECRET_KEY=GOOD_KEY)
    assert result.returncode == 0, result.stderr
    for gateway in ("wsgi", "asgi"):
        assert run("-c", f"import soctrainer.{gateway}", SOCTRAINER_SECRET_KEY=GOOD_KEY).returncode == 0


def test_static_files_can_be_collected_with_hashed_names(tmp_path: Path) -> None:
    result = run(
        *("manage.py", "collectstatic", "--no-input", "-v", "0"),
        SOCTRAINER_SECRET_KEY=GOOD_KEY,
        SOCTRAINER_VAR=str(tmp_path),
    )
    assert result.returncode == 0, result.stderr
    assert list((tmp_path / "static").glob("icon.*.svg"))
