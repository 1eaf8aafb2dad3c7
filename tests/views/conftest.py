"""The three people at their browsers, without a browser."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import factories as make
from tickets.models import User


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def ana(db: None) -> Client:
    return client_of(make.make_user("ana"))


@pytest.fixture
def zoe(db: None) -> Client:
    return client_of(make.make_user("zoe"))


@pytest.fixture
def ivo(db: None) -> Client:
    return client_of(make.make_instructor("ivo"))


@pytest.fixture
def nobody(db: None) -> Client:
    return Client()
