"""A fitted model to bytes and back: skops's format, made the same bytes for the same model."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import numpy as np
import numpy.typing as npt
import skops.io

from models.estimators import FastModel
from models.features import Features, Terms
from models.vectors import WordVectors

ALLOWED = frozenset(
    {("builtins", "dict"), ("builtins", "list"), ("builtins", "str"), ("numpy", "ndarray")}
)
"""The only types a model file may name; skops alone would also build scikit-learn's own."""
LARGEST_OPENED = 200_000_000
"""Bytes the parts of a model file may take once opened."""
_SCHEMA = "schema.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def pack(model: FastModel) -> bytes:
    """The model as the bytes of a skops file; equal models give equal bytes."""
    features = model.features
    state = {
        "word_terms": "\n".join(features.words.names),
        "word_idf": features.words.idf,
        "letter_terms": "\n".join(features.letters.names),
        "letter_idf": features.letters.idf,
        "vector_words": "\n".join(features.vectors.words),
        "vector_ranks": features.vectors.ranks,
        "vector_codes": features.vectors.codes,
        "vector_scales": features.vectors.scales,
        "coefficients": model.coefficients,
        "intercepts": model.intercepts,
        "temperature": np.array([model.temperature]),
    }
    return canonical(skops.io.dumps(state))


def unpack(content: bytes) -> FastModel:
    """The model in the bytes of a skops file.

    Raises
    ------
    ValueError
        When they hold a type that is not allowed, are too large, or are not such a model.
    Exception
        Whatever zipfile and skops raise on damaged bytes.
    """
    with ZipFile(io.BytesIO(content)) as archive:
        if sum(info.file_size for info in archive.infolist()) > LARGEST_OPENED:
            raise ValueError(f"parts take more than {LARGEST_OPENED} bytes")
        named = set(_types(json.loads(archive.read(_SCHEMA))))
    if named - ALLOWED:
        odd = ", ".join(sorted(f"{module}.{name}" for module, name in named - ALLOWED))
        raise ValueError(f"holds types that are not allowed: {odd}")
    return _model(skops.io.loads(content, trusted=[]))


def _model(state: Mapping[str, Any]) -> FastModel:
    vectors = WordVectors(
        _names(state["vector_words"]),
        _array(state["vector_ranks"], np.int32),
        _array(state["vector_codes"], np.int8),
        _array(state["vector_scales"], np.float32),
    )
    words = Terms(_names(state["word_terms"]), _array(state["word_idf"], np.float32))
    letters = Terms(_names(state["letter_terms"]), _array(state["letter_idf"], np.float32))
    return FastModel(
        Features(words, letters, vectors),
        _array(state["coefficients"], np.float32),
        _array(state["intercepts"], np.float64),
        float(_array(state["temperature"], np.float64)[0]),
    )


def _names(joined: Any) -> tuple[str, ...]:
    if not isinstance(joined, str):
        raise ValueError("a list of names is not text")
    return tuple(joined.split("\n")) if joined else ()


def _array(value: Any, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    if not isinstance(value, np.ndarray) or value.dtype != dtype:
        raise ValueError(f"an array of {np.dtype(dtype)} is wanted")
    if value.dtype.kind == "f" and not np.isfinite(value).all():
        raise ValueError("an array holds NaN or infinity")
    return value


def _types(node: Any) -> Iterator[tuple[str, str]]:
    """Module and name of every type a skops schema names."""
    if isinstance(node, dict):
        if "__class__" in node:
            yield str(node.get("__module__")), str(node["__class__"])
        for value in node.values():
            yield from _types(value)
    elif isinstance(node, list):
        for value in node:
            yield from _types(value)


def canonical(content: bytes) -> bytes:
    """The same archive without what differs from run to run: addresses in memory and the time."""
    with ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    seen: dict[int, int] = {}
    schema = _renumbered(json.loads(parts.pop(_SCHEMA)), seen)
    renamed = {_renamed(name, seen): content for name, content in parts.items()}
    renamed[_SCHEMA] = json.dumps(schema, indent=1, sort_keys=True).encode()
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_STORED) as archive:
        for name in sorted(renamed):
            archive.writestr(ZipInfo(name, _EPOCH), renamed[name])
    return buffer.getvalue()


def _renumbered(node: Any, seen: dict[int, int]) -> Any:
    if isinstance(node, list):
        return [_renumbered(value, seen) for value in node]
    if not isinstance(node, dict):
        return node
    fresh = {key: _renumbered(node[key], seen) for key in sorted(node)}
    if "__id__" in node:
        number = seen.setdefault(node["__id__"], len(seen) + 1)
        fresh["__id__"] = number
        if "file" in node:
            fresh["file"] = f"{number}{PurePath(node['file']).suffix}"
    return fresh


def _renamed(file: str, seen: dict[int, int]) -> str:
    path = PurePath(file)
    return f"{seen[int(path.stem)]}{path.suffix}"
