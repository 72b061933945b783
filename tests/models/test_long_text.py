"""Texts made to cost much time."""

from __future__ import annotations

import time

import pytest

from models.text import MOST_SENTENCES, parts_of, sentences_of, words_of

LENGTH = 20_000


@pytest.mark.parametrize(
    "piece", ["A. ", "A.", "Mr. ", "No. A ", ". ", '." ', "U.S. Senate. ", "A.\n", "?! "]
)
def test_a_long_text_is_read_in_a_moment(piece: str) -> None:
    text = (piece * LENGTH)[:LENGTH]
    start = time.perf_counter()
    parts = parts_of(text)
    assert time.perf_counter() - start < 1
    assert 1 <= len(parts) <= MOST_SENTENCES


def test_the_last_sentence_holds_the_rest() -> None:
    text = " ".join(f"Talks went on in room {n}." for n in range(1_000))
    sentences = sentences_of(text)
    assert len(sentences) == MOST_SENTENCES
    assert sentences[0] == "Talks went on in room 0."
    assert sentences[-1].startswith(f"Talks went on in room {MOST_SENTENCES - 1}.")
    assert " ".join(sentences) == text
    assert words_of(sentences[-1]) == words_of(" ".join(text.split(". ")[MOST_SENTENCES - 1 :]))


@pytest.mark.parametrize(
    "text",
    [
        "It cost approx. 5 dollars.",
        "He met Pres. Putin and Gen. Milley.",
        f"{'x' * 40} Prof. Smith spoke.",
        "The U.S.A.B.C.D.E.F.G.H.I.J.K. Senate voted.",
    ],
)
def test_an_abbreviation_shows_in_its_last_characters(text: str) -> None:
    assert sentences_of(text) == [text]


def test_a_word_that_ends_like_an_abbreviation_is_none() -> None:
    assert len(sentences_of("They took the casino. Nobody spoke.")) == 2
    assert len(sentences_of(f"{'y' * 30}approx. Nobody spoke.")) == 2
