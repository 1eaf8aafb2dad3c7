"""The pages of the tickets app."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
