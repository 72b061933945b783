from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.classifier import Classifier
from models.registry import champion
from models.text import sentences_of

SEED_ARTICLE = Path(__file__).parents[3] / "shared" / "seed-article.txt"
WORRIES = ("alarms among", "voiced significant concerns", "apprehension", "leaders worry")


def test_scores_are_probabilities_and_severities(classifier: Classifier) -> None:
    scores = classifier.score(["Envoys sign a ceasefire", "Envoys fire missiles", ""])
    assert scores.probabilities.shape == (3, 3)
    assert scores.probabilities.sum(axis=1) == pytest.approx(1)
    assert ((scores.severity >= 1) & (scores.severity <= 3)).all()


def test_no_text_gives_empty_arrays(classifier: Classifier) -> None:
    scores = classifier.score([])
    assert scores.probabilities.shape == (0, 3)
    assert scores.severity.shape == (0,)
    assert classifier.explain([]) == []


def test_one_string_in_place_of_a_list_is_refused(classifier: Classifier) -> None:
    with pytest.raises(ValueError, match="texts"):
        classifier.score("Envoys sign a ceasefire")


def test_a_text_scores_the_same_alone_and_among_others(classifier: Classifier) -> None:
    texts = ["Envoys sign a ceasefire", "One. Two. They expel diplomats.", "Museums of Geneva"]
    together = classifier.score(texts).probabilities
    alone = np.vstack([classifier.score([text]).probabilities for text in texts])
    assert together == pytest.approx(alone, abs=1e-6)


def test_a_long_text_is_the_mean_of_its_sentences_by_what_they_say(classifier: Classifier) -> None:
    sentences = ["Envoys sign a ceasefire.", "They watch a chess match.", "Both visit museums."]
    parts = classifier.score(sentences)
    say = 1 - parts.probabilities[:, 2]
    whole = classifier.score([" ".join(sentences)])
    expected = (parts.probabilities * say[:, None]).sum(axis=0) / say.sum()
    assert whole.probabilities[0] == pytest.approx(expected, abs=1e-6)
    assert whole.severity[0] == pytest.approx((parts.severity * say).sum() / say.sum(), abs=1e-6)


def test_explanations_name_the_words_that_moved_it(classifier: Classifier) -> None:
    thaw, escalation = classifier.explain(["Officials sign a ceasefire", "Officials fire missiles"])
    assert min(thaw, key=lambda c: c.weight).word in {"sign", "ceasefire"}
    assert max(escalation, key=lambda c: c.weight).word in {"fire", "missiles"}
    assert len(classifier.explain(["one two three four five six seven"], top=2)[0]) == 2


def test_explanations_start_with_the_strongest_and_leave_out_articles(
    classifier: Classifier,
) -> None:
    words = classifier.explain(["They fire the missiles at the port. Why? The end. No."], top=20)[0]
    weights = [abs(word.weight) for word in words]
    assert weights == sorted(weights, reverse=True)
    assert not {"the", "at", "?"} & {word.word for word in words}
    assert len({word.word for word in words}) == len(words)


def test_absurd_texts_are_scored_all_the_same(classifier: Classifier) -> None:
    texts = ["\x00\ud83d", "漢字" * 400, "." * 1_000, "\n\n\n", "a" * 20_000, "? ! ?"]
    assert np.isfinite(classifier.score(texts).probabilities).all()
    assert len(classifier.explain(texts)) == len(texts)


def test_the_bundled_champion_reads_plain_cases() -> None:
    bundled = champion()
    scores = bundled.score(
        [
            "Washington and Moscow agree to reopen consulates and restore direct flights",
            "Russian missiles strike Kyiv apartment block, killing dozens",
            "Moscow film festival opens with a comedy",
        ]
    )
    assert scores.probabilities.argmax(axis=1).tolist() == [0, 1, 2]
    assert scores.severity[1] > scores.severity[0]


@pytest.mark.skipif(not SEED_ARTICLE.exists(), reason="the report is not beside the project")
def test_the_report_the_project_began_from_leans_thaw_but_not_its_worries() -> None:
    bundled = champion()
    article = SEED_ARTICLE.read_text("utf-8")
    assert bundled.score([article]).probabilities[0].argmax() == 0
    worries = [s for s in sentences_of(article) if any(words in s for words in WORRIES)]
    assert len(worries) == len(WORRIES)
    assert (bundled.score(worries).probabilities.argmax(axis=1) != 0).all()
