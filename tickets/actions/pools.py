"""The variants of a scenario's version: which one a trainee gets, so that nobody meets the same evidence twice."""

from __future__ import annotations

from collections import Counter

from tickets.models import ScenarioVersion, ShiftArrival, Ticket, User, Variant
from tickets.tasks.variants import can_generate, generate_variant

# Neighbours in a class get different addresses, up to so many variants; then variants are shared.
POOL_SIZE = 12


class Pool:
    """The variants of a version, and how often each has been given out or is kept for a shift."""

    def __init__(self, version: ScenarioVersion, size: int | None = None) -> None:
        """Where an unmet variant is another's already, a new one is made while there are fewer than `size`
        (POOL_SIZE)."""
        self.version = version
        self.size = POOL_SIZE if size is None else size
        self.can_grow = can_generate(version)
        self.variants = list(version.variants.filter(state=Variant.State.PASSED))
        given = Ticket.objects.filter(variant__version=version).values_list("variant_id", "trainee_id")
        # Beside those that were handed out, and have their tickets.
        kept = ShiftArrival.objects.filter(variant__version=version).values_list("variant_id", "trainee_id")
        self.met = {*given, *kept}
        self.uses = Counter(variant for variant, _ in self.met)

    def room_for(self, trainee: User) -> int | None:
        """How many variants this trainee may still get; None for as many as are wanted."""
        return None if self.can_grow else len(self._unmet(trainee))

    def variant_for(self, trainee: User) -> Variant | None:
        """One that this trainee has not met, least used first; None when an upload's only one was met."""
        unmet = self._unmet(trainee)
        chosen = min(unmet, key=lambda variant: self.uses[variant.pk], default=None)
        is_used = chosen is None or self.uses[chosen.pk] > 0
        if self.can_grow and (chosen is None or (is_used and len(self.variants) < self.size)):
            chosen = generate_variant(self.version)
            self.variants.append(chosen)
        if chosen is not None:
            self.uses[chosen.pk] += 1
            self.met.add((chosen.pk, trainee.pk))
        return chosen

    def _unmet(self, trainee: User) -> list[Variant]:
        return [variant for variant in self.variants if (variant.pk, trainee.pk) not in self.met]
