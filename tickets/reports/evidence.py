"""A ticket's evidence as pages of rows: what the sensors printed, in their order, never a judgement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tickets.models import EvidenceRecord, Variant
from tickets.reports.conversations import (
    Conversation,
    default_conversation,
    find_conversation,
    list_conversations,
)
from tickets.reports.diagram import Diagram, draw_diagram
from tickets.reports.files import ServedFile, list_files
from tickets.reports.rows import Row, find_record, read_rows
from tickets.reports.selection import (
    CONTEXT,
    DIAGRAM,
    FILES,
    MAX_QUERY_LENGTH,
    PAGE_SIZE,
    TABLE,
    TABS,
    TIMELINE,
    VIEWS,
    Measured,
    Wanted,
    first_tab,
    in_order,
    load,
    measure,
    of_tab,
    page_of,
    search,
    total,
)
from tickets.reports.timeline import Timeline, draw_timeline
from tickets.reports.transcript import Transcript, read_transcript


@dataclass(frozen=True, slots=True)
class Tab:
    """`count` is None where a tab is no list of records. `address` is its query string."""

    kind: str
    label: str
    count: int | None
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one tab shows. `seen_ns` is when the records first and last tell of the alert's conversation. Of `diagram`, `transcript`, `timeline` and `files` that one is there that the tab is."""

    wanted: Wanted
    tabs: list[Tab]
    rows: list[Row] = field(default_factory=list)
    pages: int = 1
    found: int = 0
    posts: tuple[str, str]
    seen_ns: tuple[int | None, int | None]
    conversation: Conversation | None = None
    conversations: list[Conversation] = field(default_factory=list)
    diagram: Diagram | None = None
    transcript: Transcript | None = None
    timeline: Timeline | None = None
    files: list[ServedFile] = field(default_factory=list)

    @property
    def tab(self) -> str:
        return self.wanted.tab

    @property
    def view(self) -> str:
        return self.wanted.view

    @property
    def page(self) -> int:
        return self.wanted.page

    @property
    def query(self) -> str:
        return self.wanted.query

    @property
    def label(self) -> str:
        return str(TABS[self.tab])

    @property
    def places(self) -> frozenset[str]:
        shown = (
            self.diagram.rows
            if self.diagram
            else [turn.row for turn in self.transcript.turns]
            if self.transcript
            else self.rows
        )
        return frozenset(row.place for row in shown)

    @property
    def is_empty_kind(self) -> bool:
        return not any(tab.count for tab in self.tabs if tab.kind == self.tab)

    @property
    def is_records(self) -> bool:
        """Is it a list that can be searched and narrowed to a conversation?"""
        return self.tab not in (FILES, CONTEXT)

    @property
    def views(self) -> list[Tab]:
        if self.tab != "packet":
            return []
        return [
            Tab(view, str(label), None, self.wanted.address(view=view, query=""))
            for view, label in VIEWS.items()
        ]

    @property
    def all_address(self) -> str:
        return self.wanted.address(query="")

    @property
    def everything_address(self) -> str:
        return self.wanted.address(conversation="")

    @property
    def search_address(self) -> str:
        """Where the search box asks: it says `q` itself."""
        return self.wanted.address(query="", view=TABLE)

    @property
    def whole_address(self) -> str:
        return self.wanted.address(around_s=0)

    @property
    def around_addresses(self) -> list[dict[str, object]]:
        choices = self.timeline.choices if self.timeline else []
        return [{"seconds": s, "address": self.wanted.address(around_s=s)} for s in choices]

    @property
    def previous_page(self) -> int | None:
        return self.page - 1 if self.page > 1 else None

    @property
    def previous_address(self) -> str:
        return self.wanted.address(page=self.page - 1) if self.page > 1 else ""

    @property
    def next_page(self) -> int | None:
        return self.page + 1 if self.page < self.pages else None

    @property
    def next_address(self) -> str:
        return self.wanted.address(page=self.page + 1) if self.page < self.pages else ""


def read_evidence_page(variant: Variant, wanted: Wanted) -> Evidence:
    """One page of one tab, in at most seven queries whatever the size of the evidence."""
    listed = _listed(variant, wanted)
    wanted, here, conversation = _settle(variant, wanted, listed)
    measured = measure(variant, wanted.conversation)
    if wanted.tab not in TABS:
        wanted = replace(wanted, tab=first_tab(measured.counts))
    evidence = Evidence(
        wanted=wanted,
        tabs=[
            Tab(tab, str(label), total(measured.counts, tab), wanted.address(tab=tab, view=TABLE, query=""))
            for tab, label in TABS.items()
        ],
        posts=(variant.alert_src_ip, variant.alert_dst_ip),
        conversation=conversation,
        seen_ns=measured.seen_ns,
    )
    if wanted.tab == FILES:
        return replace(evidence, files=list_files(variant))
    evidence = replace(evidence, conversations=_offered(listed, conversation))
    if wanted.tab == "packet" and wanted.view != TABLE:
        return _with_view(evidence, variant, measured)
    return _with_rows(evidence, variant, here, measured)


def _with_view(evidence: Evidence, variant: Variant, measured: Measured) -> Evidence:
    """The chosen conversation's packets in another way than as a table; the alert's where none is chosen."""
    drawn = evidence.conversation or default_conversation(
        variant, evidence.conversations, is_alerts=measured.has_packets
    )
    if evidence.view == DIAGRAM:
        return replace(evidence, diagram=draw_diagram(variant, drawn, measured.first_ns))
    transcript = read_transcript(variant, drawn, measured.first_ns, evidence.page)
    return replace(evidence, transcript=transcript, pages=transcript.pages if transcript else 1)


def _with_rows(
    evidence: Evidence,
    variant: Variant,
    here: EvidenceRecord | None,
    measured: Measured,
) -> Evidence:
    wanted = evidence.wanted
    records = in_order(search(of_tab(variant, wanted), wanted.query), wanted.tab)
    timeline = None
    if wanted.tab == TIMELINE:
        timeline = draw_timeline(variant, wanted.conversation, wanted.around_s, measured.span_ns)
        records = records.filter(time_ns__range=(timeline.start_ns, timeline.end_ns)) if timeline else records
    found = (
        records.count()
        if wanted.query
        else timeline.count
        if timeline
        else total(measured.counts, wanted.tab) or 0
    )
    pages = max(1, -(-found // PAGE_SIZE))
    page = page_of(records, here) if here else min(wanted.page, pages)
    shown = load(records, (page - 1) * PAGE_SIZE, page > 1)
    rows = list(read_rows(shown, variant, first_ns=measured.first_ns, opened=wanted.opened, here=here))
    return replace(
        evidence,
        wanted=replace(wanted, page=page),
        rows=rows[1 if page > 1 else 0 :],
        pages=pages,
        found=found,
        timeline=timeline,
    )


def _settle(
    variant: Variant, wanted: Wanted, listed: Sequence[Conversation]
) -> tuple[Wanted, EvidenceRecord | None, Conversation | None]:
    """What is wanted as far as it is there. Where one goes to a record, what was searched for before must not hide it."""
    here = find_record(variant, wanted.place) if wanted.place else None
    if here is not None:
        return replace(wanted, tab=here.kind, view=TABLE, query="", conversation=""), here, None
    conversation = find_conversation(variant, wanted.conversation, listed) if wanted.conversation else None
    settled = replace(
        wanted,
        view=wanted.view if wanted.view in VIEWS else TABLE,
        query=wanted.query.strip()[:MAX_QUERY_LENGTH],
        conversation=conversation.id if conversation else "",
    )
    return settled, None, conversation


def _listed(variant: Variant, wanted: Wanted) -> list[Conversation]:
    """The conversations to choose from; further rows are put to a page that has them."""
    is_shown = wanted.place or (wanted.tab not in (CONTEXT, FILES) and wanted.page == 1)
    return list_conversations(variant) if is_shown else []


def _offered(listed: list[Conversation], chosen: Conversation | None) -> list[Conversation]:
    """The chosen one is among them, however small it is."""
    return [chosen, *listed] if listed and chosen and chosen not in listed else listed
