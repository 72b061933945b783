"""Artifacts on disk: a folder per version with ``card.json`` and the model file.

The fast model's file is ``model.skops``: opened by skops alone, never by pickle, and only the types
of ``models.state.ALLOWED`` may stand in it. The accurate model's is ``model.onnx``, a graph of
known operators and no code. Either is opened only after its SHA-256 matched the card.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
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
    "accurate": ("model.onnx", EncoderModel.open),
}
"""By the card's name: the model's file, and the only way it is opened."""
LARGEST = 40_000_000
"""Bytes of a model file that are read at most."""
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
    return sorted(path.parent.name for path in (root or ARTIFACTS).glob(f"*/{CARD_FILE}"))


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
    if card.name not in OPENERS:
        raise BadArtifact(f"{version}: {card.name!r} is no kind of model known here")
    file, opened = OPENERS[card.name]
    path = (root or ARTIFACTS) / version / file
    try:
        if path.stat().st_size > LARGEST:
            raise BadArtifact(f"{version}: {file} has more than {LARGEST} bytes")
        content = path.read_bytes()
    except OSError as error:
        raise BadArtifact(f"{version}: {error}") from None
    found = hashlib.sha256(content).hexdigest()
    if found != card.sha256:
        raise BadArtifact(f"{version}: {file} is not the file the card is of ({found[:12]}…)")
    try:
        model = opened(content)
    except Exception as error:  # damaged bytes raise whatever zipfile, json, numpy or onnx raise
        raise BadArtifact(f"{version}: {file} cannot be opened: {error}") from error
    return Classifier(model, card)


def save(card: Card, content: bytes, root: Path) -> Path:
    """Write the folder of a version from its card and its model file's bytes.

    Raises
    ------
    ValueError
        When the card is of other bytes, or of a kind of model not known here.
    """
    if hashlib.sha256(content).hexdigest() != card.sha256:
        raise ValueError("sha256: the card is of another model")
    if card.name not in OPENERS:
        raise ValueError(f"name: {card.name!r} is no kind of model known here")
    folder = root / _checked(card.version)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / OPENERS[card.name][0]).write_bytes(content)
    (folder / CARD_FILE).write_text(card.to_json(), "utf-8")
    return folder


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
