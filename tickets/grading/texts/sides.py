"""Who turned to whom: triples of two sides and a verb, where a verb of replying exchanges the sides.

"A connected to B", "B was contacted by A", "B answered A" and "the reply from B to A" all say A>B."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tickets.grading.texts.facts import Fact, Kind, Standing
from tickets.grading.texts.stance import standing_of
from tickets.grading.texts.words import Sentence

_NOUN_SIGN = r"(?:the|a|an|this|that|its|our|their|his|first|every|each|one|no|and|of|further|dns|tcp|udp|port|failed|login)"
_ASKING = (
    r"connect(?:s|ed|ing)?|open(?:s|ed|ing)?|initiat(?:e|es|ed|ing)|start(?:s|ed|ing)?|beg[aiu]n(?:s|ning)?|ask(?:s|ed|ing)?|"
    r"quer(?:y|ies|ied|ying)|request(?:s|ed|ing)?|contact(?:s|ed|ing)?|scan(?:s|ned|ning)?|prob(?:e|es|ed|ing)|"
    r"knock(?:s|ed|ing)?|attack(?:s|ed|ing)?|call(?:s|ed|ing)?|dial(?:s|ed|led|ing|ling)?|reach(?:es|ed|ing)?|"
    r"log(?:s|ged|ging)?|login|talk(?:s|ed|ing)?|sp(?:eak|eaks|oke|eaking)|ping(?:s|ed|ing)?|visit(?:s|ed|ing)?|"
    r"brows(?:e|es|ed|ing)|attempt(?:s|ed|ing)?|tr(?:y|ies|ied|ying)|access(?:es|ed|ing)?|establish(?:es|ed|ing)?"
)
_REPLYING = (
    r"answer(?:s|ed|ing)?|repl(?:y|ies|ied|ying)|respond(?:s|ed|ing)?|respons(?:e|es)?|return(?:s|ed|ing)?"
)
_CARRYING = r"sen(?:d|ds|t|ding)|go(?:es|ing)?|went|giv(?:e|es|en|ing)|gave|mak(?:e|es|ing)|made|came|come(?:s)?|transfer(?:s|red)?"
_VERB = re.compile(rf"\b(?:(?P<ask>{_ASKING})|(?P<reply>{_REPLYING})|(?P<carry>{_CARRYING}))\b(?!-)")
# What a carrying verb carries decides: "sent a SYN to", "give answer back to", "make connection with".
_CARRIES_ASKING = re.compile(
    r"(?:\w+ ){0,4}?(?:syns?\b|connections?|requests?|quer(?:y|ies)|sessions?|attempts?|login|out\b|scans?|probes?)"
)
_CARRIES_REPLY = re.compile(r"(?:\w+ ){0,3}?(?:syn-acks?|back|answers?|repl(?:y|ies)|respons\w*)\b")
_PASSIVE = re.compile(r"\b(?:is|was|were|are|been|being|be|got)(?: \w+)?$")
_AGENT = re.compile(
    r"^(?:[\w-]+ ){0,7}?(?:by|from)(?: (?:the|our|an?|host|server|client|ip|address|outside|web|router|workstation|outsider|attacker)\b)* A(\d+)"
)
_LINK = r"(?:to|with|at|into|in|onto|towards?|against|on|for)"
_FILLER = r"(?:the|our|an?|web|server|host|workstation|decoy|honeypot|client|outside|name|ip|address|bastion|router|machine|target|external|internal|only|of|by|ftp|:)"
_OBJECT = re.compile(rf"^(?:(?!{_LINK} )[\w-]+ (?!A\d)){{0,5}}?(?:[\w-]+ )?{_LINK}(?: {_FILLER})* A(\d+)")
_DIRECT_OBJECT = re.compile(rf"^(?:{_FILLER} )*A(\d+)")
_TRANSITIVE = re.compile(
    r"connect|ask|quer|request|contact|scan|prob|attack|call|dial|reach|ping|visit|brows|access|answer"
)

_BETWEEN = r"(?: (?:port|tcp|udp|P\d+|N\d+|\(|\)|:|,|R\d+|T\d+|on|/|A\d+ (?=\))))*"
_FROM_TO = re.compile(
    rf"\bfrom(?: {_FILLER})* A(\d+){_BETWEEN} (?:to|towards?|into|->)(?: {_FILLER})* A(\d+)"
)
# "a SYN from the decoy to A": the one side has no name here, the other has.
_FROM_UNNAMED = re.compile(rf"\bfrom (?:[a-z-]+ ){{1,3}}?to(?: {_FILLER})* A(\d+)")
_FROM_ONLY = re.compile(rf"\b(?:from|by)(?: {_FILLER})* A(\d+)")
_ARROW = re.compile(rf"A(\d+){_BETWEEN} (->|<-) (?:{_FILLER} )*A(\d+)")
_BARE_TO = re.compile(rf"A(\d+){_BETWEEN} to (?:{_FILLER} )*A(\d+)")
_NOUN_ASKING = re.compile(
    r"\b(?:connections?|sessions?|requests?|quer(?:y|ies)|scans?|attempts?|login|logins|syns?|first packet|calls?|probes?|knocks?)\b"
)
_NOUN_REPLY = re.compile(r"\b(?:repl(?:y|ies)|respons(?:e|es)?|answers?|syn-acks?|back)\b")
_NOUN_NEUTRAL = re.compile(
    r"\b(?:(?<!first )packets?|traffic|datagrams?|flows?|error|unreachable|rst|data|message)\b"
)

_SAYS = re.compile(
    r"\b(?:(?:alert|siem|rule|signature|ticket|log line|sensor|ids|queue|it)(?: (?:shows?|says?|claims?|prints?|names?|lists?|"
    r"reports?|tells?|displays?|has it|states?|thinks?|gives?))|according to|(?:in|of) (?:the )?alert(?= (?:is|,|:|A\d|the source))|alert (?::|source|destination)|"
    r"alert (?:shows?|says?|have|has|is) (?:that|source)|alert have)\b|^alert :"
)
_ROLES_ASK = r"client|originator|initiator|attacker"
_ROLES_REPLY = r"server|responder|target|victim"
_ROLE_BEFORE = re.compile(
    rf"\b(?P<role>{_ROLES_ASK}|{_ROLES_REPLY}|source|src|sender|destination|dst|dest)\b(?: (?:is|was|ip|host|address|in|alert|the|it|:|=|\())* A(?P<side>\d+)"
)
_ROLE_AFTER = re.compile(
    rf"A(?P<side>\d+)(?: (?:port|N\d+|P\d+|tcp|udp|\(|\)))*(?: ,)?(?: (?:is|was|as|being|must|be|the|an?|real|true))+ (?P<role>{_ROLES_ASK}|{_ROLES_REPLY}|source|destination)\b(?! port)"
)
_ROLE_ELLIPTIC = re.compile(
    rf"\band(?: the)? A(?P<side>\d+)(?: (?:port|N\d+|P\d+))* (?:the )?(?P<role>{_ROLES_ASK}|{_ROLES_REPLY}|source|destination)\b"
)


@dataclass(frozen=True, slots=True)
class Triple:
    """One side or both; `at` and `until` are places in the sentence's gloss."""

    kind: Kind
    tail: str
    head: str
    at: int
    until: int
    subject: str = ""
    is_role: bool = False


def read_sides(sentences: Iterable[Sentence], step: str) -> tuple[Fact, ...]:
    """Every direction that the sentences state, in their order."""
    facts: list[Fact] = []
    roles: list[tuple[Sentence, Triple]] = []
    for sentence in sentences:
        found = list(triples_of(sentence))
        whole = [t for t in found if t.tail and t.head and not t.is_role]
        parts = _joined([t for t in found if not (t.tail and t.head) and (not t.is_role or not whole)])
        by_role = () if whole else tuple(t for t in found if t.is_role and t.tail and t.head)
        for triple in (*whole, *by_role, *parts):
            if triple.is_role and not (triple.tail and triple.head):
                roles.append((sentence, triple))
            else:
                facts.append(_fact(sentence, triple, step))
    facts.extend(_across_lines(roles, step))
    return _without_parts(facts)


def triples_of(sentence: Sentence) -> Iterator[Triple]:
    """The triples of one sentence, with what is said in the alert's name marked as claimed."""
    gloss = sentence.gloss
    said = [found.end() for found in _SAYS.finditer(gloss)]
    for triple in (*_by_prepositions(sentence), *_by_verbs(sentence), *_by_roles(sentence)):
        is_claimed = (
            any(end <= triple.until for end in said) and triple.at >= min(said) - 40 if said else False
        )
        yield replace(triple, kind=Kind.CLAIMED) if is_claimed else triple


def _ip(sentence: Sentence, number: str) -> str:
    return sentence.tokens[int(number)].value


def _by_prepositions(sentence: Sentence) -> Iterator[Triple]:
    gloss = sentence.gloss
    taken = [found.span() for found in _FROM_TO.finditer(gloss)]
    for found in _FROM_TO.finditer(gloss):
        yield _of_noun(gloss, found, _ip(sentence, found[1]), _ip(sentence, found[2]))
    for found in _FROM_UNNAMED.finditer(gloss):
        yield from _if_opened(_of_noun(gloss, found, "", _ip(sentence, found[1])))
    for found in _FROM_ONLY.finditer(gloss):
        is_from = found[0].startswith("from") or _has_noun_before(gloss, found.start())
        if is_from and not _is_taken(found, taken):
            yield from _if_opened(_of_noun(gloss, found, _ip(sentence, found[1]), ""))
    for found in _BARE_TO.finditer(gloss):
        if not _is_taken(found, taken):
            yield Triple(Kind.SENT, _ip(sentence, found[1]), _ip(sentence, found[2]), *found.span())
    yield from _by_arrows(sentence)


def _by_arrows(sentence: Sentence) -> Iterator[Triple]:
    for found in _ARROW.finditer(sentence.gloss):
        a, b = _ip(sentence, found[1]), _ip(sentence, found[3])
        tail, head = (a, b) if found[2] == "->" else (b, a)
        yield Triple(Kind.SENT, tail, head, *found.span())


def _is_taken(found: re.Match[str], taken: Iterable[tuple[int, int]]) -> bool:
    return any(start <= found.start() < end for start, end in taken)


def _if_opened(triple: Triple) -> Iterator[Triple]:
    """One side alone is worth telling only of who asked."""
    if triple.kind is Kind.OPENED:
        yield triple


def _has_noun_before(gloss: str, at: int) -> bool:
    words = gloss[:at].split()[-1:]
    return bool(words) and (_NOUN_ASKING.fullmatch(words[0]) or _NOUN_REPLY.fullmatch(words[0])) is not None


def _of_noun(gloss: str, found: re.Match[str], a: str, b: str) -> Triple:
    """What comes from A to B: a request, an answer, or just traffic; the nearest noun before decides."""
    near = " ".join(re.split(r"[,;]", gloss[: found.start()])[-1].split()[-5:])
    places = [
        (hit.start(), kind)
        for kind, nouns in (("ask", _NOUN_ASKING), ("reply", _NOUN_REPLY), ("sent", _NOUN_NEUTRAL))
        for hit in nouns.finditer(near)
    ]
    kind = max(places)[1] if places else "sent"
    if any(k == "reply" and near[at:].startswith("back") for at, k in places):
        kind = "reply"
    if kind == "sent":
        return Triple(Kind.SENT, a, b, found.start(), found.end())
    tail, head = (a, b) if kind == "ask" else (b, a)
    return Triple(Kind.OPENED, tail, head, found.start(), found.end())


def _by_verbs(sentence: Sentence) -> Iterator[Triple]:
    gloss = sentence.gloss
    verbs = [v for v in _VERB.finditer(gloss) if not _is_noun(gloss, v) and not _stands_alone(gloss, v)]
    last: Triple | None = None
    for number, verb in enumerate(verbs):
        until = verbs[number + 1].start() if number + 1 < len(verbs) else len(gloss)
        until = _stretch_end(gloss, verb, until)
        triple = _of_verb(sentence, verb, gloss[verb.end() : until].lstrip(), last)
        if triple is not None:
            last = triple
            if triple.tail or triple.head:
                yield triple


def _is_noun(gloss: str, verb: re.Match[str]) -> bool:
    """A word that is a noun by what stands before it: "the query", "no answer", "a login"."""
    if re.search(r"(?:ed|ing)$", verb[0]):
        return False
    before = gloss[: verb.start()].split()[-1:]
    if before and re.fullmatch(r"(?:and|of)", before[0]):
        return (
            re.fullmatch(
                r"answers?|quer(?:y|ies)|respons\w*|requests?|attempts?|calls?|probes?|login", verb[0]
            )
            is not None
        )
    return (bool(before) and re.fullmatch(_NOUN_SIGN, before[0]) is not None) or verb[0].startswith("respons")


def _stands_alone(gloss: str, verb: re.Match[str]) -> bool:
    """A participle in a list, as in "53/udp, answered, see the capture"."""
    before, after = gloss[: verb.start()].rstrip(), gloss[verb.end() :].lstrip()
    return before.endswith((",", ";")) and (not after or after[0] in ",;") and verb[0].endswith("ed")


def _stretch_end(gloss: str, verb: re.Match[str], until: int) -> int:
    """Where the verb's own words end: the next verb, unless that is an infinitive of its own ("tried to connect
    to", "keeps connecting to") or a noun that it carries."""
    stop = re.compile(r"[;,]|\b(?:but|because|so|and|while|after|which|who)\b").search(
        gloss, verb.end(), until
    )
    return stop.start() if stop else until


def _kind_of(verb: re.Match[str], rest: str) -> str:
    if verb["ask"]:
        return "ask"
    if verb["reply"]:
        return "reply"
    if _CARRIES_REPLY.match(rest):
        return "reply"
    return "ask" if _CARRIES_ASKING.match(rest) else "carry"


def _of_verb(sentence: Sentence, verb: re.Match[str], rest: str, last: Triple | None) -> Triple | None:
    gloss, kind = sentence.gloss, _kind_of(verb, rest)
    passive = _PASSIVE.search(gloss[: verb.start()].rstrip()) is not None and not verb[0].endswith("ing")
    before = re.findall(r"A(\d+)", gloss[: verb.start()])
    subject = _subject(sentence, before, verb, last)
    agent = _AGENT.match(rest)
    if passive and agent is None and kind != "ask":
        return None
    if passive:
        doer, other = (
            (_ip(sentence, agent[1]) if agent else ""),
            _same_clause_subject(gloss, verb.start(), sentence),
        )
        until = verb.end() + 1 + (agent.end() if agent else 0)
    else:
        hit = _OBJECT.match(rest) or (_DIRECT_OBJECT.match(rest) if _TRANSITIVE.match(verb[0]) else None)
        doer, other = subject, (_ip(sentence, hit[1]) if hit else "")
        until = verb.end() + 1 + (hit.end() if hit else 0)
    needs_both = kind == "carry" or verb[0].startswith("establish")
    if doer == other or not (doer or other) or (needs_both and not (doer and other)):
        return None
    made = Triple(
        Kind.SENT if kind == "carry" else Kind.OPENED, doer, other, verb.start(), until, subject=doer
    )
    return replace(made, tail=other, head=doer) if kind == "reply" else made


_NEW_SUBJECT = re.compile(
    r"(?:,|;|:|\b(?:so|and|because|but|while|after|since|then)) (?!(?:then|also|itself|has|had|did|does|was|is|later|only|first|"
    r"it|he|she|they|just|again|therefore|is|which|who|that) )[a-z]+ (?:[a-z]+ )*$"
)


def _subject(sentence: Sentence, before: list[str], verb: re.Match[str], last: Triple | None) -> str:
    """The nearest side before the verb; where that is what the verb before was about, its subject goes on
    ("A connected to B and asked for a page"). Another noun in between is a subject without an address."""
    if not before:
        return ""
    nearest = _ip(sentence, before[-1])
    between = sentence.gloss[sentence.starts[int(before[-1])] : verb.start()]
    if re.search(r"\b(?:which|who)\b", between):
        return nearest
    if _NEW_SUBJECT.search(between):
        return ""
    if last is not None and sentence.starts[int(before[-1])] < last.until:
        return last.subject or nearest
    linked = re.search(rf"\b{_LINK} A{before[-1]}\b", sentence.gloss)
    return "" if linked and len(before) == 1 and linked.start() > 0 and "from" not in linked[0] else nearest


def _same_clause_subject(gloss: str, at: int, sentence: Sentence) -> str:
    start = max(gloss.rfind(mark, 0, at) for mark in (";", " because ", " but ")) + 1
    sides = re.findall(r"A(\d+)", gloss[max(start, 0) : at])
    return _ip(sentence, sides[-1]) if sides else ""


def _by_roles(sentence: Sentence) -> Iterator[Triple]:
    gloss = sentence.gloss
    seen: set[str] = set()
    tails: dict[str, str] = {}
    heads: dict[str, str] = {}
    spots: list[tuple[int, int]] = []
    for pattern in (_ROLE_AFTER, _ROLE_ELLIPTIC, _ROLE_BEFORE):
        for found in pattern.finditer(gloss):
            if found["side"] in seen:
                continue
            seen.add(found["side"])
            role, ip = found["role"], _ip(sentence, found["side"])
            family = "sent" if role in {"source", "src", "sender", "destination", "dst", "dest"} else "opened"
            is_tail = role in {"source", "src", "sender"} or re.fullmatch(_ROLES_ASK, role) is not None
            (tails if is_tail else heads)[family] = ip
            spots.append(found.span())
    for family, kind in (("sent", Kind.SENT), ("opened", Kind.OPENED)):
        tail, head = tails.get(family, ""), heads.get(family, "")
        if (tail or head) and tail != head:
            at, until = min(s for s, _ in spots), max(e for _, e in spots)
            yield Triple(kind, tail, head, at, until, is_role=True)


def _joined(parts: list[Triple]) -> list[Triple]:
    """Two clauses of one sentence that each name one side: "A asked, B answered"."""
    opened = [t for t in parts if t.kind is Kind.OPENED]
    tails, heads = {t.tail for t in opened if t.tail}, {t.head for t in opened if t.head}
    if len(tails) == len(heads) == 1 and tails != heads:
        whole = Triple(
            Kind.OPENED, tails.pop(), heads.pop(), min(t.at for t in opened), max(t.until for t in opened)
        )
        return [whole, *(t for t in parts if t.kind is not Kind.OPENED)]
    return parts


def _fact(sentence: Sentence, triple: Triple, step: str) -> Fact:
    start, end = sentence.span(triple.at, triple.until)
    standing = standing_of(sentence, triple.at, step)
    return Fact(triple.kind, f"{triple.tail}>{triple.head}", start, end, standing)


def _across_lines(roles: list[tuple[Sentence, Triple]], step: str) -> Iterator[Fact]:
    """Sides that are labelled on lines of their own: "Source: A", then "Destination: B"."""
    by_kind: dict[Kind, list[tuple[Sentence, Triple]]] = {}
    for sentence, triple in roles:
        by_kind.setdefault(triple.kind, []).append((sentence, triple))
    for kind, group in by_kind.items():
        tails, heads = {t.tail for _, t in group if t.tail}, {t.head for _, t in group if t.head}
        if len(tails) == len(heads) == 1 and tails != heads:
            start, _ = group[0][0].span(group[0][1].at, group[0][1].until)
            _, end = group[-1][0].span(group[-1][1].at, group[-1][1].until)
            standings = {standing_of(sentence, triple.at, step) for sentence, triple in group}
            standing = Standing.ASSERTED if standings == {Standing.ASSERTED} else Standing.HEDGED
            yield Fact(kind, f"{tails.pop()}>{heads.pop()}", start, end, standing)
        else:
            yield from (_fact(sentence, triple, step) for sentence, triple in group)


def _without_parts(facts: list[Fact]) -> tuple[Fact, ...]:
    """One side alone says nothing more where the same text tells it whole."""
    whole: dict[tuple[Kind, Standing], list[str]] = {(f.kind, f.standing): [] for f in facts}
    for fact in facts:
        if not fact.value.startswith(">") and not fact.value.endswith(">"):
            whole[fact.kind, fact.standing].append(fact.value)
    kept: list[Fact] = []
    for fact in facts:
        told = whole[fact.kind, fact.standing]
        is_part = fact.value.startswith(">") or fact.value.endswith(">")
        covered = any(v.endswith(fact.value) or v.startswith(fact.value) for v in told) if is_part else False
        if not covered and all(
            (k.kind, k.value, k.standing) != (fact.kind, fact.value, fact.standing) for k in kept
        ):
            kept.append(fact)
    return tuple(kept)
