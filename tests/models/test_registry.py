from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from models.card import SCHEMA
from models.classifier import Classifier
from models.estimators import FastModel
from models.registry import (
    CARD_FILE,
    LARGEST,
    MODEL_FILE,
    BadArtifact,
    champion,
    load,
    promote,
    read_card,
    save,
    unclaimed,
    versions,
)
from models.state import pack, unpack


@pytest.fixture
def root(artifacts: Path, tmp_path: Path) -> Path:
    """A copy of the artifacts that a test may damage."""
    return shutil.copytree(artifacts, tmp_path / "artifacts")


@pytest.fixture
def folder(root: Path, classifier: Classifier) -> Path:
    return root / classifier.version


def _replace(folder: Path, content: bytes) -> None:
    """Put another model file in place, and let the card say that it is right."""
    (folder / MODEL_FILE).write_bytes(content)
    _edit_card(folder, sha256=hashlib.sha256(content).hexdigest())


def _edit_card(folder: Path, **facts: object) -> None:
    card = json.loads((folder / CARD_FILE).read_text("utf-8"))
    (folder / CARD_FILE).write_text(json.dumps(card | facts), "utf-8")


def test_champion_is_the_version_named(root: Path, classifier: Classifier) -> None:
    assert champion(root).version == classifier.version
    assert versions(root) == [classifier.version]


def test_a_saved_model_scores_as_before(root: Path, classifier: Classifier) -> None:
    texts = ["Envoys sign a ceasefire", "Envoys expel diplomats"]
    again = load(classifier.version, root)
    assert (
        again.score(texts).probabilities.tolist() == classifier.score(texts).probabilities.tolist()
    )


def test_packing_twice_gives_the_same_bytes(classifier: Classifier) -> None:
    content = pack(classifier.model)
    assert pack(classifier.model) == content
    assert pack(unpack(content)) == content


def test_a_truncated_model_is_refused(root: Path, folder: Path) -> None:
    whole = (folder / MODEL_FILE).read_bytes()
    (folder / MODEL_FILE).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadArtifact, match="not the file the card is of"):
        champion(root)


def test_a_single_altered_byte_is_refused(root: Path, folder: Path) -> None:
    content = bytearray((folder / MODEL_FILE).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / MODEL_FILE).write_bytes(bytes(content))
    with pytest.raises(BadArtifact, match="not the file the card is of"):
        champion(root)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", pickle.dumps({"a": 1})])
def test_bytes_that_are_no_skops_file_are_refused(root: Path, folder: Path, content: bytes) -> None:
    _replace(folder, content)
    with pytest.raises(BadArtifact, match="cannot be opened"):
        champion(root)


def test_a_type_that_is_not_allowed_is_refused_though_skops_trusts_it(
    root: Path, folder: Path
) -> None:
    _replace(folder, skops.io.dumps({"coefficients": LogisticRegression()}))
    with pytest.raises(BadArtifact, match=r"not allowed: .*LogisticRegression"):
        champion(root)


def test_a_function_in_the_file_is_refused(root: Path, folder: Path) -> None:
    _replace(folder, skops.io.dumps({"coefficients": shutil.rmtree}))
    with pytest.raises(BadArtifact, match="not allowed"):
        champion(root)


def test_a_file_that_swells_when_opened_is_refused(root: Path, folder: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", b" " * 201_000_000)
    _replace(folder, buffer.getvalue())
    with pytest.raises(BadArtifact, match="more than"):
        champion(root)


def test_a_file_too_large_is_refused_unread(root: Path, folder: Path) -> None:
    with (folder / MODEL_FILE).open("r+b") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(BadArtifact, match="bytes"):
        champion(root)


def test_a_state_without_a_part_is_refused(root: Path, folder: Path) -> None:
    _replace(folder, skops.io.dumps({"word_terms": "a"}))
    with pytest.raises(BadArtifact, match="cannot be opened"):
        champion(root)


@pytest.mark.parametrize("schema", [SCHEMA + 1, 0, "1", None])
def test_a_card_of_another_schema_is_refused(root: Path, folder: Path, schema: object) -> None:
    _edit_card(folder, schema=schema)
    with pytest.raises(BadArtifact, match="schema"):
        champion(root)


def test_a_card_that_is_no_card_is_refused(root: Path, folder: Path) -> None:
    (folder / CARD_FILE).write_text("[]", "utf-8")
    with pytest.raises(BadArtifact, match="card"):
        champion(root)


@pytest.mark.parametrize("name", [MODEL_FILE, CARD_FILE])
def test_a_missing_file_is_named(root: Path, folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(BadArtifact, match=name):
        champion(root)


def test_a_folder_without_a_champion_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadArtifact, match="champion"):
        champion(tmp_path)


@pytest.mark.parametrize("version", ["../other", "/etc", "", "Fast-1", "a" * 80])
def test_a_version_that_is_no_folder_name_is_refused(root: Path, version: str) -> None:
    with pytest.raises(BadArtifact, match="version"):
        load(version, root)


def test_a_card_of_another_version_is_refused(root: Path, folder: Path) -> None:
    folder.rename(root / "fast-other")
    with pytest.raises(BadArtifact, match="its card is of"):
        load("fast-other", root)


def test_only_what_opens_is_promoted(root: Path, folder: Path, classifier: Classifier) -> None:
    (folder / MODEL_FILE).write_bytes(b"")
    (root / "champion").unlink()
    with pytest.raises(BadArtifact):
        promote(classifier.version, root)
    assert not (root / "champion").exists()


def test_a_model_is_not_saved_under_another_ones_card(
    root: Path, classifier: Classifier, fast_model: object
) -> None:
    with pytest.raises(ValueError, match="sha256"):
        save(classifier.card, pack(fast_model), root)


def test_the_card_tells_what_the_model_is(root: Path, classifier: Classifier) -> None:
    card = read_card(classifier.version, root)
    assert card == classifier.card
    assert card.counts["rows"] == 300
    assert 0 <= card.metrics["macro_f1"].low <= card.metrics["macro_f1"].value <= 1


def test_a_version_is_whole_or_not_there(root: Path, classifier: Classifier) -> None:
    content = pack(classifier.model)
    fresh = replace(classifier.card, version="fast-fresh")
    folder = save(fresh, content, root)
    assert load("fast-fresh", root).card == fresh
    assert sorted(path.name for path in folder.iterdir()) == [CARD_FILE, MODEL_FILE]
    # What a killed training left beside is no version, and is swept away in time.
    left = root / ".new-killed"
    shutil.copytree(folder, left)
    assert versions(root) == sorted([classifier.version, "fast-fresh"])
    save(replace(fresh, version="fast-other"), content, root)
    assert left.exists()
    os.utime(left, (0, 0))
    save(replace(fresh, version="fast-third"), content, root)
    assert not left.exists()


def test_saving_again_renews_the_card_and_never_the_model_file(
    root: Path, classifier: Classifier, fast_model: FastModel
) -> None:
    content = pack(classifier.model)
    told = replace(classifier.card, limits=("reads words",))
    save(told, content, root)
    assert read_card(classifier.version, root) == told
    save(replace(told, git_commit="abc"), content, root)
    assert read_card(classifier.version, root) == told
    other = pack(fast_model)
    digest = hashlib.sha256(other).hexdigest()
    with pytest.raises(ValueError, match="there with another model file"):
        save(replace(told, sha256=digest), other, root)
    assert load(classifier.version, root).card == told
    assert unclaimed(replace(told, sha256=digest), root) == f"{told.version}-{digest[:8]}"
    assert unclaimed(told, root) == told.version
    assert unclaimed(replace(told, version="fast-free"), root) == "fast-free"


def test_a_card_of_the_first_schema_is_read(root: Path, folder: Path) -> None:
    card = json.loads((folder / CARD_FILE).read_text("utf-8"))
    for name in ("confusion", "reliability", "estimator", "git_commit", "label_guide_version"):
        del card[name]
    (folder / CARD_FILE).write_text(json.dumps(card | {"schema": 1}), "utf-8")
    assert champion(root).card.reliability == ()
