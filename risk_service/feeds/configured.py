"""The setting of the feeds made into feeds."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files
from urllib.parse import urlsplit

from risk_service.core.dyads import Gazetteer
from risk_service.core.relevance import relevance_of
from risk_service.feeds.contract import Feed
from risk_service.feeds.gdelt import GdeltFeed
from risk_service.feeds.headline import web_address
from risk_service.feeds.rss import RssFeed

MAX_NAME = 150

# A comma parts two feeds only where a feed begins behind it: addresses hold commas too.
_BETWEEN = re.compile(r"\s*,\s*(?=default|none|gdelt|rss:|$)")


def make_feeds(
    spec: str,
    gazetteers: Sequence[Gazetteer],
    *,
    private: bool = False,
    gdelt_url: str = "http://data.gdeltproject.org",
    gdelt_days: int = 2,
) -> list[Feed]:
    """The feeds of a setting such as ``default``, ``none`` or ``gdelt,rss:https://…``.

    ``default`` stands for GDELT and the bundled list; what is named twice is read once. GDELT
    keeps what is about the dyad of any gazetteer or its theatre. An RSS address gives its feed
    the name of its host and path, without user, password or query.

    Raises
    ------
    ValueError
        For a word that is none of these, or an address that is not http or https.
    """
    parts = [part for part in _BETWEEN.split(spec.strip()) if part]
    gdelt = False
    addresses: dict[str, str] = {}
    for part in parts:
        if part in ("default", "gdelt"):
            gdelt = True
        if part == "default":
            addresses |= default_addresses()
        elif part.startswith("rss:"):
            address = _address(part)
            addresses.setdefault(address, _name(address))
        elif part not in ("gdelt", "none") or (part == "none" and len(parts) > 1):
            raise ValueError(f"feeds: {part!r} is not default, none, gdelt or rss:URL")
    feeds: list[Feed] = []
    if gdelt:
        feeds.append(_gdelt(gazetteers, gdelt_url, gdelt_days, private))
    named = _told_apart(addresses)
    return feeds + [RssFeed(name, address, private) for address, name in named.items()]


def default_addresses() -> dict[str, str]:
    """The bundled list: name by address, in its order."""
    text = files("risk_service.feeds").joinpath("default_feeds.toml").read_text("utf-8")
    return {feed["url"]: feed["name"] for feed in tomllib.loads(text)["feeds"]}


def _gdelt(gazetteers: Sequence[Gazetteer], url: str, days: int, private: bool) -> GdeltFeed:
    def keep(actor: str, recipient: str) -> bool:
        return bool(actor and recipient) and any(
            relevance_of("", gazetteer, actor, recipient).weight > 0 for gazetteer in gazetteers
        )

    def wanted(text: str) -> bool:
        return any(relevance_of(text, gazetteer).weight > 0 for gazetteer in gazetteers)

    return GdeltFeed(keep, wanted, url, days, private=private)


def _address(part: str) -> str:
    address = web_address(part.removeprefix("rss:"))
    if address is None or urlsplit(address).hostname is None:
        raise ValueError(f"feeds: {part!r} holds no http or https address")
    return address


def _name(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.hostname}{parts.path}".rstrip("/")[:MAX_NAME]


def _told_apart(addresses: dict[str, str]) -> dict[str, str]:
    named: dict[str, str] = {}
    for address, name in addresses.items():
        taken, number = set(named.values()), 2
        own = name
        while own in taken:
            own = f"{name} ({number})"
            number += 1
        named[address] = own
    return named
