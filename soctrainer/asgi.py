"""The web application for an ASGI server (uvicorn, hypercorn), as `wsgi.py` is for gunicorn."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "soctrainer.settings")

application = get_asgi_application()

from soctrainer.checks import refuse_unsafe_production  # noqa: E402 - needs the settings above

refuse_unsafe_production()
