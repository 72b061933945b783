"""A dyad's gazetteer: the words that say a text is about two states, read from one TOML file.

Terms are data. Adding a dyad adds a file in the manner of ``risk_service/dyads/usa-rus.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

THEMES = (
    "diplomacy",
    "military",
    "sanctions_trade",
    "energy",
    "arms_control",
    "detainees",
    "cyber",
)

Pattern = re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """The compiled terms of one dyad; ``name`` is like ``USA-RUS``."""

    name: str
    version: str
    a: str
    b: str
    side_a: Pattern
    side_b: Pattern
    front: Pattern
    allies: Pattern
    topics: Pattern
    not_about: Pattern
    theatre_countries: frozenset[str]
    front_countries: frozenset[str]
    themes: Mapping[str, Pattern]


def read_gazetteer(toml: str) -> Gazetteer:
    """Read one dyad's file.

    Raises
    ------
    ValueError
        Naming the key that is missing, of the wrong kind or unknown.
    """
    try:
        data = tomllib.loads(toml)
        terms, themes = data["terms"], data["themes"]
        unknown = sorted(set(themes) - set(THEMES))
        if unknown:
            raise ValueError(f"themes: {unknown} are not among {list(THEMES)}")
        return Gazetteer(
            name=f"{_country(data, 'a')}-{_country(data, 'b')}",
            version=str(data["version"]),
            a=data["a"],
            b=data["b"],
            side_a=compile_terms(terms["a"]),
            side_b=compile_terms(terms["b"]),
            front=compile_terms(terms["front"]),
            allies=compile_terms(terms["allies"]),
            topics=compile_terms(terms["topics"]),
            not_about=compile_terms(terms["not_about"]),
            theatre_countries=frozenset(data["countries"]["theatre"]),
            front_countries=frozenset(data["countries"]["front"]),
            themes={name: compile_terms(words) for name, words in themes.items()},
        )
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"the gazetteer is not TOML: {error}") from None
    except KeyError as error:
        raise ValueError(f"the gazetteer lacks {error}") from None


def compile_terms(terms: Iterable[str]) -> Pattern:
    """One pattern for many terms, whole words only.

    A term with a capital is matched as written or all in capitals, one without in any case; a
    trailing ``*`` takes any ending. No terms at all match nothing.

    >>> pattern = compile_terms(["US", "sanction*"])
    >>> [bool(pattern.search(t)) for t in ("US envoy", "join us", "New SANCTIONS", "sanctioned")]
    [True, False, True, True]
    """
    parts = [_term(term) for term in sorted(terms, key=len, reverse=True)]
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)" if parts else r"(?!)")


def _term(term: str) -> str:
    ending = r"\w*" if term.endswith("*") else ""
    word = term.removesuffix("*")
    if word == word.lower():
        return f"(?i:{re.escape(word)}){ending}"
    return f"(?:{re.escape(word)}|{re.escape(word.upper())}){ending}"


def _country(data: Mapping[str, object], side: str) -> str:
    code = data[side]
    if not isinstance(code, str) or not re.fullmatch(r"[A-Z]{3}", code):
        raise ValueError(f"{side}: {code!r} is not a three-letter country code")
    return code
