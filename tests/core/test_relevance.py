from importlib.resources import files

import pytest

from risk_service.core.dyads import compile_terms, read_gazetteer
from risk_service.core.relevance import relevance_of

USA_RUS = read_gazetteer(files("risk_service.dyads").joinpath("usa-rus.toml").read_text("utf-8"))

USA_CHN = """
version = "test"
a = "USA"
b = "CHN"
[terms]
a = ["US", "Washington"]
b = ["China", "Chinese", "Beijing"]
front = ["Taiwan", "South China Sea"]
allies = ["Japan"]
topics = ["tariff*", "chip*"]
not_about = ["China cabinet"]
[countries]
theatre = ["TWN", "JPN"]
front = ["TWN"]
[themes]
sanctions_trade = ["tariff*"]
"""


@pytest.mark.parametrize(
    ("text", "directness"),
    [
        ("US and Russian teams meet in Istanbul over embassy staffing", "dyad"),
        ("Kremlin says Washington's envoy will return next week", "dyad"),
        ("TRUMP CALLS PUTIN", "dyad"),
        ("Russia's overnight drones hit Odesa port", "theatre"),
        ("Zelensky to visit White House on Monday", "theatre"),
        ("Estonia says Russian jets entered its airspace", "theatre"),
        ("EU adopts new sanctions against Moscow", "theatre"),
        ("Moscow, Idaho marks its annual fair", "other"),
        ("Russian skater wins gold again", "other"),
        ("Join us for the best of Washington state", "other"),
        ("Paris hotels fill up before the games", "other"),
        ("A Russian doll collection comes to Europe", "other"),
        ("", "other"),
    ],
)
def test_directness_of_texts(text: str, directness: str) -> None:
    assert relevance_of(text, USA_RUS).directness == directness


@pytest.mark.parametrize(
    ("actor", "recipient", "directness"),
    [
        ("USA", "RUS", "dyad"),
        ("RUS", "USA", "dyad"),
        ("RUS", "UKR", "theatre"),
        ("USA", "UKR", "theatre"),
        ("EUR", "RUS", "theatre"),
        ("USA", "GBR", "other"),
        ("RUS", "IND", "other"),
        ("RUS", "RUS", "other"),
    ],
)
def test_directness_of_coded_events(actor: str, recipient: str, directness: str) -> None:
    assert relevance_of("", USA_RUS, actor, recipient, "040").directness == directness


def test_weights_fall_with_distance() -> None:
    texts = ("US envoy in Moscow", "Russian strike on Kyiv", "Rain in Bergen")
    assert [relevance_of(text, USA_RUS).weight for text in texts] == [1.0, 0.5, 0.0]


@pytest.mark.parametrize(
    ("text", "theme"),
    [
        ("US and Russia swap prisoners at Ankara airport", "detainees"),
        ("Russian hackers breached US cyber agency", "cyber"),
        ("US and Russia extend New START warhead inspections", "arms_control"),
        ("US sanctions hit Russian bank", "sanctions_trade"),
        ("Russian oil tanker waits off US coast", "energy"),
        ("Russian missiles and drones strike Kyiv", "military"),
        ("US and Russian diplomats hold talks", "diplomacy"),
    ],
)
def test_themes(text: str, theme: str) -> None:
    assert relevance_of(text, USA_RUS).theme == theme


def test_theme_of_a_coded_event_comes_from_its_code() -> None:
    assert relevance_of("", USA_RUS, "USA", "RUS", "163").theme == "sanctions_trade"
    assert relevance_of("", USA_RUS, "RUS", "UKR", "190").theme == "military"


def test_a_second_dyad_is_a_file_and_no_code() -> None:
    gazetteer = read_gazetteer(USA_CHN)
    assert gazetteer.name == "USA-CHN"
    assert relevance_of("Washington raises tariffs on China", gazetteer).directness == "dyad"
    assert relevance_of("Chinese ships near Taiwan", gazetteer).directness == "theatre"
    assert relevance_of("Putin calls Trump", gazetteer).directness == "other"
    assert relevance_of("", gazetteer, "USA", "TWN", "057").directness == "theatre"


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        ("= nonsense", "not TOML"),
        (USA_CHN.replace('a = "USA"', 'a = "us"'), "a: 'us'"),
        (USA_CHN.replace("topics", "subjects"), "topics"),
        (USA_CHN.replace("sanctions_trade =", "weather ="), "weather"),
    ],
)
def test_a_broken_gazetteer_is_refused_and_says_why(broken: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_gazetteer(broken)


def test_no_terms_match_nothing() -> None:
    assert compile_terms([]).search("anything at all") is None
