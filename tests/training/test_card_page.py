from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

from tests.service import ROOT
from tests.training.cards import CARD
from training.card_charts import confusion_svg, reliability_svg
from training.card_page import NO_CHARTS, NO_TABLES, card_page


class Tags(HTMLParser):
    """Collects start tags, and checks that what is opened is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_a_page_holds_the_card_and_its_pictures_and_asks_nobody() -> None:
    page = card_page(CARD, ["champion"])
    tags = Tags(page).found
    names = [tag for tag, _ in tags]
    assert names.count("svg") == 2
    assert "script" not in names
    # What the pictures refer to lies within the page.
    told = [value for _, attributes in tags for name, value in attributes.items()
            if name in ("src", "href", "xlink:href")]  # fmt: skip
    assert all(value is None or value.startswith("#") for value in told)
    for words in ("fast-1 · champion", "0.7100", "0.6500 – 0.7700", "English &amp; only"):
        assert words in page
    assert "<b>" not in page


def test_the_pictures_show_the_numbers() -> None:
    svg = ElementTree.fromstring(confusion_svg(CARD))
    texts = {"".join(node.itertext()).strip() for node in svg.iter() if node.tag.endswith("text")}
    assert texts >= {"20", "25", "27", "thaw", "escalation", "neutral", "read as"}
    assert confusion_svg(CARD) == confusion_svg(CARD)
    assert "share right" in reliability_svg(CARD)


def test_an_older_card_has_no_pictures_and_says_so() -> None:
    page = card_page(replace(CARD, confusion=(), reliability=()))
    assert NO_TABLES in page
    assert "<svg" not in page


def test_without_matplotlib_the_page_says_what_is_missing() -> None:
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from tests.training.cards import CARD\n"
        "from training.card_page import card_page\n"
        "sys.stdout.write(card_page(CARD))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert NO_CHARTS in done.stdout
    assert "<svg" not in done.stdout
