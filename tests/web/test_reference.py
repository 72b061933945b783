"""The API reference: over HTTP it holds the whole interface and nothing from elsewhere; in Chromium
it can be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from risk_service.api.app import create_api, document
from risk_service.api.doors import Rules, scope_needed
from risk_service.web.routes import POLICY, page_router
from risk_service.web.shapes import about, prose, type_of
from tests.api.house import serving
from tests.web.chromium import Looked, Seen, context

METHODS = [(m, p) for p, methods in document()["paths"].items() for m in methods]


@pytest.fixture(scope="module")
def answer() -> Iterator[httpx.Response]:
    with serving(create_api(None, [page_router()])) as url:  # type: ignore[arg-type]
        yield httpx.get(f"{url}/docs")


@pytest.fixture(scope="module")
def tree(answer: httpx.Response) -> ElementTree.Element:
    doctype, _, page = answer.text.partition("\n")
    assert doctype == "<!doctype html>"
    return ElementTree.fromstring(page)


def test_it_is_a_page_under_the_strict_policy_and_needs_no_key(answer: httpx.Response) -> None:
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == POLICY
    assert scope_needed("GET", "/docs", Rules(open_reads=False)) is None


def test_it_is_not_sent_again_while_it_is_the_same() -> None:
    with serving(create_api(None, [page_router()])) as url:  # type: ignore[arg-type]
        etag = httpx.get(f"{url}/docs").headers["etag"]
        again = httpx.get(f"{url}/docs", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_every_method_of_every_path_stands_there_once(tree: ElementTree.Element) -> None:
    heads = [" ".join("".join(head.itertext()).split()) for head in tree.iter("h3")]
    assert len(METHODS) > 60
    for method, path in METHODS:
        assert heads.count(f"{method.upper()} {path}") == 1


def test_parameters_bodies_examples_problems_and_webhooks_are_told(
    tree: ElementTree.Element, answer: httpx.Response
) -> None:
    articles = {
        head.get("id"): " ".join(" ".join(article.itertext()).split())
        for article in tree.iter("article")
        for head in article.iter("h3")
    }
    history = articles["get-v1-index-history"]
    assert "as_of query date-time Answer" in history and "application/vnd.apache" in history
    assert "422" in history and "Hours, days or whole ISO weeks" in history
    posted = articles["post-v1-events"]
    assert "EventIn" in posted and "Washington and Moscow agree to reopen consulates" in posted
    assert "webhook-signature header, needed" in articles["post-alert"]
    assert "published_at date-time" in articles["shape-EventIn"]
    described = [op["summary"] for one in document()["paths"].values() for op in one.values()]
    assert all(summary in "".join(tree.itertext()) for summary in described)
    statuses = {e.get("id") for e in tree.iter("span") if (e.get("id") or "").startswith("problem")}
    assert statuses == {f"problem-{s}" for s in re.findall(r'href="#problem-(\d+)"', answer.text)}


def test_links_lead_somewhere_here(tree: ElementTree.Element, answer: httpx.Response) -> None:
    ids = [one.get("id") for one in tree.iter() if one.get("id")]
    assert len(set(ids)) == len(ids)
    loaded = [one.get(name) for one in tree.iter() for name in ("href", "src") if one.get(name)]
    assert len(loaded) > 300
    for address in loaded:
        assert address is not None
        assert address.startswith(("#", "/static/", "/openapi.json")) or address == "/"
        assert not address.startswith("#") or address[1:] in ids
    with serving(create_api(None, [page_router()])) as url:  # type: ignore[arg-type]
        for address in {one for one in loaded if one and not one.startswith("#")}:
            assert httpx.get(url + address).status_code == 200, address
    assert "<style" not in answer.text and " style=" not in answer.text
    assert [one.get("src") for one in tree.iter("script")] == [
        one for one in loaded if one and one.endswith("js/theme.js")
    ]


def test_types_bounds_and_words_are_told_plainly() -> None:
    assert type_of({"enum": ["a", 1]}) == "<code>a</code>, or <code>1</code>"
    assert type_of({"type": "object", "additionalProperties": {"type": "number"}}) == (
        "map of number"
    )
    pair = {"type": "array", "prefixItems": [{"type": "string"}, {"type": "number"}]}
    assert type_of(pair) == "[string, number]"
    said = about({"minimum": 1, "maximum": 9, "default": 5, "description": "<b> & so on"})
    assert said == (
        "&lt;b&gt; &amp; so on; at least <code>1</code>, at most <code>9</code>; "
        "default <code>5</code>"
    )
    assert prose("A `b*c` of 2 * 3 * 4.") == "<p>A <code>b*c</code> of 2 * 3 * 4.</p>"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1240), ("dark", 360)])
def test_a_reader_finds_no_barrier(
    browser: Browser, looked: Looked, scheme: str, width: int
) -> None:
    seen, reader = Seen(), context(browser, scheme, width)
    page = reader.new_page()
    seen.watch(page)
    page.goto(looked.url)
    page.locator("footer a", has_text="API reference").click()
    page.wait_for_url("**/docs")
    for summary in page.locator("details > summary").all()[:2]:
        summary.click()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("nav a", has_text="Webhooks").click()
    assert page.evaluate("location.hash") == "#webhooks"
    reader.close()
    assert seen.console == []
