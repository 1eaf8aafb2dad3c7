"""The web application for gunicorn and Django's own server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "soctrainer.settings")

application = get_wsgi_application()

from soctrainer.checks import refuse_unsafe_production  # noqa: E402 - needs the settings above

refuse_unsafe_production()
