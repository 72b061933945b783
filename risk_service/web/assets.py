"""The page's files, read once: their bytes, kinds and one content hash over all of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from posixpath import dirname, join, normpath

FOLDER = files("risk_service.web").joinpath("static")
SHELL = "index.html"
START = "js/app.js"
IMPORTED = re.compile(rb'^(?:import|export) [^"]*"(\.[^"]+)";$', re.MULTILINE)
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    "": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent."""

    body: bytes
    kind: str


@dataclass(frozen=True, slots=True)
class Assets:
    """Every file by its path below the folder, and the hash that stands in their addresses.

    One hash over all lets modules import one another by plain relative paths: where one of them
    changes, all are fetched anew.
    """

    by_path: dict[str, Asset]
    hash: str

    @property
    def shell(self) -> bytes:
        """The page itself, its links filled in."""
        found = self.by_path[SHELL].body.decode("utf-8")
        modules = "\n".join(
            f'<link rel="modulepreload" href="/static/{self.hash}/{path}">'
            for path in sorted(_needed(self.by_path, START, set()))
        )
        return (
            found.replace("{static}", f"/static/{self.hash}").replace("{modules}", modules).encode()
        )


def read_assets(folder: Traversable = FOLDER) -> Assets:
    """All files below a folder."""
    found = dict(sorted(_walk(folder, "")))
    digest = hashlib.sha256()
    for path, asset in found.items():
        digest.update(f"{path}\x1f{len(asset.body)}\x1e".encode())
        digest.update(asset.body)
    return Assets(found, digest.hexdigest()[:16])


def _needed(known: Mapping[str, Asset], path: str, found: set[str]) -> set[str]:
    """A module and all it needs before it can start; what it imports later is not among them."""
    if path in known and path not in found:
        found.add(path)
        for one in IMPORTED.findall(known[path].body):
            _needed(known, normpath(join(dirname(path), one.decode())), found)
    return found


def _walk(folder: Traversable, above: str) -> list[tuple[str, Asset]]:
    found = []
    for one in folder.iterdir():
        path = f"{above}{one.name}"
        if one.is_dir():
            found += _walk(one, f"{path}/")
            continue
        dot = one.name.rfind(".")
        kind = KINDS.get(one.name[dot:] if dot >= 0 else "")
        if kind is not None:
            found.append((path, Asset(one.read_bytes(), kind)))
    return found
