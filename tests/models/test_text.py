from __future__ import annotations

import socket

import pytest

from models.text import language_of, normalise, parts_of, sentences_of, words_of


def test_quotes_dashes_and_blanks_are_plain() -> None:
    assert normalise("“Talks” –\u00a0it’s ‘on’\u200b") == "\"talks\" - it 'on'"


@pytest.mark.parametrize("text", ["US envoy", "U.S. envoy", "USA envoy", "U.S.A. envoy"])
def test_every_spelling_of_the_states_is_one_word(text: str) -> None:
    assert words_of(text) == ["usa", "envoy"]


def test_the_pronoun_is_not_the_states() -> None:
    assert words_of("Trust us, says Rus") == ["trust", "us", "says", "rus"]


def test_accents_are_dropped_and_numbers_are_one_word() -> None:
    assert words_of("Brégançon: 1,500 of 2.5") == ["bregancon", ":", "0", "of", "0"]


def test_negation_stays_one_word() -> None:
    assert words_of("Won’t yield") == ["won't", "yield"]


def test_a_text_in_normal_form_stays_as_it_is() -> None:
    once = normalise("The U.S. — “Ultimatum” to Moscow’s envoys")
    assert normalise(once) == once


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("One headline without a stop", 1),
        ("Mr. Lavrov met Gen. Milley in St. Petersburg on Jan. 5.", 1),
        ("Talks ended. No date was set! Why? Nobody said.", 4),
        ('He said: "It is over." She left.', 2),
        ("Headline\nFirst sentence. Second one.\n\n", 3),
        ("The J. F. K. library and the U.S. Senate.", 1),
        ("It rose 2.5 percent. Then it fell.", 2),
    ],
)
def test_sentences_are_counted(text: str, count: int) -> None:
    assert len(sentences_of(text)) == count


def test_sentences_lose_no_word() -> None:
    text = "The U.S. said no. “Never,” it added (twice). Dr. No agreed?! 5 left."
    assert words_of(" ".join(sentences_of(text))) == words_of(text)


def test_two_short_sentences_are_one_part_and_three_are_three() -> None:
    assert parts_of("Talks ended. No date was set.") == ["Talks ended. No date was set."]
    assert len(parts_of("Talks ended. No date was set. All left.")) == 3


def test_a_long_text_is_split_and_an_empty_one_is_not() -> None:
    assert len(parts_of(f"{'Talks went on ' * 30}. They ended.")) == 2
    assert parts_of("") == [""]


@pytest.mark.parametrize(
    "text",
    [
        "Kremlin says the talks were useful",
        "Trump suspends green card lottery after shootings",
        "KREMLIN REJECTS DEAL WITH EUROPE",
        "Umerov to visit Miami",
    ],
)
def test_headlines_with_english_words_are_english(text: str) -> None:
    assert language_of(text) == "en"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Putin lehnt die Waffenruhe mit der Ukraine ab", "de"),
        ("Путин отверг предложение о перемирии", "ru"),
        ("Regeringen säger att samtalen med Ryssland fortsätter", "sv"),
        ("Poutine rejette le cessez-le-feu avec l'Ukraine", "fr"),
    ],
)
def test_other_languages_are_told(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("text", ["", "   ", "2026-11-24", "!?"])
def test_nothing_to_read_is_unknown(text: str) -> None:
    assert language_of(text) is None


def test_a_text_of_many_lines_is_read() -> None:
    assert language_of("The talks\nwill go on\nin the morning") == "en"


def test_no_network_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    assert language_of("The embassy will reopen in the spring") == "en"
