"""The bytes of a feed as text that a parser can be trusted with, or refused.

A feed comes gzipped or not, in the encoding it declares or another, as XML or as the page of a
login wall. What reaches the parser is text without entity declarations (no expansion, no
billion laughs) and without the shapes that make parsers slow.
"""

from __future__ import annotations

import codecs
import re

from risk_service.errors import FeedError
from risk_service.feeds.inflate import GZIP_MAGIC, inflated

MAX_ENTRIES = 2_000
MAX_MARKS = 300_000
MAX_ATTRIBUTES = 200

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0?\0", "utf-16-le"),
    (b"\0<\0?", "utf-16-be"),
)
# Codecs of texts. Python knows others (utf-7, unicode_escape) that would let a document unfold.
_TEXT_CODEC = re.compile(
    r"utf-8|utf-8-sig|ascii|iso8859-\d+|cp125\d|cp866|koi8-[ru]|mac-cyrillic"
    r"|gb2312|gbk|gb18030|big5|euc_jp|euc_kr|shift_jis|cp932|cp949"
)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*['\"]([A-Za-z0-9_.:-]{1,40})['\"]")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]{0,400}>")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_HTML = re.compile(r"<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_REFERENCE = re.compile(r"&#(?:[xX]([0-9A-Fa-f]++)|([0-9]++));?")
_ROOT = re.compile(r"<(?:\w{1,50}:)?(?:rss|rdf|feed)[\s>]", re.IGNORECASE)
_ENTRY = re.compile(r"<(?:\w{1,50}:)?(?:item|entry)\b", re.IGNORECASE)
# Possessive throughout: one pass, whatever the text.
_CROWDED = re.compile(
    r"<[A-Za-z][^\s<>/=]*+(?:\s++[^\s<>/=]++\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'))"
    rf"{{{MAX_ATTRIBUTES + 1}}}"
)


def feed_text(body: bytes, content_type: str, max_bytes: int) -> str:
    """The document in a feed's body, without its XML declaration.

    Parameters
    ----------
    body
        As fetched; gzip inside is undone, to at most ``max_bytes``.
    content_type
        Content-Type of the answer; its charset counts where the bytes are not UTF-8 and declare
        nothing themselves.

    Raises
    ------
    FeedError
        For an empty body, HTML, entity declarations, more than 2,000 entries, or a shape no
        honest feed has.
    """
    if body.startswith(GZIP_MAGIC):
        body = inflated([body], max_bytes)
    text = _ILLEGAL.sub("", _decoded(body, content_type))
    text = _DECLARATION.sub("", text, count=1) if _DECLARATION.match(text) else text
    _refuse(text)
    return _REFERENCE.sub(_legal, text)


def _decoded(body: bytes, content_type: str) -> str:
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return body.decode(codec, "replace").lstrip("\ufeff")
    try:
        return body.decode()
    except UnicodeDecodeError:
        pass
    declared = _DECLARED.search(body[:1_000])
    charset = _CHARSET.search(content_type)
    names = [declared[1].decode() if declared else "", charset[1] if charset else ""]
    for codec in filter(None, map(_text_codec, names)):
        try:
            return body.decode(codec)
        except UnicodeDecodeError:
            continue
    # Nearly UTF-8, with some bytes broken, or else the commonest of the undeclared.
    if any(_text_codec(name) == "utf-8" for name in names):
        return body.decode("utf-8", "replace")
    return body.decode("cp1252", "replace")


def _legal(reference: re.Match[str]) -> str:
    """The reference, or nothing where it stands for no character: halves of emoji are common."""
    digits, base = (reference[1], 16) if reference[1] else (reference[2], 10)
    number = int(digits.lstrip("0")[:8] or "0", base)
    legal = number <= 0x10FFFF and not _ILLEGAL.fullmatch(chr(number))
    return reference[0] if legal else ""


def _text_codec(name: str) -> str | None:
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        return None
    # Pages that say latin-1 mean Windows's superset of it.
    codec = {"iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}.get(codec, codec)
    return codec if _TEXT_CODEC.fullmatch(codec) else None


def _refuse(text: str) -> None:
    if not text.strip():
        raise FeedError("the body is empty")
    if _HTML.search(text[:2_000]) and not _ROOT.search(text[:2_000]):
        raise FeedError("the body is an HTML page, not a feed")
    if "<!entity" in text.casefold():
        raise FeedError("the document declares entities")
    if text.count("<") > MAX_MARKS:
        raise FeedError(f"the document has more than {MAX_MARKS} tags")
    if sum(1 for _ in _ENTRY.finditer(text)) > MAX_ENTRIES:
        raise FeedError(f"the document has more than {MAX_ENTRIES} entries")
    if _CROWDED.search(text):
        raise FeedError(f"a tag has more than {MAX_ATTRIBUTES} attributes")
