"""Find the texts that the public labels are of.

``python -m training.public_texts fetch --to FOLDER`` downloads the pages named in the label file's
``origin``, a second time only what is still missing; ``count`` says how many labels have a text.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd

from risk_service.errors import FeedError
from risk_service.feeds.fetch import Missing, fetch
from training.public_labels import LABELS, key_of, read_public_labels, with_texts

BASE = "https://raw.githubusercontent.com"
REVISION = "HEAD"
FETCHED = Path("data") / "public_texts"
BESIDE = Path(__file__).parents[2] / "shared" / "data"
TEXT_COLUMNS = ("text", "headline", "title")
MAX_BYTES = 20_000_000
SECONDS = 60.0
PAUSE = 0.1
FAILURES = 5
"""Pages in a row that may fail before fetching stops."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """Pages ``new`` and ``had`` already, ``missing`` at the host; ``stopped`` says why, or ''."""

    new: int
    had: int
    missing: int
    stopped: str = ""


def default_folders() -> tuple[Path, ...]:
    """Where texts are looked for: ``data/public_texts`` here, then ``../shared/data``."""
    return tuple(folder for folder in (FETCHED, BESIDE) if folder.is_dir())


def texts_in(folders: Iterable[Path]) -> dict[str, str]:
    """Every text in the folders by ``key_of``; where two texts share a key the first found stays.

    Read are, in order of their names and at any depth, CSV files (also gzipped) with a column
    ``text``, ``headline`` or ``title``, and Markdown pages whose list items are headlines, each
    with the outlet after its last dash. A file that is no such thing is passed over.
    """
    found: dict[str, str] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            for text in _texts_of(path):
                found.setdefault(key_of(text), text)
    return found


def labelled_texts(folders: Iterable[Path], labels: Path = LABELS) -> pd.DataFrame:
    """The public labels that find their text in the folders (see ``with_texts``)."""
    return with_texts(read_public_labels(labels), texts_in(folders))


def pages_of(labels: pd.DataFrame) -> list[str]:
    """``owner/name/path`` of every file named in ``origin``, each once, in order.

    Raises
    ------
    ValueError
        When an origin would lead out of a folder.
    """
    named = labels["origin"][labels["origin"].str.contains(":")].unique()
    pages = sorted(origin.replace(":", "/", 1) for origin in named)
    for page in pages:
        if PurePosixPath(page).is_absolute() or ".." in page.split("/") or "\\" in page:
            raise ValueError(f"origin: {page!r} is not a path inside a repository")
    return pages


def fetch_pages(
    pages: Sequence[str],
    folder: Path,
    base: str = BASE,
    *,
    pause: float = PAUSE,
    private: bool = False,
) -> Fetched:
    """Download pages into a folder, one at a time, ``pause`` seconds apart.

    A page is written whole or not at all, and one that is there is not asked for again. After
    ``FAILURES`` failures in a row it stops and says why; what it has stays.
    """
    new = had = missing = failed = 0
    for page in pages:
        path = folder / page
        if path.exists():
            had += 1
            continue
        try:
            body = fetch(
                _address(base, page), private=private, seconds=SECONDS, max_bytes=MAX_BYTES
            )
            _write(path, body.body or b"")
            new, failed = new + 1, 0
        except Missing:
            missing += 1
        except FeedError as error:
            failed += 1
            if failed >= FAILURES:
                return Fetched(new, had, missing, f"{page}: {error}")
        time.sleep(pause)
    return Fetched(new, had, missing)


def _address(base: str, page: str) -> str:
    owner, name, path = page.split("/", 2)
    return f"{base.rstrip('/')}/{owner}/{name}/{REVISION}/{path}"


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(path.name + ".part")
    half.write_bytes(content)
    half.replace(path)


def _texts_of(path: Path) -> Iterator[str]:
    if path.name.endswith((".csv", ".csv.gz")):
        yield from _of_csv(path)
    elif path.suffix == ".md":
        for line in path.read_text("utf-8", errors="replace").splitlines():
            yield from _of_item(line)


def _of_csv(path: Path) -> Iterator[str]:
    try:
        frame = pd.read_csv(
            path,
            dtype=str,
            keep_default_na=False,
            usecols=lambda name: name in TEXT_COLUMNS,
            encoding_errors="replace",
        )
    except (ValueError, OSError, EOFError):
        return
    for name in frame.columns:
        yield from frame[name]


def _of_item(line: str) -> Iterator[str]:
    """``- Headline - Outlet``: the headline, and the whole in case the last dash is its own."""
    if not line.startswith("- "):
        return
    item = line.removeprefix("- ").strip()
    yield item.rpartition(" - ")[0] or item
    yield item


def count_lines(labels: pd.DataFrame, found: pd.DataFrame) -> Iterator[str]:
    """How many labels of each part have a text."""
    for part, rows in labels.groupby("part"):
        have = int((found["part"] == part).sum())
        yield f"{part}: {have} of {len(rows)} labels have a text, {len(rows) - have} lack it"


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch or count from the command line."""
    parser = argparse.ArgumentParser(prog="python -m training.public_texts", description=__doc__)
    parser.add_argument("action", choices=("fetch", "count"))
    parser.add_argument("--to", type=Path, default=FETCHED, help="folder of fetched pages")
    parser.add_argument("--base", default=BASE, help="address before owner/name/HEAD/path")
    parser.add_argument("--labels", type=Path, default=LABELS)
    parser.add_argument("--private", action="store_true", help="the host may be in our own network")
    told = parser.parse_args(arguments)
    try:
        labels = read_public_labels(told.labels)
        if told.action == "fetch":
            done = fetch_pages(pages_of(labels), told.to, told.base, private=told.private)
            print(f"{done.new} pages fetched, {done.had} had, {done.missing} not at the host")
            if done.stopped:
                print(f"stopped: {done.stopped}", file=sys.stderr)
        folders = dict.fromkeys([told.to, *default_folders()])
        print("\n".join(count_lines(labels, with_texts(labels, texts_in(folders)))))
    except (ValueError, OSError) as error:
        print(f"not found: {error}", file=sys.stderr)
        return 1
    return 1 if told.action == "fetch" and done.stopped else 0


if __name__ == "__main__":
    sys.exit(main())
