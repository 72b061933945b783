"""The small texts of feeds made plain: headlines, identities, addresses."""

from __future__ import annotations

import hashlib
import html
import re
from urllib.parse import urlsplit

from risk_service.core.events import MAX_URL, fold_space

MAX_TITLE = 2_000
MAX_IDENTITY = 200

_BREAK = re.compile(r"<(?:br|/?p|/?div|/?li)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--.*?-->", re.DOTALL)
_UNPLAIN = re.compile(r"[\x00-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def plain_title(markup: str) -> str:
    """A headline without tags and entities, white space folded, at most 2,000 characters.

    Raises
    ------
    ValueError
        For a headline that is empty or too long.

    Examples
    --------
    >>> plain_title("Talks&amp;nbsp;<b>resume</b><br/>in Geneva: 3 < 5 &lt;i&gt;")
    'Talks resume in Geneva: 3 < 5'
    """
    if len(markup) > 4 * MAX_TITLE:
        raise ValueError(f"title: {len(markup)} characters, at most {MAX_TITLE} are taken")
    # Twice, for feeds escape what was escaped already.
    for _ in range(2):
        markup = html.unescape(_TAG.sub("", _BREAK.sub(" ", markup)))
    title = fold_space(_TAG.sub("", markup))
    if not title:
        raise ValueError("title: is empty")
    if len(title) > MAX_TITLE:
        raise ValueError(f"title: {len(title)} characters, at most {MAX_TITLE} are taken")
    return title


def identity(*candidates: str | None) -> str:
    """The first candidate that is not empty, fit to be an event's ``external_id``.

    One that is long or holds control characters becomes its SHA-256.

    >>> identity(None, " https://example.org/1 ", "title")
    'https://example.org/1'
    """
    chosen = next((text.strip() for text in candidates if text and text.strip()), "")
    if len(chosen) <= MAX_IDENTITY and not _UNPLAIN.search(chosen):
        return chosen
    return "sha256:" + hashlib.sha256(chosen.encode("utf-8", "replace")).hexdigest()


def web_address(text: str | None) -> str | None:
    """The text where it is an http or https address an event takes, else None.

    >>> web_address("https://example.org/1"), web_address("BBC Monitoring")
    ('https://example.org/1', None)
    """
    text = (text or "").strip()
    if not text or len(text) > MAX_URL or _UNPLAIN.search(text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in ("http", "https") and parts.netloc else None
