"""Everything the site answers to, but the tickets' own pages (tickets/urls.py)."""

from django.contrib import admin
from django.urls import include, path

from soctrainer import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("", include("tickets.urls")),
]
