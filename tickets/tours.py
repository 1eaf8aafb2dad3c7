"""The guide through a first ticket: what each stop says, what it speaks of, and what is done there.

It teaches how to look, on any ticket: what to look for and where, never what is found. The five steps in it are
Tyler Wall's SOC method (`tickets.methodology`); the words are our own.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stop:
    """`target` is the id of what it speaks of on the desk.

    `do` asks for something to be done, and `until` is a CSS selector that finds something once it is; the guide then
    goes on by itself. `filled` are the ids of fields that have to hold an answer before it does. A stop whose
    `is_prose` has no end that a page could see: only its reader knows when the text is written, and presses Next.
    """

    name: str
    title: str
    text: str
    target: str
    do: str = ""
    until: str = ""
    filled: tuple[str, ...] = ()
    is_prose: bool = False
    keys: str = ""
    # The worksheet's step that stands open meanwhile.
    step: int = 0


STOPS = (
    Stop(
        "ticket",
        "One ticket",
        "Welcome. A ticket is one alert with all that was recorded around it. The line that is marked names it, says how "
        "serious its rule takes it to be, and when it fired. The arrow on its left leads back to your queue. What you write "
        "saves itself, so you can come and go. Leave this guide when you like; you find it again under Hints.",
        "ticket",
    ),
    Stop(
        "why",
        "Why did it fire?",
        "An alert is written when a rule matches. Somebody made that rule in advance, with a certain danger in mind. So "
        "before you judge what happened, find out what was looked for.",
        "why",
        do="Open the line “Why it fired”.",
        until="#why[open]",
    ),
    Stop(
        "rule",
        "What the rule looks for",
        "First comes the briefing, then the rule, part by part. Keep two things in mind: which side it expects to act, and "
        "on which port it expects the other side to be called.",
        "why",
        do="Read it, then close the line again.",
        until="#why:not([open])",
    ),
    Stop(
        "claim",
        "What the alert claims",
        "The dashed arrow is the alert's claim: the sender of one packet, and its receiver. A packet goes one way, a "
        "conversation goes both ways. Whether the sender of this packet also began to talk is for you to find out. The "
        "second arrow is yours; it stays empty until you say who began.",
        "strip",
    ),
    Stop(
        "tabs",
        "Evidence, by kind",
        "Each tab holds one kind of record: packets, flows, what sensors and firewalls wrote; the number says how many. "
        "Several devices saw the same traffic. Where they agree, you stand on firm ground; where they don't, ask why.",
        "evidence-tabs",
        do="Open another tab, and look around.",
        until="#evidence-tabs a[aria-current]:not(:first-child)",
    ),
    Stop(
        "record",
        "Begin at the beginning",
        "Records stand in the order of time. Find the first ones between the two addresses of the alert, best among the "
        "packets: who sent the very first, and with which flags? A record opens to show all that is in it.",
        "records",
        do="Open the record with which the conversation begins: press its number.",
        until="#record-rows tr[data-open]",
        keys="j and k move, o opens",
    ),
    Stop(
        "pin",
        "Pin what proves it",
        "A claim is worth as much as the records behind it. The pin on the left of a row puts that record into your "
        "worksheet, under a name that you can cite. A few good ones are better than many.",
        "records",
        do="Pin a record that shows who began.",
        until="#id_evidence > li, #record-rows [data-pin]:checked",
        keys="p pins the record in focus",
    ),
    Stop(
        "address",
        "From record to answer",
        "The side that opened the conversation is its originator, the other side its responder. You need not type "
        "addresses: press one in a record, or within a record that you have opened, and choose where it belongs. Its port "
        "comes along.",
        "records",
        do="Put one address of a record into originator or responder.",
        filled=("id_originator_ip|id_responder_ip",),
        keys="s and d take source and destination",
    ),
    Stop(
        "facts",
        "Five facts first",
        "Who opened it, who was called, by what protocol, with what outcome; and does the alert print the two sides the "
        "other way round than they opened the conversation? Facts come before any judgement. Where the records do not "
        "say, that is an answer too.",
        "facts",
        do="Fill in the whole row.",
        filled=(
            *("id_originator_ip", "id_originator_port", "id_responder_ip", "id_responder_port"),
            *("id_protocol", "id_outcome", "id_reversed"),
        ),
        keys="f goes there, r opens the reference sheet",
    ),
    Stop(
        "reason",
        "Step 1: Reason",
        "Now the worksheet: the five steps of Tyler Wall's SOC method. Their order is the point: first understand, then "
        "judge. Say in your own words why this alert fired: what the rule looks for, what in this traffic matched it, and "
        "which side it expects to act. Two or three sentences are enough.",
        "step-1",
        do="Write step 1.",
        filled=("id_reason",),
        is_prose=True,
        step=1,
    ),
    Stop(
        "supporting_evidence",
        "Step 2: Supporting evidence",
        "From what address, to what address, over what port, by what protocol, and when? Facts only, no judgement yet. "
        "Your pins stand below the text; the quotation mark beside each puts its name where you write.",
        "step-2",
        do="Write step 2.",
        filled=("id_supporting_evidence",),
        is_prose=True,
        step=2,
    ),
    Stop(
        "analysis",
        "Step 3: Analysis",
        "The heart of it. Who opened the connection, and did it succeed? Argue from your records, and name the explanation "
        "that you ruled out. Then hold it against the rule: is this what the rule was made for?",
        "step-3",
        do="Choose, and write step 3.",
        filled=("id_intent", "id_analysis"),
        is_prose=True,
        step=3,
    ),
    Stop(
        "conclusion",
        "Step 4: Conclusion",
        "One disposition, its reason code, and how sure you are. Ask in this order: did it happen as the alert says? Was it "
        "allowed, or harmless? Had it an effect? To be unsure is no fault; to hide it is one.",
        "step-4",
        do="Choose all three, and write step 4.",
        filled=("id_disposition", "id_reason_code", "id_confidence", "id_conclusion"),
        is_prose=True,
        step=4,
    ),
    Stop(
        "next_steps",
        "Step 5: Next steps",
        "What happens now, in which order, and who does it? It has to fit your conclusion: a ticket that can be closed "
        "needs little, one that must be contained needs somebody who does it today.",
        "step-5",
        do="Choose, and write step 5.",
        filled=("id_actions", "id_next_steps"),
        is_prose=True,
        step=5,
    ),
    Stop(
        "submit",
        "Hand it in",
        "Here stands what is still empty; each word leads to its field, and what stays empty counts as not answered. Look "
        "over your five steps once more. After you have submitted, nothing can be changed, and the grade comes within "
        "seconds: line by line, with the records that show it.",
        "closing",
        do="Press “Review and submit”, then “Submit worksheet”.",
    ),
)
STOP_NAMES = tuple(stop.name for stop in STOPS)
FIRST_STOP = STOPS[0].name
