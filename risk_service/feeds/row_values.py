"""Single values of files and feeds, turned into what an event takes."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from risk_service.core.cameo import PLOVER_ROOTS, goldstein_by_code, normal_code

_QUAD = re.compile(r"(verb|mat)[a-z]*?(coop|conf)[a-z]*")
_QUAD_CLASSES = {("verb", "coop"): 1, ("mat", "coop"): 2, ("verb", "conf"): 3, ("mat", "conf"): 4}
_LETTERS = re.compile(r"[^a-z]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_LANGUAGES = {
    "english": "en", "eng": "en", "russian": "ru", "rus": "ru", "ukrainian": "uk", "ukr": "uk",
    "german": "de", "deu": "de", "ger": "de", "french": "fr", "fra": "fr", "fre": "fr",
    "spanish": "es", "spa": "es", "swedish": "sv", "swe": "sv", "polish": "pl", "pol": "pl",
    "chinese": "zh", "zho": "zh", "chi": "zh", "arabic": "ar", "ara": "ar", "turkish": "tr",
    "tur": "tr", "italian": "it", "ita": "it", "portuguese": "pt", "por": "pt",
}  # fmt: skip


def plain_text(value: object) -> str | None:
    """The text of a value, ends cut; None for an empty one; whole numbers without a point.

    Raises
    ------
    ValueError
        For a list, an object, a truth value, or bytes that are not UTF-8.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(
        value, str | int | float | Decimal | date | datetime | bytes
    ):
        raise ValueError(f"a {type(value).__name__} is not a plain value")
    if isinstance(value, bytes):
        value = value.decode()
    elif isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return str(value).strip() or None


def number(text: str) -> float:
    """A finite number; ValueError else, for NaN too: unknown is an empty field."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text!r} is not a finite number")
    return value


def language_code(text: str | None) -> str | None:
    """ISO 639 code of a code, a tag such as ``en-US`` or an English name; None for others.

    >>> language_code("en-US"), language_code("Russian"), language_code("x1"), language_code(None)
    ('en', 'ru', None, None)
    """
    short = re.split(r"[-_]", (text or "").strip().casefold(), maxsplit=1)[0]
    short = _LANGUAGES.get(short, short)
    return short if _LANGUAGE.fullmatch(short) else None


def quad_class(text: str) -> int | None:
    """1–4 of a number or a name; None for 0 and "neutral", which some data sets add.

    >>> [quad_class(t) for t in ("3", "VerbalCoop", "Material Conflict", "neutral")]
    [3, 1, 4, None]
    """
    if text in ("1", "2", "3", "4"):
        return int(text)
    name = _LETTERS.sub("", text.casefold())
    if text == "0" or name == "neutral":
        return None
    match = _QUAD.fullmatch(name)
    if match is None:
        raise ValueError(f"{text!r} is neither 1 to 4 nor a name like VerbalCoop")
    return _QUAD_CLASSES[match[1], match[2]]


def event_code(text: str, goldstein: float | None) -> str:
    """A CAMEO code with its zero back, or a PLOVER root in capitals.

    Spreadsheets drop the zero of "057". What is left may be a code of its own ("10" is a demand,
    "010" a statement): then the event's Goldstein value decides, where it has one.

    Raises
    ------
    ValueError
        For a code that neither scheme knows.

    Examples
    --------
    >>> event_code("57", None), event_code("10", None), event_code("10", 0.0), event_code("10", -5)
    ('057', '10', '010', '10')
    """
    code = text.upper()
    if code in PLOVER_ROOTS:
        return code
    known = normal_code(code) if code.isdecimal() else None
    if known is None:
        raise ValueError(f"{text!r} is not a CAMEO code or PLOVER root")
    values = goldstein_by_code()
    longer = f"0{code}"
    if code not in values:
        return known if known == longer else code
    if goldstein is None or longer not in values:
        return code
    return min(code, longer, key=lambda one: abs(values[one] - goldstein))


def digest_of(values: Mapping[str, object]) -> str:
    """SHA-256 in hex of names and values, whatever their order."""
    joined = "\x1e".join(f"{name}\x1f{value}" for name, value in sorted(values.items()))
    return hashlib.sha256(joined.encode(errors="surrogatepass")).hexdigest()
