"""The words a model knows, to tell how much of the news is new to it."""

from __future__ import annotations

from collections.abc import Iterable

from models.encoder import EncoderModel
from models.estimators import FastModel
from models.text import words_of

_PIECE = "##"


def known_words(model: object) -> frozenset[str] | None:
    """Words in normal form that a model has a place for; None for a model without a word list.

    Of the fast model those of its terms and of its word vectors. Of the accurate one those its
    tokenizer keeps whole: any other is read in pieces, and its meaning has to come of them.
    """
    if isinstance(model, FastModel):
        single = (term for term in model.features.words.names if " " not in term)
        return frozenset(single) | frozenset(model.features.vectors.words)
    if isinstance(model, EncoderModel):
        whole = model.tokenizer.get_vocab()
        return frozenset(word for word in whole if not word.startswith(_PIECE))
    return None


def count_words(texts: Iterable[str], known: frozenset[str] | None) -> tuple[int, int | None]:
    """Words of the texts (numbers and signs left out), and how many of them are not ``known``.

    Examples
    --------
    >>> count_words(["Moscow talks resume in 2026!"], frozenset(["talks", "in"]))
    (4, 2)
    """
    words = [word for text in texts for word in words_of(text) if word[0].isalpha()]
    return len(words), None if known is None else sum(word not in known for word in words)
