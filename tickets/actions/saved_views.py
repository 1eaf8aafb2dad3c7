"""Keeping ways to look at the queue: everybody's own, and one of them may be what the queue opens with."""

from __future__ import annotations

from django.db import transaction

from tickets.models import SavedView, User

MOST_VIEWS = 20


class TooManyViewsError(Exception):
    """There is no room for another view until one is removed."""


@transaction.atomic
def save_view(user: User, name: str, query: str, *, is_default: bool = False) -> SavedView:
    """Keep `query` under `name`; a view of that name is replaced. Raises TooManyViewsError beyond MOST_VIEWS."""
    User.objects.select_for_update().get(pk=user.pk)
    others = user.saved_views.exclude(name=name)
    if others.count() >= MOST_VIEWS:
        raise TooManyViewsError
    if is_default:
        others.update(is_default=False)
    found, _ = SavedView.objects.update_or_create(
        user=user, name=name, defaults={"query": query, "is_default": is_default}
    )
    return found


@transaction.atomic
def set_default_view(view: SavedView, *, is_default: bool) -> None:
    """Let the queue open with this view, or no longer."""
    User.objects.select_for_update().get(pk=view.user_id)
    SavedView.objects.filter(user=view.user_id).update(is_default=False)
    if is_default:
        SavedView.objects.filter(pk=view.pk).update(is_default=True)


def remove_view(view: SavedView) -> None:
    view.delete()
