"""Artifacts on disk: a folder per version with ``card.json`` and the model file.

The fast model's file is ``model.skops``: opened by skops alone, never by pickle, and only the types
of ``models.state.ALLOWED`` may stand in it. The accurate model's is ``model.onnx.gz``, a graph
of known operators and no code. Either is opened only after its SHA-256 matched the card.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from models.card import Card
from models.classifier import Classifier, Model
from models.encoder import EncoderModel
from models.state import unpack

ARTIFACTS = Path(__file__).parent / "artifacts"
CHAMPION = "champion"
MODEL_FILE, CARD_FILE = "model.skops", "card.json"
OPENERS: dict[str, tuple[str, Callable[[bytes], Model]]] = {
    "fast": (MODEL_FILE, unpack),
    "accurate": ("model.onnx.gz", EncoderModel.open),
}
"""By the card's name: the model's file, and the only way it is opened."""
OWN = "own"
"""The kind of a quant's own estimator: kept, measured and compared, and never opened to serve."""
FILES = {OWN: MODEL_FILE, **{name: file for name, (file, _) in OPENERS.items()}}
LARGEST = 40_000_000
"""Bytes of a model file that are read at most."""
_BESIDE = ".new-"
_FORGOTTEN = 86_400
"""Seconds after which a folder that a killed training left beside is swept away."""
_VERSION = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class BadArtifact(ValueError):
    """An artifact that is missing, damaged, of a newer make, or holds what is not allowed."""


def champion(root: Path | None = None) -> Classifier:
    """The classifier that the file ``champion`` of the folder names.

    Raises
    ------
    BadArtifact
        When there is none, or what it names cannot be opened.
    """
    return load(champion_version(root), root)


def champion_version(root: Path | None = None) -> str:
    """Version the file ``champion`` names; BadArtifact when there is no such file."""
    path = (root or ARTIFACTS) / CHAMPION
    try:
        return _checked(path.read_text("utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise BadArtifact(f"no champion is named in {path.parent.name}/: {error}") from None


def versions(root: Path | None = None) -> list[str]:
    """Versions that have a card, in alphabetical order."""
    names = (path.parent.name for path in (root or ARTIFACTS).glob(f"*/{CARD_FILE}"))
    return sorted(name for name in names if _VERSION.fullmatch(name))


def read_card(version: str, root: Path | None = None) -> Card:
    """The card of a version; BadArtifact when missing or malformed."""
    path = (root or ARTIFACTS) / _checked(version) / CARD_FILE
    try:
        card = Card.from_json(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadArtifact(f"{version}: {error}") from None
    if card.version != version:
        raise BadArtifact(f"{version}: its card is of {card.version}")
    return card


def load(version: str, root: Path | None = None) -> Classifier:
    """Open a version: card first, then the SHA-256 of the model file, then the file itself.

    Raises
    ------
    BadArtifact
        When any of it is missing, truncated, altered, of a newer schema or holds a type that is
        not allowed.
    """
    card = read_card(version, root)
    if card.name == OWN:
        raise BadArtifact(
            f"{version}: is an own estimator ({card.estimator}); those are not served"
        )
    if card.name not in OPENERS:
        raise BadArtifact(f"{version}: {card.name!r} is no kind of model known here")
    file, opened = OPENERS[card.name]
    content = read_model_file(card, root)
    try:
        model = opened(content)
    except Exception as error:  # damaged bytes raise whatever zipfile, json, numpy or onnx raise
        raise BadArtifact(f"{version}: {file} cannot be opened: {error}") from error
    return Classifier(model, card)


def read_model_file(card: Card, root: Path | None = None) -> bytes:
    """The bytes of a version's model file, unopened.

    Raises
    ------
    BadArtifact
        When the file is missing, too large, or not the one that the card is of.
    """
    if card.name not in FILES:
        raise BadArtifact(f"{card.version}: {card.name!r} is no kind of model known here")
    path = (root or ARTIFACTS) / _checked(card.version) / FILES[card.name]
    try:
        if path.stat().st_size > LARGEST:
            raise BadArtifact(f"{card.version}: {path.name} has more than {LARGEST} bytes")
        content = path.read_bytes()
    except OSError as error:
        raise BadArtifact(f"{card.version}: {error}") from None
    found = hashlib.sha256(content).hexdigest()
    if found != card.sha256:
        raise BadArtifact(
            f"{card.version}: {path.name} is not the file the card is of ({found[:12]}…)"
        )
    return content


def save(card: Card, content: bytes, root: Path) -> Path:
    """Write the folder of a version from its card and its model file's bytes.

    The folder is there whole or not at all: it is written beside, and renamed. One that is there
    already gets the card, where its model file is the same.

    Raises
    ------
    ValueError
        When the card is of other bytes or of a kind of model not known here, or the version is
        there with another model file.
    """
    if hashlib.sha256(content).hexdigest() != card.sha256:
        raise ValueError("sha256: the card is of another model")
    if card.name not in FILES:
        raise ValueError(f"name: {card.name!r} is no kind of model known here")
    folder = root / _checked(card.version)
    root.mkdir(parents=True, exist_ok=True)
    _sweep(root)
    beside = Path(tempfile.mkdtemp(prefix=_BESIDE, dir=root))
    beside.chmod(0o755)
    _write(beside / FILES[card.name], content)
    _write(beside / CARD_FILE, card.to_json().encode())
    try:
        beside.rename(folder)
    except OSError:
        # There already: a rename never replaces a folder that holds something.
        if not (folder / CARD_FILE).exists() or read_card(card.version, root).sha256 != card.sha256:
            raise ValueError(f"version: {card.version} is there with another model file") from None
        # A rebuild from a later commit that changes nothing else leaves the card alone.
        if replace(read_card(card.version, root), git_commit=card.git_commit) != card:
            (beside / CARD_FILE).replace(folder / CARD_FILE)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder


def unclaimed(card: Card, root: Path) -> str:
    """The card's version, or where another model file has that name, one of its own."""
    if not (root / _checked(card.version) / CARD_FILE).exists():
        return card.version
    if read_card(card.version, root).sha256 == card.sha256:
        return card.version
    return f"{card.version}-{card.sha256[:8]}"


def promote(version: str, root: Path) -> None:
    """Name a version as the champion, after it could be opened; in one step on disk."""
    load(version, root)
    fresh = root / f"{CHAMPION}.new"
    fresh.write_text(f"{version}\n", "utf-8")
    fresh.replace(root / CHAMPION)


def _checked(version: str) -> str:
    """A version that can only be a folder of the root."""
    if not _VERSION.fullmatch(version):
        raise BadArtifact(f"version {version!r} is not a name of lower-case letters and digits")
    return version


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sweep(root: Path) -> None:
    for path in root.glob(f"{_BESIDE}*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _FORGOTTEN:
                shutil.rmtree(path, ignore_errors=True)
