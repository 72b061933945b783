"""Artifacts on disk: a folder per version with ``model.skops`` and ``card.json``.

A model file is opened by skops alone, never by pickle, after its SHA-256 matched the card; only
the types of ``models.state.ALLOWED`` may stand in it.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from models.card import Card
from models.classifier import Classifier
from models.state import pack, unpack

ARTIFACTS = Path(__file__).parent / "artifacts"
CHAMPION = "champion"
MODEL_FILE, CARD_FILE = "model.skops", "card.json"
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
    path = (root or ARTIFACTS) / version / MODEL_FILE
    try:
        if path.stat().st_size > LARGEST:
            raise BadArtifact(f"{version}: {MODEL_FILE} has more than {LARGEST} bytes")
        content = path.read_bytes()
    except OSError as error:
        raise BadArtifact(f"{version}: {error}") from None
    found = hashlib.sha256(content).hexdigest()
    if found != card.sha256:
        raise BadArtifact(f"{version}: {MODEL_FILE} is not the file the card is of ({found[:12]}…)")
    try:
        model = unpack(content)
    except Exception as error:  # damaged bytes raise whatever zipfile, json, numpy or skops raise
        raise BadArtifact(f"{version}: {MODEL_FILE} cannot be opened: {error}") from error
    return Classifier(model, card)


def save(classifier: Classifier, root: Path) -> Path:
    """Write the folder of the classifier's version, replacing one of the same name."""
    content = pack(classifier.model)
    if hashlib.sha256(content).hexdigest() != classifier.card.sha256:
        raise ValueError("sha256: the card is of another model")
    folder = root / _checked(classifier.version)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MODEL_FILE).write_bytes(content)
    (folder / CARD_FILE).write_text(classifier.card.to_json(), "utf-8")
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
