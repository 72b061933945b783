from datetime import UTC, date, datetime, timedelta
from html import escape

import pytest

from risk_service.core.events import Event
from risk_service.errors import FeedError
from risk_service.feeds.contract import Reading
from risk_service.feeds.rss import RssFeed
from tests.wire import Reply, Wire

NOW = datetime(2025, 8, 15, 18, tzinfo=UTC)


def item(title: str, date: str | None = "Fri, 15 Aug 2025 12:00:00 GMT", guid: str = "g1") -> str:
    date_tag = f"<pubDate>{date}</pubDate>" if date is not None else ""
    return f"<item><title>{escape(title)}</title><guid>{guid}</guid>{date_tag}</item>"


def rss(*items: str, head: str = "") -> bytes:
    return f"<rss version='2.0'><channel>{head}{''.join(items)}</channel></rss>".encode()


def read(wire: Wire, body: bytes, now: datetime = NOW) -> Reading:
    url = wire.route("/feed", Reply(body))
    return RssFeed("Wire", url, private=True).read(None, now)


def test_an_entry_becomes_an_event(wire: Wire) -> None:
    body = rss(
        "<item><title>&lt;b&gt;Talks&lt;/b&gt; &amp;amp; tariffs</title>"
        "<link> https://news.example/1 </link><description>Left out</description>"
        "<guid isPermaLink='false'>id-1</guid>"
        "<pubDate>Fri, 15 Aug 2025 15:00:00 +0300</pubDate></item>",
        head="<language>en-gb</language>",
    )
    assert read(wire, body).events == [
        Event(
            published_at=datetime(2025, 8, 15, 12, tzinfo=UTC),
            text="Talks & tariffs",
            source="Wire",
            url="https://news.example/1",
            language="en",
            occurred_on=date(2025, 8, 15),
            external_id="id-1",
        )
    ]


ATOM = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ru">
<entry><id>urn:1</id><title type="html">Talks &lt;i&gt;resume&lt;/i&gt;</title>
<link href="https://news.example/1"/><published>2025-08-15T10:00:00Z</published>
<updated>2025-08-15T11:00:00Z</updated></entry></feed>"""
RSS_090 = b"""<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns="http://channel.netscape.com/rdf/simple/0.9/"><channel><title>Wire</title></channel>
<item><title>Talks resume</title><link>https://news.example/1</link></item></rdf:RDF>"""
RSS_091 = b"""<?xml version="1.0"?><!DOCTYPE rss PUBLIC
"-//Netscape Communications//DTD RSS 0.91//EN"
"http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel>
<item><title>Talks resume</title><link>https://news.example/1</link></item></channel></rss>"""
RSS_10 = b"""<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Wire</title></channel><item rdf:about="https://news.example/1">
<title>Talks resume</title><link>https://news.example/1</link>
<dc:date>2025-08-15T10:00:00Z</dc:date></item></rdf:RDF>"""


@pytest.mark.parametrize("body", [ATOM, RSS_090, RSS_091, RSS_10])
def test_every_dialect_is_read(wire: Wire, body: bytes) -> None:
    (event,) = read(wire, body).events
    assert (event.text, event.url) == ("Talks resume", "https://news.example/1")


def test_published_counts_before_updated(wire: Wire) -> None:
    (event,) = read(wire, ATOM).events
    assert event.published_at == datetime(2025, 8, 15, 10, tzinfo=UTC)
    assert event.language == "ru"


@pytest.mark.parametrize("codec", ["windows-1251", "koi8-r", "utf-16"])
def test_encodings_come_through_the_wire(wire: Wire, codec: str) -> None:
    text = f"<?xml version='1.0' encoding='{codec}'?>" + rss(item("Переговоры")).decode()
    assert [event.text for event in read(wire, text.encode(codec)).events] == ["Переговоры"]


@pytest.mark.parametrize(
    ("said", "hour"),
    [
        ("Fri, 15 Aug 2025 15:00:00 MSK", 12),
        ("Fri, 15 Aug 2025 08:00:00 EDT", 12),
        ("Fri, 15 Aug 2025 12:00:00 GMT", 12),
        ("15 Aug. 2025 12:00:00 GMT", 12),
        ("2025-08-15T14:00:00+02:00", 12),
    ],
)
def test_zones_are_minded(wire: Wire, said: str, hour: int) -> None:
    (event,) = read(wire, rss(item("Talks", said))).events
    assert event.published_at == datetime(2025, 8, 15, hour, tzinfo=UTC)


@pytest.mark.parametrize("said", [None, "", "yesterday", "Sex, 15 Ago 2025 12:00:00 -0300"])
def test_an_undated_entry_takes_the_moment_it_was_first_read(wire: Wire, said: str | None) -> None:
    feed = RssFeed("Wire", wire.route("/feed", Reply(rss(item("Talks", said)))), private=True)
    first = feed.read(None, NOW)
    again = feed.read(first.cursor, NOW + timedelta(hours=3))
    assert first.events[0].published_at == NOW
    assert again.events == first.events


@pytest.mark.parametrize(
    ("said", "published"),
    [
        ("Fri, 15 Aug 2025 09:00:00 GMT", NOW),
        ("2025-08-13", NOW),
        ("Fri, 15 Aug 2025 18:20:00 GMT", NOW + timedelta(minutes=20)),
    ],
)
def test_an_entry_put_in_late_counts_from_the_reading_before(
    wire: Wire, said: str, published: datetime
) -> None:
    old = item("Talks", "Fri, 15 Aug 2025 08:00:00 GMT")
    bodies = [rss(old), rss(item("Tariffs", said, "g2"), old)]
    feed = RssFeed("Wire", wire.route("/feed", *map(Reply, bodies)), private=True)
    first = feed.read(None, NOW)
    second = feed.read(first.cursor, NOW + timedelta(minutes=30))
    assert second.events[1:] == first.events
    assert second.events[0].published_at == published
    assert second.events[0].occurred_on == (
        date(2025, 8, 13) if said == "2025-08-13" else date(2025, 8, 15)
    )
    third = feed.read(second.cursor, NOW + timedelta(hours=5))
    assert third.events == second.events


def test_a_first_reading_believes_the_dates_of_its_archive(wire: Wire) -> None:
    (event,) = read(wire, rss(item("Talks", "Fri, 08 Aug 2025 08:00:00 GMT"))).events
    assert event.published_at == datetime(2025, 8, 8, 8, tzinfo=UTC)


def test_a_reading_without_change_is_a_reading_too(wire: Wire) -> None:
    replies = [Reply(rss(item("Talks")), etag='"1"'), Reply(etag='"1"')]
    late = item("Tariffs", "Fri, 15 Aug 2025 18:10:00 GMT", "g2")
    feed = RssFeed("Wire", wire.route("/feed", *replies, Reply(rss(late))), private=True)
    cursor = feed.read(None, NOW).cursor
    cursor = feed.read(cursor, NOW + timedelta(hours=1)).cursor
    (event,) = feed.read(cursor, NOW + timedelta(hours=2)).events
    assert event.published_at == NOW + timedelta(hours=1)


def test_a_date_changed_later_does_not_move_an_entry(wire: Wire) -> None:
    bodies = [
        rss(item("Talks", f"{day} Aug 2025 {hour}:00:00 GMT"))
        for day, hour in ((15, 12), (15, 17), (16, 12))
    ]
    feed = RssFeed("Wire", wire.route("/feed", *map(Reply, bodies)), private=True)
    cursor = feed.read(None, NOW).cursor
    for _ in range(2):
        again = feed.read(cursor, NOW)
        assert again.events[0].published_at == datetime(2025, 8, 15, 12, tzinfo=UTC)
        cursor = again.cursor


def test_a_clock_put_back_makes_no_entry_of_the_future(wire: Wire) -> None:
    bodies = [rss(), rss(item("Talks"))]
    feed = RssFeed("Wire", wire.route("/feed", *map(Reply, bodies)), private=True)
    cursor = feed.read(None, NOW + timedelta(days=1)).cursor
    assert feed.read(cursor, NOW).events[0].published_at == NOW


def test_only_a_stated_day_is_a_day_of_happening(wire: Wire) -> None:
    assert read(wire, rss(item("Talks", None))).events[0].occurred_on is None
    (event,) = read(wire, rss(item("Talks", "Fri, 15 Aug 2025 01:00:00 +0300"))).events
    assert event.occurred_on == date(2025, 8, 14)


def test_a_language_may_be_named_in_words(wire: Wire) -> None:
    (event,) = read(wire, rss(item("Talks"), head="<language>English</language>")).events
    assert event.language == "en"


def test_a_first_reading_is_forgotten_with_its_entry(wire: Wire) -> None:
    bodies = [rss(item("Talks", None)), rss(item("Other", guid="g2"))]
    url = wire.route("/feed", *map(Reply, bodies))
    feed = RssFeed("Wire", url, private=True)
    first = feed.read(None, NOW)
    assert list(first.cursor["first_seen"]) == ["g1"]
    assert list(feed.read(first.cursor, NOW).cursor["first_seen"]) == ["g2"]


def test_a_day_without_hour_ends_before_it_counts(wire: Wire) -> None:
    earlier = read(wire, rss(item("Talks", "2025-08-14"))).events[0]
    assert earlier.published_at == datetime(2025, 8, 14, 23, 59, 59, tzinfo=UTC)
    today = RssFeed("Wire", wire.route("/f", Reply(rss(item("Talks", "2025-08-15")))), private=True)
    first = today.read(None, NOW)
    assert first.events[0].published_at == NOW
    assert today.read(first.cursor, NOW + timedelta(hours=1)).events == first.events


def test_an_entry_of_the_future_is_set_aside_until_it_is_due(wire: Wire) -> None:
    body = rss(
        item("Soon", "Fri, 15 Aug 2025 18:09:00 GMT"),
        item("Later", "Fri, 15 Aug 2025 20:00:00 GMT", "g2"),
    )
    feed = RssFeed("Wire", wire.route("/feed", Reply(body, etag='"1"')), private=True)
    first = feed.read(None, NOW)
    assert [event.text for event in first.events] == ["Soon"]
    assert "lies in the future" in first.set_aside[0].reason
    later = feed.read(first.cursor, NOW + timedelta(hours=2))
    assert [event.text for event in later.events] == ["Soon", "Later"]


def test_an_unchanged_feed_is_not_read_twice(wire: Wire) -> None:
    feed = RssFeed("Wire", wire.route("/feed", Reply(rss(item("Talks")), etag='"1"')), private=True)
    first = feed.read(None, NOW)
    assert feed.read(first.cursor, NOW) == Reading(cursor=first.cursor)


def test_bad_entries_are_set_aside_and_the_rest_kept(wire: Wire) -> None:
    body = rss(
        item("Talks"),
        item("", guid="g2"),
        item("x" * 9_000, guid="g3"),
        item("Old", "Fri, 15 Aug 1900 12:00:00 GMT", guid="g4"),
        item("Tariffs", guid="g5"),
    )
    reading = read(wire, body)
    assert [event.text for event in reading.events] == ["Talks", "Tariffs"]
    assert [row.reason.split(":")[0] for row in reading.set_aside] == [
        "title",
        "title",
        "published_at",
    ]
    assert all(row.origin == "rss:Wire" and len(row.raw) <= 2_000 for row in reading.set_aside)
    assert {row.key for row in read(wire, body).set_aside} == {row.key for row in reading.set_aside}


def test_ids_that_tell_nothing_apart_are_not_ids(wire: Wire) -> None:
    body = rss(
        item("Talks", guid="https://news.example/"), item("Tariffs", guid="https://news.example/")
    )
    events = read(wire, body).events
    assert len({event.key for event in events}) == 2
    assert [event.key for event in read(wire, body).events] == [event.key for event in events]


def test_an_entry_that_stands_there_twice_is_one(wire: Wire) -> None:
    assert len(read(wire, rss(item("Talks"), item("Talks"))).events) == 1


def test_a_link_that_is_no_address_is_dropped(wire: Wire) -> None:
    body = rss("<item><title>Talks</title><link>javascript:alert(1)</link></item>")
    (event,) = read(wire, body).events
    assert event.url is None


def test_the_last_entry_of_a_document_cut_short_is_set_aside(wire: Wire) -> None:
    whole = rss(item("Talks"), item("Tariffs raised on steel", guid="g2"))
    cut = whole[: whole.index(b"raised")]
    reading = read(wire, cut)
    assert [event.text for event in reading.events] == ["Talks"]
    assert "cut short" in reading.set_aside[0].reason


def test_a_feed_without_entries_is_a_feed(wire: Wire) -> None:
    assert read(wire, rss()).events == []


@pytest.mark.parametrize(
    "body", [b"", b"hello world", b"{}", b"<a/>", b"<html><body>Log in</body></html>", b"%PDF-1.7"]
)
def test_what_is_no_feed_is_an_error(wire: Wire, body: bytes) -> None:
    with pytest.raises(FeedError):
        read(wire, body)


def test_an_address_on_a_private_network_is_refused(wire: Wire) -> None:
    feed = RssFeed("Wire", wire.route("/feed", Reply(rss(item("Talks")))))
    with pytest.raises(FeedError, match="open internet"):
        feed.read(None, NOW)
    assert wire.asked == []
