"""A way to look at the queue that somebody has given a name: filters and order, kept as a query string."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from .identity import Identified


class SavedView(Identified):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=700)
    # The one that the queue opens with; without one, what the product opens with.
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="one_saved_view_per_name"),
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(is_default=True), name="one_default_view_per_user"
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="a_saved_view_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
