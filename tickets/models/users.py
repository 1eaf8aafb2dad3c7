"""People. A user is a trainee or an instructor; what an instructor may see is decided by enrolment."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from .identity import one_of


class User(AbstractUser):
    class Role(models.TextChoices):
        TRAINEE = "trainee", _("trainee")
        INSTRUCTOR = "instructor", _("instructor")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.TRAINEE)

    class Meta(AbstractUser.Meta):
        constraints = [one_of("role", ["trainee", "instructor"], name="user_role_known")]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @property
    def is_instructor(self) -> bool:
        return self.is_active and (self.role == self.Role.INSTRUCTOR or self.is_superuser)
