"""The rubric: weights, root causes, and how much of each criterion an answer earns.

One mistake costs once. Who opened the conversation fills five fields, so where the endpoint answers
are only the consequence of one mistake, the group loses at most 60 % of its points and never less
than the mistake itself:

* `reversed` is wrong and every endpoint given is the truth swapped: the endpoints follow from it.
* `reversed` is right and yet every endpoint given is swapped: the trainee saw the direction and wrote
  it into the wrong fields. `originator_ip` is the mistake, the other three follow; it still counts as
  naming the wrong initiator.

A blank follows from nothing. The disposition never gets follow-through: a wrong one has its
consequences whatever the reason (method.md, 4.3 Scoring)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from enum import StrEnum

from tickets.engine import DISPOSITION_OF, Claim, Disposition, ReasonCode
from tickets.grading.accepted import Accepted
from tickets.grading.answers import Answers
from tickets.grading.criteria import Criterion
from tickets.grading.given import given_answer
from tickets.grading.key import Key

ENDPOINTS = (
    Criterion.ORIGINATOR_IP,
    Criterion.ORIGINATOR_PORT,
    Criterion.RESPONDER_IP,
    Criterion.RESPONDER_PORT,
)
DIRECTION = (Criterion.REVERSED, *ENDPOINTS)

GROUP_LOSS = Decimal("0.6")  # of a root-cause group's points, for one mistake
WRONG_INITIATOR_CAP = Decimal("0.5")
OVER_ESCALATION = Decimal("0.5")
TRANSLATED_SHARE = Decimal("0.5")
MAX_PINS = 12

CENT = Decimal("0.01")
FULL = Decimal(1)
NOTHING = Decimal(0)

HARMLESS = frozenset({Disposition.BENIGN, Disposition.FALSE_POSITIVE})


class Note(StrEnum):
    """Why an answer earns what it earns, where right and wrong do not say it; the feedback words it."""

    FOLLOWS = "follows"
    TRANSLATED = "translated"  # the originator's address beyond a translation
    LISTED = "listed"  # the scenario lists this code with a share and a reason
    CAPPED = "capped"  # right verdict, wrong initiator
    MISSED_INCIDENT = "missed_incident"
    OVER_ESCALATION = "over_escalation"
    TOO_MANY_PINS = "too_many_pins"
    PIN_AGAINST_ANSWER = "pin_against_answer"
    UNCITED = "uncited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """What one answer earns: `share` of the criterion's points (0 to 1) and why.

    `follows` is the criterion whose mistake this one follows from; `listed` the scenario's own word on
    the code given; `uncited` the claims that no pin proves."""

    share: Decimal
    notes: tuple[Note, ...] = ()
    follows: Criterion | None = None
    listed: Accepted | None = None
    uncited: tuple[Claim, ...] = ()


def max_points(key: Key, criterion: Criterion) -> Decimal:
    """The points a criterion carries in this variant; 0 where it is not marked.

    Evidence is worth one half for each of its two claims, of which only one may be provable."""
    if not key.is_marked(criterion):
        return NOTHING
    if criterion is Criterion.EVIDENCE:
        return key.weights.fields[criterion] * len(key.proofs) / 2
    return key.weights.fields[criterion]


def points_for(credit: Credit, maximum: Decimal) -> Decimal:
    """The points in hundredths. What follows is rounded up, so that rounding never breaks the 60 % promise."""
    rounding = ROUND_CEILING if credit.follows is not None else ROUND_HALF_UP
    return (credit.share * maximum).quantize(CENT, rounding=rounding)


def credit_answers(answers: Answers, key: Key) -> dict[Criterion, Credit]:
    """What each marked criterion's answer earns, in the rubric's order."""
    earned = {
        criterion: Credit(share=FULL if is_right(answers, key, criterion) else NOTHING)
        for criterion in Criterion
        if key.is_marked(criterion)
    }
    earned.update(_translated(answers, key))
    earned.update(_follow_through(answers, key))
    if key.is_marked(Criterion.DISPOSITION):
        earned[Criterion.DISPOSITION] = _credit_disposition(answers, key)
    if key.is_marked(Criterion.REASON_CODE):
        earned[Criterion.REASON_CODE] = _credit_reason_code(answers, key)
    if key.is_marked(Criterion.EVIDENCE):
        earned[Criterion.EVIDENCE] = _credit_evidence(answers, key)
    return earned


def _translated(answers: Answers, key: Key) -> dict[Criterion, Credit]:
    """The originator as it looks beyond a translation: the right host, seen from the wrong side."""
    half = Credit(share=TRANSLATED_SHARE, notes=(Note.TRANSLATED,))
    views = [end for end in key.orig_views if end.ip == answers.originator_ip]
    given = {
        Criterion.ORIGINATOR_IP: bool(views),
        Criterion.ORIGINATOR_PORT: any(end.port == answers.originator_port for end in views),
    }
    return {c: half for c, is_view in given.items() if is_view and is_wrong(answers, key, c)}


def is_right(answers: Answers, key: Key, criterion: Criterion) -> bool:
    """Is the answer the key itself? (A blank never is.)"""
    given = given_answer(answers, criterion)
    return bool(given) and given == key.facts[criterion].expected


def is_wrong(answers: Answers, key: Key, criterion: Criterion) -> bool:
    """Was an answer given to a marked criterion that is not the key's?"""
    given = given_answer(answers, criterion)
    return key.is_marked(criterion) and bool(given) and given != key.facts[criterion].expected


def has_initiator(answers: Answers, key: Key) -> bool:
    """Did the trainee name the host that opened the conversation? True where none can be known."""
    if key.originator is None or key.responder is None:
        return True
    talks_to_itself = key.originator.ip == key.responder.ip
    if talks_to_itself and key.is_marked(Criterion.ORIGINATOR_PORT):  # only the port tells the sides apart
        return answers.originator_port == key.originator.port
    names = {key.originator.ip, *(end.ip for end in key.orig_views)}
    return answers.originator_ip in names


def is_swapped(answers: Answers, key: Key) -> bool:
    """Is every endpoint value that was given the other side's, and at least one address among them?"""
    if key.originator is None or key.responder is None:
        return False
    swapped = {
        Criterion.ORIGINATOR_IP: key.responder.ip,
        Criterion.ORIGINATOR_PORT: str(key.responder.port),
        Criterion.RESPONDER_IP: key.originator.ip,
        Criterion.RESPONDER_PORT: str(key.originator.port),
    }
    given = {c: value for c in _marked_endpoints(key) if (value := given_answer(answers, c))}
    names_address = Criterion.ORIGINATOR_IP in given or Criterion.RESPONDER_IP in given
    return names_address and all(value == swapped[c] for c, value in given.items())


def _marked_endpoints(key: Key) -> tuple[Criterion, ...]:
    return tuple(criterion for criterion in ENDPOINTS if key.is_marked(criterion))


def _follow_through(answers: Answers, key: Key) -> dict[Criterion, Credit]:
    """The credits of the endpoint answers that are wrong only because an earlier answer is."""
    if not is_swapped(answers, key):
        return {}
    if is_wrong(answers, key, Criterion.REVERSED):
        root, group = Criterion.REVERSED, (Criterion.REVERSED, *_marked_endpoints(key))
    elif is_wrong(answers, key, Criterion.ORIGINATOR_IP):
        root, group = Criterion.ORIGINATOR_IP, _marked_endpoints(key)
    else:
        return {}
    followers = [c for c in group if c is not root]
    share = _follow_share(root, group, key)
    wrong = [c for c in followers if is_wrong(answers, key, c)]
    return {c: Credit(share=share, notes=(Note.FOLLOWS,), follows=root) for c in wrong}


def _follow_share(root: Criterion, group: tuple[Criterion, ...], key: Key) -> Decimal:
    """What a following answer keeps: so much that root and followers together lose 60 % of the group."""
    weights = key.weights.fields
    whole = sum((weights[c] for c in group), NOTHING)
    following = whole - weights[root]
    may_lose = max(whole * GROUP_LOSS - weights[root], NOTHING)
    return FULL - min(FULL, may_lose / following) if following else NOTHING


def _credit_disposition(answers: Answers, key: Key) -> Credit:
    if answers.disposition is None:
        return Credit(share=NOTHING)
    if is_missed_incident(key.disposition, answers.disposition):
        return _missed_incident(answers, key)
    return _capped(_disposition_share(answers, key), answers, key)


def _credit_reason_code(answers: Answers, key: Key) -> Credit:
    code = answers.reason_code
    if code is None:
        return Credit(share=NOTHING)
    if is_missed_incident(key.disposition, DISPOSITION_OF[code]):
        return _missed_incident(answers, key)
    if code is key.reason_code:
        return _capped(Credit(share=FULL), answers, key)
    return _capped(_listed_share(_listed(code, key), DISPOSITION_OF[code], key), answers, key)


def _listed(code: ReasonCode, key: Key) -> Accepted | None:
    accepted = key.facts[Criterion.REASON_CODE].accepted
    return next((entry for entry in accepted if entry.reason_code is code), None)


def _disposition_share(answers: Answers, key: Key) -> Credit:
    """The key earns all, another disposition what is listed for it."""
    if answers.disposition is key.disposition:
        return Credit(share=FULL)
    return _listed_share(_listed_disposition(answers, key), answers.disposition, key)


def _listed_share(listed: Accepted | None, given: Disposition | None, key: Key) -> Credit:
    """What is listed; but who escalates something harmless loses half at most, whatever is listed, because marks
    must never teach to close without looking."""
    share = listed.credit if listed is not None else NOTHING
    notes = (Note.LISTED,) if listed is not None else ()
    if _is_over_escalated(key.disposition, given) and share < OVER_ESCALATION:
        return Credit(share=OVER_ESCALATION, notes=(*notes, Note.OVER_ESCALATION), listed=listed)
    return Credit(share=share, notes=notes, listed=listed)


def _is_over_escalated(truth: Disposition | None, given: Disposition | None) -> bool:
    return given is Disposition.TRUE_POSITIVE and truth in HARMLESS


def is_missed_incident(truth: Disposition | None, given: Disposition) -> bool:
    """A true positive that is closed as harmless is worse than any other mistake."""
    return given in HARMLESS and truth is Disposition.TRUE_POSITIVE


def usual_share(truth: Disposition, given: Disposition) -> Decimal:
    """What a disposition earns where a scenario lists nothing else."""
    if truth is given:
        return FULL
    return OVER_ESCALATION if _is_over_escalated(truth, given) else NOTHING


def _listed_disposition(answers: Answers, key: Key) -> Accepted | None:
    """The scenario's word on the code given, else its least generous word on the disposition.

    The least generous, so that leaving the code blank never earns more than naming one."""
    if answers.reason_code is not None and (exact := _listed(answers.reason_code, key)) is not None:
        return exact
    accepted = key.facts[Criterion.DISPOSITION].accepted
    same = [entry for entry in accepted if DISPOSITION_OF[entry.reason_code] is answers.disposition]
    return min(same, key=lambda entry: entry.credit, default=None)


def _missed_incident(answers: Answers, key: Key) -> Credit:
    """Nothing, whatever is listed; only a decoy touched from outside keeps the listed share."""
    listed = _listed_disposition(answers, key)
    if not key.is_decoy or listed is None:
        return Credit(share=NOTHING, notes=(Note.MISSED_INCIDENT,))
    credit = Credit(share=listed.credit, notes=(Note.LISTED,), listed=listed)
    return _capped(credit, answers, key)


def _capped(credit: Credit, answers: Answers, key: Key) -> Credit:
    """A right verdict on the wrong initiator is luck: at most half."""
    if has_initiator(answers, key) or credit.share <= WRONG_INITIATOR_CAP:
        return credit
    return Credit(share=WRONG_INITIATOR_CAP, notes=(*credit.notes, Note.CAPPED), listed=credit.listed)


_CLAIMED_BY: Mapping[Claim, tuple[Criterion, ...]] = {
    Claim.ORIGINATOR: (Criterion.ORIGINATOR_IP, Criterion.REVERSED),
    Claim.OUTCOME: (Criterion.OUTCOME,),
}


def _credit_evidence(answers: Answers, key: Key) -> Credit:
    """One half for each claim of which a proving record is pinned; pinning everything is not citing."""
    if len(answers.evidence) > MAX_PINS:
        return Credit(share=NOTHING, notes=(Note.TOO_MANY_PINS,), uncited=tuple(p.claim for p in key.proofs))
    uncited = tuple(proof.claim for proof in key.proofs if not _is_cited(answers, key, proof.claim))
    share = Decimal(len(key.proofs) - len(uncited)) / len(key.proofs)
    notes = [Note.UNCITED] if uncited else []
    if any(_is_contradicted(answers, key, p.claim) for p in key.proofs if p.claim not in uncited):
        notes.append(Note.PIN_AGAINST_ANSWER)
    return Credit(share=share, notes=tuple(notes), uncited=uncited)


def is_pinned(answers: Answers, key: Key, claim: Claim) -> bool:
    """Is one of the records that prove the claim among the pins?"""
    return any(p.claim is claim and not set(p.records).isdisjoint(answers.evidence) for p in key.proofs)


def _is_cited(answers: Answers, key: Key, claim: Claim) -> bool:
    """A pin cites something only where something is claimed: a blank answer has no evidence."""
    is_claimed = any(given_answer(answers, criterion) for criterion in _CLAIMED_BY[claim])
    return is_claimed and is_pinned(answers, key, claim)


def _is_contradicted(answers: Answers, key: Key, claim: Claim) -> bool:
    return any(is_wrong(answers, key, criterion) for criterion in _CLAIMED_BY[claim])
