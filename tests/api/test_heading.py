from risk_service.api.schemas.score import ScoreIn
from tests.house import desk

HEADING = "Concerns from European and Ukrainian capitals"
SENTENCE = "Washington and Moscow agree to restore embassy staff and direct flights."


def test_line_ends_part_a_heading_from_the_sentence_below() -> None:
    (text,) = ScoreIn(texts=[f" {HEADING} \n\n {SENTENCE}  More  talks follow. "]).texts
    assert text == f"{HEADING}\n{SENTENCE} More talks follow."
    p_thaw = desk().classifier.score([text]).probabilities[0, 0]
    assert p_thaw > desk().classifier.score([HEADING]).probabilities[0, 0] + 0.3
