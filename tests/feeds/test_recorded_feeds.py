from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest

from risk_service.errors import FeedError
from risk_service.feeds.feed_text import feed_text
from risk_service.feeds.rss import read_document

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "wire" / "rss"


@pytest.mark.skipif(not SAMPLES.exists(), reason="the recorded feeds are not here")
def test_every_recorded_feed_is_read_or_refused() -> None:
    bodies = {
        path.name: path.read_bytes()
        for path in SAMPLES.rglob("*")
        if path.suffix in (".xml", ".atom", ".rss", ".gz")
    }
    with ZipFile(SAMPLES / "ugly" / "feedparser_tests_subset.zip") as pack:
        bodies |= {name: pack.read(name) for name in pack.namelist() if name.endswith(".xml")}
    events, refused = 0, []
    for name, body in bodies.items():
        try:
            text = feed_text(body, "", 5_000_000)
            events += len(read_document(text, name, datetime(2026, 11, 1, tzinfo=UTC), {}).events)
        except FeedError as error:
            refused.append(f"{name}: {error}")
    assert len(bodies) > 400
    assert events > 850
    assert len(refused) < 6
