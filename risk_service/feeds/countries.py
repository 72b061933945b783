"""Three-letter country codes from two-letter codes and English names; the table is data."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files

_CODE = re.compile(r"[A-Z]{3}")
_DOTS = re.compile(r"[.’']")


def country_code(name: str) -> str | None:
    """ISO 3166 alpha-3, or EUR, NTO, UNO for the European Union, NATO, the United Nations.

    Any other three capitals are taken as they are (CAMEO has codes for groups of states); None
    for what is no country, such as a person's name.

    >>> [country_code(n) for n in ("US", "United States", "Russian Federation", "ua", "IGO", "Bob")]
    ['USA', 'USA', 'RUS', 'UKR', 'IGO', None]
    """
    found = _codes().get(_folded(name))
    if found is None and _CODE.fullmatch(name.strip()):
        return name.strip()
    return found


@cache
def _codes() -> dict[str, str]:
    table = files("risk_service.feeds").joinpath("countries.csv").read_text("utf-8")
    codes: dict[str, str] = {}
    for row in csv.DictReader(table.splitlines()):
        for name in (row["code"], row["two"], *row["names"].split("|")):
            if name:
                codes[_folded(name)] = row["code"]
    return codes


def _folded(name: str) -> str:
    return _DOTS.sub("", name).casefold().strip().removeprefix("the ")
