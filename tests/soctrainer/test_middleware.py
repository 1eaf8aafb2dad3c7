from __future__ import annotations

import gzip
import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.test import Client
from django.urls import include, path
from django.utils import timezone

from tests import factories as make
from tests.factories import make_user
from tests.views.conftest import client_of


@login_required
def desk(request: HttpRequest) -> HttpResponse:
    return HttpResponse("the desk")


def elsewhere(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect("/desk/")


NAME = "Ana \x1b[31m\u202eexe.gnp\u200b" + "e" + "\u0301" * 9


def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f'<p>{NAME}\r\n</p><input value="{NAME}"><textarea rows="2">{NAME}</textarea>')


def text(request: HttpRequest) -> HttpResponse:
    return HttpResponse(NAME, content_type="text/csv")


urlpatterns = [
    path("form/", form),
    path("text/", text),
    path("desk/", desk),
    path("elsewhere/", elsewhere),
    path("", include("soctrainer.urls")),
]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def test_anonymous_htmx_gets_401_and_an_event_where_a_browser_is_sent_to_the_log_in(client: Client) -> None:
    page = client.get("/desk/")
    assert page.status_code == 302
    assert page["Location"].startswith("/accounts/login/")
    fragment = client.get("/desk/", headers={"HX-Request": "true"})
    assert fragment.status_code == 401
    assert fragment["HX-Trigger"] == "session-expired"
    assert "Location" not in fragment


def test_htmx_of_ana_who_is_logged_in_and_other_redirects_are_left_alone(client: Client) -> None:
    assert client.get("/elsewhere/", headers={"HX-Request": "true"}).status_code == 302
    client.force_login(make_user("ana"))
    assert client.get("/desk/", headers={"HX-Request": "true"}).content == b"the desk"


def test_a_page_is_kept_by_no_cache_and_embedded_by_no_other_site(client: Client) -> None:
    client.force_login(make_user("ana"))
    answer = client.get("/desk/")
    assert answer["Cache-Control"] == "no-store, private"
    assert "HX-Request" in answer["Vary"]
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_a_post_that_the_browser_says_another_site_sent_is_refused(client: Client) -> None:
    assert client.post("/elsewhere/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post("/elsewhere/", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 302
    assert client.get("/elsewhere/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 302


def test_a_session_lasts_while_it_is_used_but_never_longer_than_twelve_hours(client: Client) -> None:
    client.force_login(make_user("ana"))
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        for _ in range(17):
            assert client.get("/desk/").status_code == 200
            clock.shift(timedelta(minutes=42))
        assert timezone.now() - start < timedelta(hours=12)
        assert client.get("/desk/").status_code == 200
        clock.shift(timedelta(minutes=42))
        assert client.get("/desk/").status_code == 302


def test_a_session_that_nobody_uses_ends_after_an_hour(client: Client) -> None:
    client.force_login(make_user("ana"))
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        assert client.get("/desk/").status_code == 200
        clock.shift(timedelta(minutes=61))
        assert client.get("/desk/").status_code == 302


def test_eight_wrong_passwords_lock_one_name_and_not_the_class_behind_the_same_address() -> None:
    for name in ("ana", "zoe"):
        user = make_user(name)
        user.set_password(f"right for {name}")
        user.save()

    def log_in(name: str, password: str) -> int:
        form = {"username": name, "password": password}
        return Client().post("/accounts/login/", form).status_code

    for _ in range(8):
        log_in("ana", "wrong")
    assert log_in("ana", "right for ana") == 429
    assert log_in("zoe", "right for zoe") == 302


def test_nothing_hides_in_a_page_and_what_was_typed_comes_back_as_it_was(client: Client) -> None:
    response = client.get("/form/")
    shown, _, fields = response.content.decode().partition("</p>")
    spelled = "Ana \\x1b[31mU+202Eexe.gnpU+200Be" + "\u0301" * 3 + "U+0301" * 6
    assert shown == f"<p>{spelled}\r\n"
    assert fields == f'<input value="{NAME}"><textarea rows="2">{NAME}</textarea>'
    assert int(response.headers["Content-Length"]) == len(response.content)
    assert client.get("/text/").content.decode() == NAME


# -- Packing -------------------------------------------------------------------------------------


def test_a_page_is_packed_for_whoever_takes_it_and_reads_the_same() -> None:
    ticket = make.make_ticket()
    client = client_of(ticket.trainee)
    plain = client.get(f"/tickets/{ticket.pk}/")
    packed = client.get(f"/tickets/{ticket.pk}/", headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.content) * 3 < len(plain.content)
    assert int(packed.headers["Content-Length"]) == len(packed.content)
    assert b'id="worksheet"' in gzip.decompress(packed.content)
    assert all("Accept-Encoding" in answer.headers["Vary"] for answer in (plain, packed))


def test_the_packed_length_of_a_page_varies_and_so_does_its_token() -> None:
    client = client_of(make.make_user())
    pages = [client.get("/glossary/", headers={"Accept-Encoding": "gzip"}).content for _ in range(12)]
    assert len({len(page) for page in pages}) > 3
    tokens = {re.search(rb'csrfmiddlewaretoken" value="(\w+)"', gzip.decompress(page)) for page in pages}
    assert len({token[1] for token in tokens if token}) == len(pages)


def test_evidence_is_sent_as_it_is() -> None:
    ticket = make.make_ticket()
    file = ticket.variant.bundle.files.get(name="capture.pcap")
    answer = client_of(ticket.trainee).get(
        f"/tickets/{ticket.pk}/files/{file.pk}/", headers={"Accept-Encoding": "gzip"}
    )
    assert "Content-Encoding" not in answer.headers
    assert answer.content == bytes(file.data)
