"""Everything the site answers to, but the tickets' own pages (tickets/urls.py)."""

from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from soctrainer import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    # Browsers ask for it on pages that name no icon, the admin's among them. Lazy: its hashed name is known
    # only where static files have been collected, and commands must run before that.
    path("favicon.ico", RedirectView.as_view(url=lazy(static, str)("icon.svg"))),
    path("admin/", admin.site.urls),
    path("", include("tickets.urls")),
]
