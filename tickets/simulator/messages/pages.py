"""Words and pages of text that mean nothing."""

from __future__ import annotations

from tickets.simulator.randomness import Stream

PAGE_WORDS = (
    "about account after again archive area before between board branch building calendar central change "
    "chapter city contact country customer delivery description details document east edition evening "
    "every example first garden general group history hours index information issue journal latest "
    "library list local market material meeting member morning museum nature network north notes number "
    "office open order other overview page paper part people place plan press product programme project "
    "public quarter question railway reader record region report research river road school season "
    "section series service shop small south station story street summary summer supply system table "
    "talks team text today tour town travel update visit weather week west winter work world year"
)
WORDS = tuple(PAGE_WORDS.split())


def write_page(size: int, chance: Stream) -> bytes:
    """An HTML page of exactly `size` bytes (at least 200)."""
    title = " ".join(chance.pick(WORDS) for _ in range(3)).capitalize()
    text = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1><p>"
    end = "</p></body></html>\n"
    while len(text) < size:
        words = [chance.pick(WORDS) for _ in range(chance.between(6, 14))]
        text += " ".join(words).capitalize() + (".</p>\n<p>" if chance.happens(30) else ". ")
    return (text[: size - len(end)] + end).encode()
