"""The key: what is right for each criterion, which records prove it, and what is not marked at all.

A fact is marked only where the verdict settles it and its deciding finding is sure enough and
cites a record. Everything else is told to the trainee as "not marked", with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tickets.engine import Claim, Disposition, Endpoint, Origin, ReasonCode, Role, Verdict, service_on
from tickets.grading.accepted import Accepted, accept_codes
from tickets.grading.citing import findings_of
from tickets.grading.criteria import Criterion
from tickets.grading.facts import Fact, Proof, build_facts, build_proofs, evidence_fact
from tickets.grading.weights import DEFAULT_WEIGHTS, Weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The whole key of one variant. `originator` and `responder` are None where they are not marked.

    `claim` are the ends that the alert prints, source first; no part of the truth, but texts are held against it.
    `orig_views` is how the originator looks beyond an address translation; `spoken` the service that the payload
    shows, "" where none does, and `usual` the one that its port suggests."""

    facts: Mapping[Criterion, Fact]
    originator: Endpoint | None
    responder: Endpoint | None
    disposition: Disposition | None
    reason_code: ReasonCode | None
    proofs: tuple[Proof, ...]
    is_decoy: bool
    claim: tuple[Endpoint, Endpoint]
    weights: Weights
    orig_views: tuple[Endpoint, ...] = ()
    spoken: str = ""
    usual: str = ""

    def is_marked(self, criterion: Criterion) -> bool:
        return self.facts[criterion].is_marked


def build_key(verdict: Verdict, accepted: Sequence[Accepted] = (), weights: Weights = DEFAULT_WEIGHTS) -> Key:
    """The key that follows from a verdict; `accepted` are the other reason codes of the scenario, beside which the
    policy's count, `weights` its points."""
    facts = {fact.criterion: fact for fact in build_facts(verdict, accept_codes(verdict, accepted))}
    proofs = tuple(proof for proof in build_proofs(verdict, facts) if proof.records)
    facts[Criterion.EVIDENCE] = evidence_fact(proofs)
    conversation = verdict.conversation
    has_ends = conversation is not None and facts[Criterion.ORIGINATOR_IP].is_marked
    return Key(
        facts=facts,
        originator=conversation.orig if conversation is not None and has_ends else None,
        responder=conversation.resp if conversation is not None and has_ends else None,
        disposition=verdict.disposition if facts[Criterion.DISPOSITION].is_marked else None,
        reason_code=verdict.reason_code if facts[Criterion.REASON_CODE].is_marked else None,
        proofs=proofs,
        is_decoy=verdict.inputs.role is Role.HONEYPOT and verdict.inputs.origin is Origin.EXTERNAL,
        claim=(verdict.alert.src, verdict.alert.dst),
        weights=weights,
        orig_views=_orig_views(verdict) if has_ends else (),
        spoken=_spoken(verdict),
        usual=_usual(verdict) if has_ends else "",
    )


def _orig_views(verdict: Verdict) -> tuple[Endpoint, ...]:
    conversation = verdict.conversation
    if conversation is None or conversation.orig not in conversation.endpoints:
        return ()
    at = conversation.endpoints.index(conversation.orig)
    return tuple(dict.fromkeys(view[at] for view in conversation.translated if view[at] != conversation.orig))


# One service under several names: what matters is what is spoken.
_SAME_SERVICE = {
    "ssl": "tls",
    "https": "tls",
    "https-alt": "tls",
    "http-alt": "http",
    "http-dev": "http",
    "http-proxy": "http",
    "ssh-alt": "ssh",
    "quic": "tls",  # RFC 9001: who says HTTPS is right
    "mssql": "tds",
    "winrm": "http",
}


def same_service(name: str) -> str:
    """The one name of a service that has several."""
    return _SAME_SERVICE.get(name, name)


def _spoken(verdict: Verdict) -> str:
    """The service that the payload itself shows. A port or a log's own guess is no proof of one."""
    told = (f for f in findings_of(verdict, Claim.SERVICE) if f.rule == "service.application" and f.supports)
    return next((same_service(finding.value) for finding in told), "")


def _usual(verdict: Verdict) -> str:
    conversation = verdict.conversation
    if conversation is None or conversation.resp is None:
        return ""
    return same_service(service_on(conversation.protocol, conversation.resp.port))
