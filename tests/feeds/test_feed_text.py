import gzip
import time

import pytest

from risk_service.errors import FeedError
from risk_service.feeds.feed_text import feed_text

LIMIT = 1_000_000
RUSSIAN = "<rss><title>Переговоры в Женеве</title></rss>"
FRENCH = "<rss><title>Négociations à Genève</title></rss>"


@pytest.mark.parametrize("codec", ["utf-8", "windows-1251", "koi8-r", "iso-8859-5", "utf-16"])
def test_the_declared_encoding_is_used(codec: str) -> None:
    body = f"<?xml version='1.0' encoding='{codec}'?>{RUSSIAN}".encode(codec)
    assert feed_text(body, "text/xml", LIMIT) == RUSSIAN


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-8-sig", "utf-32"])
def test_an_encoding_that_shows_itself_needs_no_declaration(codec: str) -> None:
    body = f"<?xml version='1.0'?>{RUSSIAN}".encode(codec)
    assert feed_text(body, "text/xml", LIMIT) == RUSSIAN


def test_the_charset_of_the_answer_helps_a_body_that_declares_nothing() -> None:
    body = RUSSIAN.encode("windows-1251")
    assert feed_text(body, "text/xml; charset=windows-1251", LIMIT) == RUSSIAN


def test_utf8_wins_over_what_is_said_of_it() -> None:
    body = f"<?xml version='1.0' encoding='iso-8859-1'?>{RUSSIAN}".encode()
    assert feed_text(body, "text/xml; charset=windows-1252", LIMIT) == RUSSIAN


def test_latin_without_any_declaration_is_read() -> None:
    assert feed_text(FRENCH.encode("latin-1"), "", LIMIT) == FRENCH


def test_nearly_utf8_keeps_what_is_sound() -> None:
    body = b"<?xml version='1.0' encoding='utf-8'?>" + RUSSIAN.encode() + b"\xff"
    assert feed_text(body, "", LIMIT) == RUSSIAN + "\ufffd"


@pytest.mark.parametrize("codec", ["utf-7", "unicode_escape", "punycode", "zlib", "no-such"])
def test_no_codec_unfolds_a_document(codec: str) -> None:
    hidden = b"+ADwAIQ-ENTITY \\x3c!ENTITY"
    body = f"<?xml version='1.0' encoding='{codec}'?><rss>".encode() + hidden + b"\xe9</rss>"
    assert feed_text(body, f"text/xml; charset={codec}", LIMIT) == f"<rss>{hidden.decode()}é</rss>"


def test_gzip_inside_is_undone_within_the_limit() -> None:
    assert feed_text(gzip.compress(RUSSIAN.encode()), "", LIMIT) == RUSSIAN
    with pytest.raises(FeedError, match="unpacks to more"):
        feed_text(gzip.compress(b"a" * (LIMIT + 1)), "", LIMIT)


@pytest.mark.parametrize("body", [b"", b"  \n", b"\0" * 20, b"<?xml version='1.0'?>"])
def test_an_empty_body_is_refused(body: bytes) -> None:
    with pytest.raises(FeedError, match="is empty"):
        feed_text(body, "", LIMIT)


@pytest.mark.parametrize(
    "body",
    [b"<!DOCTYPE html><html><title>Log in</title>", b"\n<HTML lang='en'>", b"<!-- x --><html>"],
)
def test_a_page_is_refused(body: bytes) -> None:
    with pytest.raises(FeedError, match="HTML page"):
        feed_text(body, "text/xml", LIMIT)


def test_a_feed_that_calls_itself_html_is_let_through() -> None:
    body = b"<!DOCTYPE html PUBLIC 'x'><html><body><feed xmlns='x'></feed></body></html>"
    assert "<feed" in feed_text(body, "", LIMIT)


BOMB = (
    "<!DOCTYPE r [<!ENTITY a 'lol'><!ENTITY b '&a;&a;&a;'><!ENTITY c SYSTEM 'file:///etc/hosts'>]>"
    "<rss version='2.0'><channel><item><title>&b;&c;</title></item></channel></rss>"
)


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "utf-16-be", "utf-32"])
def test_entity_declarations_are_refused_in_any_encoding(codec: str) -> None:
    with pytest.raises(FeedError, match="declares entities"):
        feed_text(("<?xml version='1.0'?>" + BOMB).encode(codec), "", LIMIT)


@pytest.mark.parametrize(
    ("shape", "complaint"),
    [
        (b"<rss>" + b"<item/>" * 2_001, "2000 entries"),
        (b"<rss>" + b"<x:Entry>" * 2_001, "2000 entries"),
        (b"<rss>" + b"<" * 300_001, "300000 tags"),
        (b"<rss><a " + b" ".join(b"a%d='>'" % n for n in range(201)) + b"/>", "200 attributes"),
    ],
)
def test_shapes_that_make_parsers_slow_are_refused(shape: bytes, complaint: str) -> None:
    with pytest.raises(FeedError, match=complaint):
        feed_text(shape, "", LIMIT)


@pytest.mark.parametrize(
    "shape", [b"<!---->", b"<a x='<a x=\"", b"<a " * 3 + b" ", b"<?xml ", b"&a", b"<!DOCTYPE ["]
)
def test_looking_is_quick_whatever_the_text(shape: bytes) -> None:
    start = time.monotonic()
    feed_text((b"<rss>" + shape * 20_000)[:100_000], "", LIMIT)
    assert time.monotonic() - start < 2


def test_characters_that_xml_forbids_are_left_out() -> None:
    assert feed_text(b"<rss>a\x0b\x00b</rss>", "", LIMIT) == "<rss>ab</rss>"


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("&#55357;&#56832; a", " a"),
        ("&#xD83D;&#xde00; a", " a"),
        ("&#0; &#x1F600; &#99999999; a", " &#x1F600;  a"),
        ("&#" + "9" * 5_000 + "; a", " a"),
        ("&#0000065; &#x41 &#a; &amp;#0; a", "&#0000065; &#x41 &#a; &amp;#0; a"),
    ],
)
def test_references_to_no_character_are_left_out(written: str, left: str) -> None:
    assert feed_text(f"<rss>{written}</rss>".encode(), "", LIMIT) == f"<rss>{left}</rss>"
