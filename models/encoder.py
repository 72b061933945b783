"""The accurate model: a small transformer as an ONNX file in eight bits, with a linear head.

The file carries its tokenizer and its temperature as metadata, so that one file and one hash are
the whole model. Its head is linear over the mean of the tokens' last states, so each token has an
exact share of the logits.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

Floats = npt.NDArray[np.float64]

OUTPUTS = ["logits", "severity", "token_shares"]
LEAST_SEVERE, MOST_SEVERE = 1.0, 3.0
BATCH = 32
CLOSELY = 32
"""Texts that are explained word by word; of more, by shares."""
MOST_WORDS = 60
LARGEST_OPENED = 200_000_000
"""Bytes a model file may take once unpacked."""
_GZIP, _GZIP_FORMAT = b"\x1f\x8b", 31
_WORD = re.compile(r"\w[\w'’.-]*\w|\w")


@dataclass(frozen=True)
class EncoderModel:
    """An open model; as ``estimators.FastModel`` to its users.

    The graph takes ``input_ids`` and ``attention_mask`` (n, t) int64 and gives ``logits`` (n, 3) of
    thaw, escalation and neutral, ``severity`` (n,) and ``token_shares`` (n, t): what each token
    adds to logit(escalation) − logit(thaw), but for the intercepts. Logits are divided by
    ``temperature``.
    """

    session: onnxruntime.InferenceSession
    tokenizer: Tokenizer
    temperature: float

    @classmethod
    def open(cls, content: bytes, threads: int = 0) -> EncoderModel:
        """Open the bytes of a model file, compressed by gzip or not.

        ONNX holds a graph of known operators and no code. ``threads`` are those of one reading; 0
        is one a core, 1 is for those who read in many processes.

        Raises
        ------
        ValueError
            When it lacks its tokenizer, its temperature or one of its outputs, or is too large.
        Exception
            Whatever zlib and onnxruntime raise on damaged bytes.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(
            _unpacked(content), options, providers=["CPUExecutionProvider"]
        )
        facts = session.get_modelmeta().custom_metadata_map
        if not {"tokenizer", "temperature"} <= set(facts):
            raise ValueError("metadata: tokenizer or temperature is missing")
        if [output.name for output in session.get_outputs()] != OUTPUTS:
            raise ValueError(f"outputs: are not {', '.join(OUTPUTS)}")
        temperature = float(facts["temperature"])
        if not temperature > 0:
            raise ValueError(f"temperature: {temperature} is not positive")
        return cls(session, Tokenizer.from_str(facts["tokenizer"]), temperature)

    def read(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """Logits (n, 3), before the temperature, and severity (n,) within 1–3."""
        logits, severity = np.zeros((len(texts), 3)), np.zeros(len(texts))
        encodings = self.tokenizer.encode_batch(list(texts))
        for rows in _batches([len(encoding.ids) for encoding in encodings]):
            told = self._run([encodings[i].ids for i in rows])
            logits[rows], severity[rows] = told[0], told[1]
        return logits, np.clip(severity, LEAST_SEVERE, MOST_SEVERE)

    def contributions(self, texts: Sequence[str]) -> list[list[tuple[str, float]]]:
        """For each text, its words in order and what each adds to ln(p_escalation / p_thaw).

        Of few texts (``CLOSELY`` at most) each word is left out in turn, and what that takes from
        the log odds is told: slow, and plain to see. Of many, each word's share in the mean that
        the head reads: it sums to the log odds but for the intercepts, and says less, since every
        word's last state knows of its neighbours.
        """
        if len(texts) > CLOSELY:
            return self._shares(texts)
        return [self._without_each(text) for text in texts]

    def _without_each(self, text: str) -> list[tuple[str, float]]:
        words = [match.span() for match in _WORD.finditer(text)][:MOST_WORDS]
        others = [text[:start] + text[stop:] for start, stop in words]
        odds = np.diff(self.read([text, *others])[0][:, :2], axis=1)[:, 0] / self.temperature
        return [
            (text[start:stop].lower(), float(odds[0] - without))
            for (start, stop), without in zip(words, odds[1:], strict=True)
        ]

    def _shares(self, texts: Sequence[str]) -> list[list[tuple[str, float]]]:
        told: list[list[tuple[str, float]]] = [[] for _ in texts]
        encodings = self.tokenizer.encode_batch(list(texts))
        for rows in _batches([len(encoding.ids) for encoding in encodings]):
            shares = self._run([encodings[i].ids for i in rows])[2] / self.temperature
            for i, of_tokens in zip(rows, shares, strict=True):
                told[i] = _by_word(texts[i], encodings[i], of_tokens)
        return told

    def _run(self, ids: Sequence[Sequence[int]]) -> list[npt.NDArray[np.float32]]:
        longest = max(map(len, ids))
        padded = np.zeros((len(ids), longest), np.int64)
        mask = np.zeros((len(ids), longest), np.int64)
        for row, of_text in enumerate(ids):
            padded[row, : len(of_text)] = of_text
            mask[row, : len(of_text)] = 1
        found: list[npt.NDArray[np.float32]] = self.session.run(
            OUTPUTS, {"input_ids": padded, "attention_mask": mask}
        )
        return found


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(_GZIP):
        return content
    unpacker = zlib.decompressobj(_GZIP_FORMAT)
    whole = unpacker.decompress(content, LARGEST_OPENED)
    if not unpacker.eof:
        raise ValueError(f"is cut short, or takes more than {LARGEST_OPENED} bytes unpacked")
    return whole


def _batches(lengths: Sequence[int]) -> list[npt.NDArray[np.int64]]:
    """Positions in batches of like length, so that little is spent on padding."""
    order = np.argsort(lengths, kind="stable")
    return [order[i : i + BATCH] for i in range(0, len(order), BATCH)]


def _by_word(
    text: str, encoding: object, shares: npt.NDArray[np.float32]
) -> list[tuple[str, float]]:
    spans: dict[int, tuple[int, int, float]] = {}
    words, offsets = encoding.word_ids, encoding.offsets  # type: ignore[attr-defined]
    for word, (start, stop), share in zip(words, offsets, shares.tolist(), strict=False):
        if word is not None:
            first, _, sum_so_far = spans.get(word, (start, stop, 0.0))
            spans[word] = (first, stop, sum_so_far + share)
    return [(text[start:stop].lower(), share) for start, stop, share in spans.values()]
