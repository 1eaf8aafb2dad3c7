"""Typed readers for environment variables, with errors that name the variable and what it may hold."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# FULL, not NORMAL: a submission that was answered for must survive a power cut. IMMEDIATE, since a
# transaction that reads before it writes would otherwise fail at once instead of waiting its turn.
SQLITE_OPTIONS: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000; PRAGMA foreign_keys=ON;"
    ),
}


def read_text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def read_choice(name: str, choices: tuple[str, ...], default: str) -> str:
    value = read_text(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}; it may be {', '.join(choices)}.")
    return value


def read_flag(name: str, default: bool = False) -> bool:
    value = read_text(name).lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    if value:
        raise ImproperlyConfigured(f"{name} is {value!r}; it may be 1 or 0.")
    return default


def read_number(name: str, default: int) -> int:
    value = read_text(name)
    if not value:
        return default
    if not value.isascii() or not value.isdigit():
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be a whole number.")
    return int(value)


def read_list(name: str) -> list[str]:
    """Values separated by commas; blanks around them do not count."""
    return [item.strip() for item in read_text(name).split(",") if item.strip()]


def read_database(name: str, default_file: Path) -> dict[str, Any]:
    """Django's settings for `postgresql://user:password@host:port/name?option=value` or `sqlite:///file`.

    Without the variable, SQLite in `default_file`. For a Unix socket PostgreSQL's host may be an
    escaped folder (`postgresql://user@%2Frun%2Fpostgresql/name`) or the option `host`.
    """
    url = read_text(name)
    if not url:
        return _sqlite(default_file)
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(Path(unquote(parts.path.removeprefix("/"))))
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} must begin with postgresql:// or sqlite:///.")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": options.pop("port", "") or str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 3, **options},
    }


def _sqlite(file: Path) -> dict[str, Any]:
    file.parent.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "OPTIONS": dict(SQLITE_OPTIONS),
        # A file, for in memory no second process (a Celery worker) could see it.
        "TEST": {"NAME": str(file.with_name(f"test-{file.name}"))},
    }
