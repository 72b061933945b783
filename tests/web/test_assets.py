"""The page's files: what they weigh, how they are kept, and what the page may load."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from risk_service.api.problems import install
from risk_service.core.dyads import THEMES
from risk_service.web.assets import FOLDER, read_assets
from risk_service.web.routes import POLICY, page_router

STATIC = Path(str(FOLDER))
SCRIPTS = sorted(STATIC.glob("js/**/*.js"))
MOST = 100_000


@pytest.fixture(scope="module")
def client() -> TestClient:
    app = FastAPI()
    install(app)
    app.include_router(page_router())
    return TestClient(app)


def test_our_scripts_weigh_at_most_a_hundred_kilobytes() -> None:
    assert len(SCRIPTS) > 20
    assert sum(path.stat().st_size for path in SCRIPTS) <= MOST


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_short_and_parse_nothing_as_markup(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) < 300
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)


def test_nothing_is_loaded_from_elsewhere() -> None:
    for path in (*SCRIPTS, *STATIC.glob("*.css"), *STATIC.glob("*.html")):
        text = path.read_text("utf-8")
        loaded = re.findall(r'(?:from|src=|url\(|import\()\s*["\'](https?:[^"\']+)', text)
        assert loaded == [], path.name


def test_the_page_links_to_files_that_are_there_and_has_a_strict_policy(client: TestClient) -> None:
    page = client.get("/")
    assert page.headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    links = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    scripts = {link.partition("/js/")[2] for link in links if "/js/" in link}
    assert {"app.js", "chart/view.js"} <= scripts
    assert not {"alerts.js", "models.js", "method.js", "try.js"} & scripts
    for link in links:
        answer = client.get(link)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    known = client.get("/", headers={"If-None-Match": page.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/static/0000/base.css", "/static/{hash}/../assets.py", "/static/{hash}/no.js"]
)
def test_what_is_not_there_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(path.format(hash=read_assets().hash)).status_code == 404


def test_another_content_is_another_address(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("{static} {modules}", "utf-8")
    (tmp_path / "a.css").write_text("p {}", "utf-8")
    before = read_assets(tmp_path)
    (tmp_path / "a.css").write_text("q {}", "utf-8")
    assert read_assets(tmp_path).hash != before.hash
    assert before.shell == f"/static/{before.hash} ".encode()


def test_the_pages_menus_name_every_theme_as_the_script_does() -> None:
    page = (STATIC / "index.html").read_text("utf-8")
    (menu,) = re.findall(r'<select name="theme">(.*?)</select>', page)
    told = dict(re.findall(r'<option value="(\w+)">([^<]+)</option>', menu))
    assert sorted(told) == sorted(THEMES)
    legend = re.findall(
        r'<span data-of="themes" hidden><i class="swatch (\w+)-ink"[^>]*></i>', page
    )
    assert legend == list(told)
    script = (STATIC / "js/format.js").read_text("utf-8")
    for name, label in told.items():
        assert f'{name}: "{label}"' in script


def test_licences_stand_beside_what_is_vendored() -> None:
    notice = (STATIC / "vendor/NOTICE").read_text("utf-8")
    assert "TradingView" in notice and "Inter Project" in notice
    assert "Apache License" in (STATIC / "vendor/LICENSE").read_text("utf-8")
    assert "SIL Open Font License" in " ".join(
        (STATIC / "vendor/INTER-LICENSE").read_text().split()
    )
    assert "https://www.tradingview.com/" in (STATIC / "index.html").read_text("utf-8")
