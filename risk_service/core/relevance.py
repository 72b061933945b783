"""Which dyad a text is about, and how directly; and what its theme is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from risk_service.core.dyads import THEMES, Gazetteer

Directness = Literal["dyad", "theatre", "other"]
RELEVANCE: dict[Directness, float] = {"dyad": 1.0, "theatre": 0.5, "other": 0.0}
LEAD = 600
"""Characters of a text that decide what it is about: a headline and a lead, not the background."""

# CAMEO roots by the theme they speak of most, for events coded without text.
_ROOT_THEMES = {"15": "military", "17": "military", "18": "military", "19": "military"}
_CODE_THEMES = {"163": "sanctions_trade", "085": "sanctions_trade", "061": "sanctions_trade"}


@dataclass(frozen=True, slots=True)
class Relevance:
    """``dyad``: the two states themselves, 1; ``theatre``: where they meet, 0.5; ``other``: 0."""

    directness: Directness
    weight: float
    theme: str


def relevance_of(
    text: str,
    gazetteer: Gazetteer,
    actor: str | None = None,
    recipient: str | None = None,
    event_code: str | None = None,
) -> Relevance:
    """How directly an event is about the gazetteer's dyad.

    A text naming both states is of the dyad. One naming the second state beside an ally or an act
    between states, or the front beside either side or such an act, is of the theatre. Where the
    parties are coded they count too, and the more direct of the two readings holds.
    """
    lead = gazetteer.not_about.sub(" ", text[:LEAD])
    readings = [_by_words(gazetteer, lead)]
    if actor is not None and recipient is not None:
        readings.append(_by_parties(gazetteer, actor, recipient))
    directness = max(readings, key=RELEVANCE.__getitem__)
    theme = _theme(gazetteer, lead, event_code) if directness != "other" else "diplomacy"
    return Relevance(directness, RELEVANCE[directness], theme)


def code_speaks(gazetteer: Gazetteer, actor: str | None, recipient: str | None) -> bool:
    """Whether an event's code tells of the dyad's relations: its parties face each other there.

    Arms for the front are cooperation between giver and taker, and no thaw with the second state.
    Unknown parties are taken to be the dyad's own.
    """
    if actor is None or recipient is None:
        return True
    parties = {actor, recipient}
    return gazetteer.b in parties and bool(parties & (gazetteer.theatre_countries | {gazetteer.a}))


def _by_parties(gazetteer: Gazetteer, actor: str, recipient: str) -> Directness:
    parties = {actor, recipient}
    if parties == {gazetteer.a, gazetteer.b}:
        return "dyad"
    if gazetteer.b in parties and parties & gazetteer.theatre_countries:
        return "theatre"
    # What the first state does with the front (arms for Ukraine) is the theatre's business too.
    return "theatre" if gazetteer.a in parties and parties & gazetteer.front_countries else "other"


def _by_words(gazetteer: Gazetteer, lead: str) -> Directness:
    second = gazetteer.side_b.search(lead)
    front = gazetteer.front.search(lead)
    if not second and not front:
        return "other"
    first = gazetteer.side_a.search(lead)
    if first and second:
        return "dyad"
    if first or (second and front):
        return "theatre"
    between = gazetteer.topics.search(lead) or gazetteer.allies.search(lead)
    return "theatre" if between else "other"


def _theme(gazetteer: Gazetteer, lead: str, event_code: str | None) -> str:
    hits = {name: len(pattern.findall(lead)) for name, pattern in gazetteer.themes.items()}
    best = max(hits, key=lambda name: hits[name], default=THEMES[0])
    if hits.get(best):
        return best
    code = event_code or ""
    return _CODE_THEMES.get(code[:3], _ROOT_THEMES.get(code[:2], "diplomacy"))
