import pytest

from risk_service.feeds.headline import MAX_TITLE, identity, plain_title, web_address


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ("Talks resume", "Talks resume"),
        ("  Talks\n\tresume ", "Talks resume"),
        ("<b>Talks</b> resume", "Talks resume"),
        ("T<b>alk</b>s<br>resume", "Talks resume"),
        ("Talks &amp; tariffs", "Talks & tariffs"),
        ("Talks &amp;amp; tariffs", "Talks & tariffs"),
        ("&lt;i&gt;Talks&lt;/i&gt; resume", "Talks resume"),
        ("Growth <2% and >1%", "Growth <2% and >1%"),
        ("Talks<!-- a > b --> resume", "Talks resume"),
        ("Переговоры&nbsp;возобновлены", "Переговоры возобновлены"),
        ("<a href='x'>Talks</a>", "Talks"),
    ],
)
def test_a_headline_without_its_markup(markup: str, title: str) -> None:
    assert plain_title(markup) == title


@pytest.mark.parametrize("markup", ["", " \n", "<br/>", "<b></b>", "&nbsp;"])
def test_an_empty_headline_is_refused(markup: str) -> None:
    with pytest.raises(ValueError, match="title: is empty"):
        plain_title(markup)


@pytest.mark.parametrize("length", [MAX_TITLE + 1, 50 * MAX_TITLE])
def test_a_huge_headline_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="at most 2000"):
        plain_title("a" * length)
    assert plain_title("a" * MAX_TITLE) == "a" * MAX_TITLE


def test_what_cannot_be_an_identity_is_hashed() -> None:
    long, odd = "https://example.org/" + "a" * 300, "a\x00b"
    assert identity(long) != identity(long + "b")
    assert identity(odd).startswith("sha256:")
    assert all(0 < len(identity(text)) <= 200 for text in (long, odd, "\ud800", "x" * 200))
    assert all(identity(odd).startswith("sha256:") for odd in ("a\uffff", "a\tb", "a\x7f"))


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "example.org/a",
        "javascript:alert(1)",
        "http://",
        "http://[bad/",
        "http://a/" + "b" * 2000,
    ],
)
def test_what_is_no_address_is_none(text: str | None) -> None:
    assert web_address(text) is None
