"""All settings, in one file. What differs between machines comes from the environment.

| variable | meaning |
|---|---|
| SOCTRAINER_ENV | `production` (the default), `demo` or `test` |
| SOCTRAINER_DEMO | 1: demo accounts, and the log-in page says so; refused in production |
| SOCTRAINER_VAR | folder for the database, evidence and logs; `var/` beside manage.py |
| SOCTRAINER_SECRET_KEY | at least 50 random characters; production does not start without |
| SOCTRAINER_SECRET_KEY_FALLBACKS | older keys, separated by commas |
| SOCTRAINER_HOSTS | host names the site answers to, separated by commas |
| SOCTRAINER_HTTPS | 0 only where production really is plain HTTP on a closed network |
| SOCTRAINER_UPLOAD_MAX_MIB | largest uploaded file, 25 |
| SOCTRAINER_UPLOAD_QUOTA_MIB | what one instructor's uploads may hold together, 500 |
| SOCTRAINER_UPLOAD_QUOTA_FILES | and how many files they may be, 200 |
| SOCTRAINER_LOG_LEVEL | INFO |
| DATABASE_URL | `postgresql://...`; without it SQLite in SOCTRAINER_VAR |
| REDIS_URL | Celery's broker; `filesystem://` needs no server |
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import django_stubs_ext
from csp.constants import NONE, SELF

from soctrainer.environment import (
    read_choice,
    read_database,
    read_flag,
    read_list,
    read_number,
    read_text,
)

# Generic classes of Django's (ModelForm[...], ModelAdmin[...]) take their parameter at run time too.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(read_text("SOCTRAINER_VAR", str(BASE_DIR / "var")))

ENVIRONMENT = read_choice("SOCTRAINER_ENV", ("production", "demo", "test"), "production")
IN_PRODUCTION = ENVIRONMENT == "production"
DEMO_MODE = read_flag("SOCTRAINER_DEMO", default=ENVIRONMENT == "demo")
DEBUG = read_flag("SOCTRAINER_DEBUG")

INSECURE_SECRET_KEY = "insecure-key-for-demo-and-tests-production-refuses-to-start-with-it"  # noqa: S105
SECRET_KEY = read_text("SOCTRAINER_SECRET_KEY", INSECURE_SECRET_KEY)
SECRET_KEY_FALLBACKS = read_list("SOCTRAINER_SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = read_list("SOCTRAINER_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = read_list("SOCTRAINER_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "whitenoise.runserver_nostatic",
    "soctrainer.apps.TrainerAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    "template_partials",
    "soctrainer.apps.SocTrainerConfig",
    "tickets",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Outside everything that writes into a page, inside what serves static files, which are packed once and kept.
    "soctrainer.middleware.PagesPacked",
    "csp.middleware.CSPMiddleware",
    "soctrainer.middleware.resource_policy",
    "soctrainer.middleware.no_store",
    "soctrainer.middleware.fetch_metadata",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "soctrainer.middleware.session_lifetime",
    "django.middleware.common.CommonMiddleware",
    # Within the one that counts the bytes.
    "soctrainer.middleware.nothing_hidden",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "soctrainer.middleware.htmx_session_expired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Last, as axes asks: it answers for a locked-out log-in.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "soctrainer.urls"
WSGI_APPLICATION = "soctrainer.wsgi.application"
APPEND_SLASH = True

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            # Nearly every template has words, and all words are marked.
            "builtins": ["django.templatetags.i18n"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "soctrainer.context.site",
            ],
        },
    }
]

# -- Records -----------------------------------------------------------------------------------

DATABASES = {"default": read_database("DATABASE_URL", VAR_DIR / "db.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
EVIDENCE_ROOT = VAR_DIR / "evidence"

# -- People ------------------------------------------------------------------------------------

AUTH_USER_MODEL = "tickets.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_URL = "/accounts/login/"
CSRF_FAILURE_VIEW = "tickets.views.ended_sessions.csrf_failed"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "/accounts/login/"

# By name and address together: a whole class sits behind one address, and must not lock itself out.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_VERBOSE = False

# -- Sessions and transport --------------------------------------------------------------------

USES_HTTPS = read_flag("SOCTRAINER_HTTPS", default=IN_PRODUCTION)
# In the database: a flushed Redis must not log a class out.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 3600
SESSION_ABSOLUTE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = USES_HTTPS
SESSION_COOKIE_NAME = "__Host-sessionid" if USES_HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if USES_HTTPS else "csrftoken"
SECURE_SSL_REDIRECT = USES_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if USES_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = USES_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if USES_HTTPS else None
# A probe from the same machine speaks plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}

# -- Uploads -----------------------------------------------------------------------------------

# Django has no limit of its own for files: DATA_UPLOAD_MAX_MEMORY_SIZE leaves them out.
UPLOAD_MAX_BYTES = read_number("SOCTRAINER_UPLOAD_MAX_MIB", 25) * 1024 * 1024
UPLOAD_QUOTA_BYTES = read_number("SOCTRAINER_UPLOAD_QUOTA_MIB", 500) * 1024 * 1024
UPLOAD_QUOTA_FILES = read_number("SOCTRAINER_UPLOAD_QUOTA_FILES", 200)
FILE_UPLOAD_HANDLERS = ["soctrainer.uploads.CappedUploadHandler"]
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 10

# -- Background work ---------------------------------------------------------------------------
# The database is the queue; a message only wakes a worker (docs/decisions). So a lost message costs
# nothing, and no setting below has to promise delivery.

CELERY_BROKER_URL = read_text("REDIS_URL", "redis://127.0.0.1:6379/0")
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_ACKS_LATE = True
# True would run a job that kills its process for ever: Redis never marks a message as redelivered.
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_ACKS_ON_FAILURE_OR_TIMEOUT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 45, 60
CELERY_TASK_ANNOTATIONS = {
    name: {"soft_time_limit": 90, "time_limit": 120}
    for name in (
        "tickets.tasks.drain_evidence",
        "tickets.tasks.drain_pools",
        "tickets.tasks.drain_regradings",
    )
}
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000  # KiB
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_TIMEOUT = 4
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30.0
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "grade"
CELERY_TASK_ROUTES = {
    "tickets.tasks.drain_grading": {"queue": "grade"},
    # Short work that must not wait behind an upload.
    "tickets.tasks.run_shifts": {"queue": "grade"},
    "tickets.tasks.hand_in_drafts": {"queue": "grade"},
    "tickets.tasks.drain_evidence": {"queue": "evidence"},
    "tickets.tasks.drain_pools": {"queue": "evidence"},
    "tickets.tasks.drain_regradings": {"queue": "evidence"},
    "tickets.tasks.sweep": {"queue": "evidence"},
}
CELERY_BEAT_SCHEDULE = {
    "shifts": {"task": "tickets.tasks.run_shifts", "schedule": 2.0, "options": {"expires": 2}},
    "deadlines": {"task": "tickets.tasks.hand_in_drafts", "schedule": 2.0, "options": {"expires": 2}},
    "sweep": {"task": "tickets.tasks.sweep", "schedule": 30.0, "options": {"expires": 25}},
}
CELERY_TIMEZONE = "UTC"
# Read by Celery's Django fixup through app.conf: without it every task opens a database connection.
CELERY_DB_REUSE_MAX = 100

_BROKER_FOLDER = VAR_DIR / "broker"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {
        "data_folder_in": str(_BROKER_FOLDER / "messages"),
        "data_folder_out": str(_BROKER_FOLDER / "messages"),
        "control_folder": str(_BROKER_FOLDER / "control"),
        "polling_interval": 0.1,
    }
    if CELERY_BROKER_URL.startswith("filesystem:")
    else {
        "visibility_timeout": 300,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        # By default none: a broker that stops answering would hold its caller for ever.
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "socket_keepalive": True,
        "health_check_interval": 5,
        "max_connections": 20,
    }
)

# -- Language and time -------------------------------------------------------------------------

# Every string is marked for translation, and English is what they are written in. With one language nothing is to
# be chosen, so there is no LocaleMiddleware: it would put `Vary: Accept-Language` on every page for nothing. The
# second language brings its catalogue in locale/, its line below, and the middleware behind the sessions.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# -- Static files ------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static" if IN_PRODUCTION else None
# The demo and the tests serve the source files, so nothing has to be collected first.
WHITENOISE_USE_FINDERS = not IN_PRODUCTION
WHITENOISE_AUTOREFRESH = ENVIRONMENT == "test"
WHITENOISE_MAX_AGE = 60 if IN_PRODUCTION else 0
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IN_PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# -- Log ---------------------------------------------------------------------------------------

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "soctrainer.logs.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": read_text("SOCTRAINER_LOG_LEVEL", "INFO")},
    "loggers": {
        # Django mails errors and prints its own lines by default: one way out is enough.
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        # Its lines at INFO tell of every log-in; what matters, a lock-out, is a warning.
        "axes": {"level": "WARNING"},
    },
}

if ENVIRONMENT == "test":
    # One round instead of a million: tests log in often, and the hash is Django's to test.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
