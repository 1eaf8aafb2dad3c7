"""What a text concludes: outcome, direction of the alert, intent, disposition, the rule's expectation, the action."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tickets.engine import Disposition, IntentMatch, Outcome, ReasonCode, Reversed
from tickets.grading.texts.facts import Fact, Kind, Standing
from tickets.grading.texts.stance import is_hedged, is_negated
from tickets.grading.texts.words import Sentence

FAILED = "failed"

# One row: kind, value, pattern; and what the pattern says where it is negated ("" for nothing, None where
# the pattern holds its own negation and is not to be tested for one).
_Row = tuple[Kind, str, re.Pattern[str], str | None]


def _row(kind: Kind, value: str, pattern: str, negated: str | None = "") -> _Row:
    return (kind, value, re.compile(pattern), negated)


_DEVICE = r"(?:firewall|acl|filter|ips|proxy|gateway|device|policy)"
_DENIES = r"(?:block(?:s|ed)?|drop(?:s|ped)?|den(?:y|ies|ied)|reject(?:s|ed)?|stopped)"
_ANSWER = r"(?:repl(?:y|ies)|answers?|respon[sc]?\w*|syn-acks?)"

_OUTCOMES: tuple[_Row, ...] = (
    _row(
        Kind.OUTCOME,
        Outcome.ESTABLISHED,
        r"\b(?:establish(?:ed)?\b(?! (?:a|the) )|succe(?:eds?|eded|ss|ssful|ssfully)\b|"
        r"handshake (?:is |was |were |has )*(?:complete|completed|done|ok|finished|successful|full)|"
        r"(?:full|complete|completed|whole|three-way) (?:tcp |three-way )?handshake|and it completed|"
        r"accept(?:s|ed)?\b|logged in|log in|login (?:was |is |has )*(?:worked|works|succeeded|success|successful)|"
        r"data (?:\w+ ){0,2}(?:both ways|both directions|in both directions)|200 ok|"
        r"(?:got|received|gets|get) (?:the|an|its|his) (?:answer|reply|response)|connection (?:is |was )*(?:complete|open|made|ok)\b)"
        r"|, answered(?= ,|$)",
        FAILED,
    ),
    _row(
        Kind.OUTCOME,
        Outcome.REFUSED,
        r"\b(?:refus(?:e|es|ed|al)|(?:port|ports) (?:is |are |was |were )*clos(?:e|ed)|closed port|"
        r"rsts? back|back (?:with |an? |the )*(?:rst|reset)|(?:answered|replied|responded) (?:with |by )(?:an? )?(?:rst|reset)|"
        r"A\d+ rejected the|(?:server|target|host) rejected|reset by (?:the )?(?:peer|target|server|host|A\d+))\b",
    ),
    _row(
        Kind.OUTCOME,
        Outcome.REJECTED,
        rf"\b{_DEVICE}\b(?: \w+){{0,3}}? {_DENIES}\b|\b{_DENIES} (?:by|at) (?:the |our )?{_DEVICE}\b|"
        r"\b(?:was|were|got|is|are) (?:blocked|dropped|denied|rejected)\b(?! by (?:the )?(?:server|target|host|A\d))",
    ),
    _row(
        Kind.OUTCOME,
        Outcome.UNANSWERED,
        rf"\bunanswered\b|\b(?:no|without|without any|without an?|got no|get no) {_ANSWER}\b|"
        r"\b(?:not|never) (?:answer|answered|reply|replied|respond|responded)\b|\bnobody (?:answered|replied)\b|"
        r"\bnothing (?:\w+ )?(?:came|comes|come|returned|returns|sent)\b|\bnothing was returned\b|\bnone came\b|\bsilen(?:t|ce)\b",
        None,
    ),
    _row(
        Kind.OUTCOME,
        FAILED,
        r"\b(?:fail(?:s|ed|ure)?|unsuccessful(?:ly)?|without success)\b",
    ),
    _row(
        Kind.OUTCOME,
        Outcome.MIDSTREAM,
        r"\b(?:midstream|mid-stream|in mid stream|(?:handshake|beginning|start) (?:is |was )*(?:not|missing|un)\s?(?:captured|recorded|seen)?)\b",
        None,
    ),
    _row(
        Kind.OUTCOME,
        Outcome.ONE_WAY,
        r"\bone[ -]way\b|\bone[ -]sided\b|\b(?:only|just) one (?:direction|side)\b|\bone (?:direction|side) only\b|\bonly packets from\b",
    ),
)
_UNKNOWN = r"\b(?:can not|could not|not possible to|impossible to|unable to|not) (?:be )?(?:determined?|tell|say|told|known|decided?)\b"
_WHO = re.compile(r"\b(?:who|direction|opened|asked|initiat\w+)\b")
_HOW = re.compile(r"\b(?:succe\w+|outcome|answered|established|result)\b")

_DIRECTION: tuple[_Row, ...] = (
    _row(
        Kind.REVERSED,
        Reversed.YES,
        r"\b(?:revers(?:e|ed|al)|backwards?|flipped|swapped|turned (?:a)?round|wrong way (?:a)?round)\b",
        Reversed.NO,
    ),
    _row(
        Kind.REVERSED,
        Reversed.YES,
        r"\b(?:wrong direction|direction (?:\w+ ){0,4}?(?:wrong|false|incorrect)|return traffic|"
        r"shows? (?:only )?(?:the |an? |our )?(?:reply|answer|response|return)s?|"
        r"alert (?:packet )?(?:is|was) (?:an? |the |only )*(?:\w+ )?(?:reply|answer|response)|"
        r"(?:packets?|message) (?:is|are|was|were) (?:an? |the |only )*(?:repl(?:y|ies)|answers?|respons(?:e|es)))\b",
    ),
    _row(
        Kind.REVERSED,
        Reversed.NO,
        r"\b(?:direction (?:\w+ ){0,4}?(?:right|correct|correctly|ok|fine|true)|(?:right|correct|ok|good) direction|"
        r"right about the direction)\b",
    ),
)
_INTENTS: tuple[_Row, ...] = (
    _row(
        Kind.INTENT,
        IntentMatch.MATCH,
        r"\b(?:(?:match|matches|matched|fit|fits|meet|meets) (?:with )?(?:the |its |this |what (?:the )?)?(?:rule|intent|expect\w*|signature)|"
        r"intent (?:is |was )?(?:match|matches|matched|met|fits|fit)|intent (?:does|do|is|was) not (?:match|matched|met|fit)|"
        r"so it fits|and fits (?:it|the rule)|what the rule (?:is looking for|looks for|expects|describes)|"
        r"that the rule (?:describes|expects|looks for)|rule describes (?:it|this))\b",
        IntentMatch.MISMATCH,
    ),
    _row(
        Kind.INTENT,
        IntentMatch.MISMATCH,
        r"\b(?:mismatch|intent (?:does|do|is|was) not (?:match|matched|met|fit)|intent not met)\b",
        None,
    ),
)
_DISPOSITIONS: tuple[_Row, ...] = (
    _row(Kind.DISPOSITION, Disposition.TRUE_POSITIVE, r"\btrue[ -]positives?\b|\btp\b"),
    _row(Kind.DISPOSITION, Disposition.BENIGN, r"\bbenign\b"),
    _row(Kind.DISPOSITION, Disposition.FALSE_POSITIVE, r"\bfalse[ -](?:positives?|alarm)\b|\bfp\b"),
    _row(Kind.DISPOSITION, Disposition.UNDETERMINED, r"\bundetermined\b"),
    _row(Kind.DISPOSITION, Disposition.DUPLICATE, r"\bduplicate\b"),
)
_CODE = re.compile(
    rf"\b({'|'.join(code.value for code in ReasonCode if len(code.value) == 3 and code.value[-1].isdigit())})\b",
    re.IGNORECASE,
)
_EXPECTATION = re.compile(
    r"(?<!what )\b(?:look(?:s|ing|ed)? (?:for|if)|expect(?:s|ed|ing)?|match(?:es|ed)?|fires?|fired|trigger(?:s|ed)?|detect(?:s|ed)?|"
    r"watch(?:es)? for|assum(?:e|es|ed)|presum(?:e|es|ed)|want(?:s|ed)?|written for|search(?:es)?|fears?|is for find|is for)\b(?: \S+){2}"
)
_RULE = re.compile(r"\b(?:rules?|signatures?|sid|detection)\b")
_RULE_SUBJECT = re.compile(r"(?:rules?|signatures?|N\d+|sid)(?: \w+){0,2} $")
_REASON = re.compile(
    r"\b(?:because|since|due to|as|so|therefore|thus|hence|that is why|reason(?: \w+){0,3} is)\b(?: [\w-]+){2}|\bso \S+"
)
_SEPARATE = re.compile(r"^(?: \( \S+ \)| fp1| \S\S\d)? [,:–—-] (?:[\w-]+ ?){2,}")

_ACTIONS: tuple[tuple[str, str], ...] = (
    ("close", r"clos(?:e|ed|ing)\b"),
    (
        "tune",
        (
            r"tun(?:e|ed|ing)\b|exceptions?\b|whitelist\w*|allow-?list\w*|suppress\w*|exclude\b|"
            r"(?:change|fix|adjust|modify|improve|narrow|rewrite) (?:the |this )?(?:rule|signature|sid)|list of known|ignores?\b|"
            r"add flow|flow : to_server|threshold"
        ),
    ),
    (
        "escalate",
        (
            r"escalat\w+|hand (?:it|over|the)\b|(?:tier|level) ?-?N\d+|incident (?:response|lead|team)|open (?:an|a new) (?:incident|case)|"
            r"(?:inform|tell) (?:my|the|our) (?:team ?)?(?:leader|lead|boss)|(?:ir|response|cert|csirt) team|threat intelligence|\bl2\b"
        ),
    ),
    (
        "contain",
        (
            r"isolat\w+|block(?:ing)?\b|quarantin\w+|disconnect\w*|contain\b|take (?:\w+ ){1,3}(?:from|off) (?:the )?network|"
            r"reset (?:all |the |his |her )?passwords?|disable\b|stop (?:\w+ ){1,4}access|shut (?:it )?down"
        ),
    ),
    ("watch", r"watch\w*|monitor\w*|keep an eye|observ\w+"),
    (
        "notify",
        r"(?:tell|inform|notify|ask|call|contact) (?:its |the |his |her |our )?(?:[\w-]+ )?(?:owner|user|admin\w*|customer|employee)s?\b(?! of the rule)",
    ),
    (
        "investigate",
        (
            r"investigat\w+|check (?:that|whether|for|the|if|other)|look (?:for|at)|search\b|pull\b|collect\b|examine\b|"
            r"save (?:its|the) (?:memory|disk|logs?)|review\b|analy[sz]e\b|verify\b"
        ),
    ),
)
_ACTION = tuple((name, re.compile(rf"\b(?:{pattern})")) for name, pattern in _ACTIONS)
_NO_OUTCOME_IN = frozenset({"next_steps", "reason"})


def read_statements(sentences: Iterable[Sentence], step: str) -> tuple[Fact, ...]:
    """Every statement of the sentences that this step may hold, each value once."""
    kept: list[Fact] = []
    for sentence in sentences:
        for fact in (*_tabled(sentence, step), *_special(sentence, step)):
            if all((k.kind, k.value, k.standing) != (fact.kind, fact.value, fact.standing) for k in kept):
                kept.append(fact)
    return tuple(kept)


def _tabled(sentence: Sentence, step: str) -> Iterator[Fact]:
    rows = list(_DISPOSITIONS)
    if step not in _NO_OUTCOME_IN:
        rows += [*_OUTCOMES, *_DIRECTION, *_INTENTS]
    for kind, value, pattern, negated in rows:
        for found in pattern.finditer(sentence.gloss):
            yield _judged(sentence, step, (kind, value, negated), found)


def _judged(sentence: Sentence, step: str, row: tuple[Kind, str, str | None], found: re.Match[str]) -> Fact:
    kind, value, negated = row
    start, end = sentence.span(found.start(), found.end())
    if is_hedged(sentence, step, found.start()):
        return Fact(kind, value, start, end, Standing.HEDGED)
    inside = re.search(r"\bnot\b", found[0]) is not None
    if negated is None or not (inside or is_negated(sentence.gloss, found.start())):
        return Fact(kind, value, start, end)
    if negated:
        return Fact(kind, negated, start, end)
    return Fact(kind, value, start, end, Standing.NEGATED)


def _special(sentence: Sentence, step: str) -> Iterator[Fact]:
    if step != "next_steps":
        yield from _expectations(sentence, step)
        yield from _codes(sentence, step)
        yield from _unknowns(sentence)
    if step == "conclusion":
        yield from _reasons(sentence)
    if step == "next_steps":
        yield from _actions(sentence)


def _expectations(sentence: Sentence, step: str) -> Iterator[Fact]:
    """In the step that asks for it every such verb is the rule's; elsewhere the rule must be named as subject."""
    for found in _EXPECTATION.finditer(sentence.gloss):
        by_rule = _RULE_SUBJECT.search(sentence.gloss[: found.start()]) is not None
        if (step == "reason" or by_rule) and not is_negated(sentence.gloss, found.start()):
            hedged = sentence.is_question
            standing = Standing.HEDGED if hedged else Standing.ASSERTED
            yield Fact(Kind.EXPECTATION, "", *sentence.span(found.start(), found.end()), standing)
            return


def _codes(sentence: Sentence, step: str) -> Iterator[Fact]:
    for found in _CODE.finditer(sentence.gloss):
        yield _judged(sentence, step, (Kind.CODE, found[1].upper(), ""), found)


def _unknowns(sentence: Sentence) -> Iterator[Fact]:
    """ "It cannot be told who asked" is an answer, and not a doubt."""
    for found in re.finditer(_UNKNOWN, sentence.gloss):
        span = sentence.span(found.start(), found.end())
        if _WHO.search(sentence.gloss[found.end() :]) or _WHO.search(sentence.gloss[: found.start()][-60:]):
            yield Fact(Kind.REVERSED, Reversed.CANNOT_BE_DETERMINED, *span)
        elif _HOW.search(sentence.gloss):
            yield Fact(Kind.OUTCOME, "cannot_be_determined", *span)


def _reasons(sentence: Sentence) -> Iterator[Fact]:
    if is_hedged(sentence):
        return
    found = _REASON.search(sentence.gloss) or _after_disposition(sentence.gloss)
    if found is not None:
        start, end = sentence.span(0, len(sentence.gloss))
        yield Fact(Kind.BECAUSE, "", start, end)


def _after_disposition(gloss: str) -> re.Match[str] | None:
    """A disposition, then a dash, a colon or a comma, then what can only be the reason."""
    for _, _, pattern, _ in (*_DISPOSITIONS, (None, None, _CODE, None)):
        for found in pattern.finditer(gloss):
            if not is_negated(gloss, found.start()):
                reason = _SEPARATE.match(gloss[found.end() :])
                if reason is not None:
                    return reason
    return None


def _actions(sentence: Sentence) -> Iterator[Fact]:
    for name, pattern in _ACTION:
        for found in pattern.finditer(sentence.gloss):
            yield _judged(sentence, "next_steps", (Kind.ACTION, name, ""), found)
