from importlib.resources import files

import pytest

from risk_service.core.dyads import read_gazetteer
from risk_service.feeds.configured import default_addresses, make_feeds
from risk_service.feeds.gdelt import GdeltFeed
from risk_service.feeds.rss import RssFeed

USA_RUS = read_gazetteer(files("risk_service").joinpath("dyads/usa-rus.toml").read_text("utf-8"))


@pytest.mark.parametrize("spec", ["none", "", "  "])
def test_no_feeds(spec: str) -> None:
    assert make_feeds(spec, [USA_RUS]) == []


def test_the_default_is_gdelt_and_the_bundled_list() -> None:
    first, *others = make_feeds("default", [USA_RUS])
    assert isinstance(first, GdeltFeed)
    assert len(others) == len(default_addresses()) > 8
    assert all(isinstance(feed, RssFeed) and feed.url.startswith("https://") for feed in others)
    assert len({feed.name for feed in others}) == len(others)


def test_addresses_keep_their_commas_and_hide_their_secrets() -> None:
    spec = "gdelt, rss:https://me:pw@news.example/world,1.xml?key=a,b ,rss:http://b.example/"
    gdelt, one, two = make_feeds(spec, [USA_RUS])
    assert (gdelt.name, one.name, two.name) == (
        "gdelt",
        "rss:news.example/world,1.xml",
        "rss:b.example",
    )
    assert isinstance(one, RssFeed)
    assert one.url == "https://me:pw@news.example/world,1.xml?key=a,b"


def test_feeds_of_one_page_are_told_apart_and_the_same_one_is_read_once() -> None:
    spec = "rss:https://a.example/r?t=1,rss:https://a.example/r?t=2,rss:https://a.example/r?t=1"
    assert [feed.name for feed in make_feeds(spec, [USA_RUS])] == [
        "rss:a.example/r",
        "rss:a.example/r (2)",
    ]


def test_the_defaults_may_have_company() -> None:
    spec = "default,rss:https://a.example/r"
    assert len(make_feeds(spec, [USA_RUS])) == len(make_feeds("default", [USA_RUS])) + 1


@pytest.mark.parametrize(
    "spec", ["gdlt", "gdelt,nonsense", "rss:", "rss:ftp://a.example", "rss:news", "gdelt,none"]
)
def test_what_is_no_feed_is_refused(spec: str) -> None:
    with pytest.raises(ValueError, match="feeds:"):
        make_feeds(spec, [USA_RUS])


def test_settings_reach_the_feeds() -> None:
    gdelt, rss = make_feeds(
        "gdelt,rss:https://a.example/r",
        [USA_RUS],
        private=True,
        gdelt_url="http://mirror.example",
        gdelt_days=5,
    )
    assert isinstance(gdelt, GdeltFeed)
    assert isinstance(rss, RssFeed)
    assert (gdelt.base_url, gdelt.days) == ("http://mirror.example", 5)
    assert gdelt.private
    assert rss.private


def test_gdelt_keeps_what_is_about_the_dyad_or_its_theatre() -> None:
    (gdelt,) = make_feeds("gdelt", [USA_RUS])
    assert isinstance(gdelt, GdeltFeed)
    kept = [("USA", "RUS"), ("RUS", "USA"), ("UKR", "RUS"), ("USA", "UKR")]
    left = [("USA", "CHN"), ("RUS", ""), ("", ""), ("", "USA"), ("BRA", "ARG")]
    assert all(gdelt.keep(*pair) for pair in kept)
    assert not any(gdelt.keep(*pair) for pair in left)
    assert gdelt.wanted("US and Russia agree to resume arms talks")
    assert not gdelt.wanted("Rain in Bergen")
    (blind,) = make_feeds("gdelt", [])
    assert isinstance(blind, GdeltFeed)
    assert not blind.keep("USA", "RUS")
