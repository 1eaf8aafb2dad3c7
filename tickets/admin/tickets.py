"""Tickets: who works which variant."""

from django.contrib import admin

from tickets.models import Ticket

from .base import TrainerAdmin


@admin.register(Ticket)
class TicketAdmin(TrainerAdmin[Ticket]):
    list_display = ("code", "trainee", "scenario", "assignment", "alert", "created_at", "opened_at")
    list_filter = (("item__assignment__cohort", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("trainee", "item__assignment__cohort", "variant__version")
    search_fields = (
        "code",
        "trainee__username",
        "trainee__last_name",
        "variant__version__title",
        "item__assignment__title",
    )
    date_hierarchy = "created_at"
    fields = (
        "code",
        "trainee",
        "item",
        "variant",
        "attempt",
        "created_at",
        "opened_at",
        "voided_at",
        "void_reason",
    )

    @admin.display(description="scenario")
    def scenario(self, ticket: Ticket) -> str:
        return ticket.variant.version.title

    @admin.display(description="assignment")
    def assignment(self, ticket: Ticket) -> str:
        return f"{ticket.item.assignment} ({ticket.item.assignment.cohort})"

    @admin.display(description="alert")
    def alert(self, ticket: Ticket) -> str:
        return ticket.variant.alert_line
