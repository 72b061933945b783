"""The ONNX graph against the same network written out in numpy."""

import json
import math

import numpy as np
import numpy.typing as npt
import pytest
from scipy.special import erf

from models.encoder import EncoderModel
from training.accurate.graph import model_bytes

WIDTH, HEADS, LAYERS, WORDS, LONGEST = 32, 2, 2, 12, 8
Weights = dict[str, npt.NDArray[np.float32]]
TOKENIZER = json.dumps(
    {
        "version": "1.0",
        "truncation": {
            "direction": "Right",
            "max_length": LONGEST,
            "strategy": "LongestFirst",
            "stride": 0,
        },
        "padding": None,
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordLevel",
            "vocab": {"[UNK]": 0, "pad": 1, **{f"w{i}": i for i in range(2, WORDS)}},
            "unk_token": "[UNK]",
        },
    }
)


@pytest.fixture(scope="module")
def weights() -> Weights:
    draw = np.random.default_rng(3)

    def some(*shape: int) -> npt.NDArray[np.float32]:
        return draw.normal(0, 0.3, shape).astype(np.float32)

    told = {
        "words.weight": some(WORDS, WIDTH),
        "places.weight": some(LONGEST + 2, WIDTH),
        "bias.weight": some(4, HEADS),
        "direction.weight": some(3, WIDTH),
        "direction.bias": some(3),
        "severity.weight": some(1, WIDTH),
        "severity.bias": some(1) + 2,
        "norm.weight": some(WIDTH) + 1,
        "norm.bias": some(WIDTH),
    }
    for layer in range(LAYERS):
        at = f"blocks.{layer}."
        for name, shape in {
            **dict.fromkeys("qkvo", (WIDTH, WIDTH)),
            "up": (2 * WIDTH, WIDTH),
            "down": (WIDTH, 2 * WIDTH),
        }.items():
            told[f"{at}{name}.weight"] = some(*shape)
            told[f"{at}{name}.bias"] = some(shape[0])
        for name in ("norm1", "norm2"):
            told[f"{at}{name}.weight"], told[f"{at}{name}.bias"] = some(WIDTH) + 1, some(WIDTH)
    return told


BUCKETS = (np.arange(LONGEST)[:, None] - np.arange(LONGEST)[None, :]) % 4


def _norm(x: npt.NDArray[np.float64], w: Weights, name: str) -> npt.NDArray[np.float64]:
    x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
    return x * w[f"{name}.weight"] + w[f"{name}.bias"]


def _by_hand(
    ids: list[int], w: Weights
) -> tuple[npt.NDArray[np.float64], float, npt.NDArray[np.float64]]:
    """One text without padding: logits, severity, shares."""

    def linear(x: npt.NDArray[np.float64], name: str) -> npt.NDArray[np.float64]:
        return np.asarray(x @ w[f"{name}.weight"].T + w[f"{name}.bias"])

    t = len(ids)
    x = _norm(w["words.weight"][ids] + w["places.weight"][2 : t + 2].astype(float), w, "norm")
    size = WIDTH // HEADS
    for layer in range(LAYERS):
        at = f"blocks.{layer}."
        heard = np.zeros((t, WIDTH))
        for head in range(HEADS):
            part = slice(head * size, (head + 1) * size)
            q, k, v = (linear(x, f"{at}{name}")[:, part] for name in "qkv")
            scores = q @ k.T / math.sqrt(size) + w["bias.weight"][BUCKETS[:t, :t], head]
            odds = np.exp(scores - scores.max(1, keepdims=True))
            heard[:, part] = odds / odds.sum(1, keepdims=True) @ v
        x = _norm(x + linear(heard, f"{at}o"), w, f"{at}norm1")
        inner = linear(x, f"{at}up")
        inner = inner * (1 + erf(inner / math.sqrt(2))) / 2
        x = _norm(x + linear(inner, f"{at}down"), w, f"{at}norm2")
    mean = x.mean(0)
    towards = w["direction.weight"][1] - w["direction.weight"][0]
    return linear(mean, "direction"), float(linear(mean, "severity")[0]), x @ towards / t


def test_the_graph_is_the_network(weights: Weights) -> None:
    texts = [f"w{i} w{(i * 3) % 9 + 2} w{i % 4 + 3}" for i in range(2, WORDS)] + ["w2", "w5 " * 8]
    model = EncoderModel.open(model_bytes(weights, BUCKETS, TOKENIZER, 1.5))
    assert model.temperature == 1.5
    logits, severity = model.read(texts)
    told = [_by_hand(model.tokenizer.encode(text).ids, weights) for text in texts]
    exact = np.array([one[0] for one in told])
    # Eight bits and few steps: close, and not equal.
    assert np.corrcoef(logits.ravel(), exact.ravel())[0, 1] > 0.97
    assert np.abs(logits - exact).mean() < 0.15 * exact.std()
    assert np.abs(severity - np.clip([one[1] for one in told], 1, 3)).mean() < 0.25


def test_a_text_is_read_alike_alone_and_among_others(weights: Weights) -> None:
    model = EncoderModel.open(model_bytes(weights, BUCKETS, TOKENIZER, 1.0))
    texts = ["w2 w3 w4", "w9", "w7 w7 w2 w3 w4", "w5 " * 8, "w6 w2"]
    together, alone = model.read(texts), [model.read([text]) for text in texts]
    assert np.allclose(together[0], np.vstack([logits for logits, _ in alone]), atol=1e-5)
    assert np.allclose(together[1], np.concatenate([grave for _, grave in alone]), atol=1e-5)


def test_shares_sum_to_the_log_odds_but_for_the_intercepts(weights: Weights) -> None:
    model = EncoderModel.open(model_bytes(weights, BUCKETS, TOKENIZER, 1.0))
    texts = ["w2 w3 w4", "w9", "w7 w7 w2 w3 w4"]
    logits, _ = model.read(texts)
    shares = [sum(weight for _, weight in words) for words in model._shares(texts)]
    intercepts = weights["direction.bias"][1] - weights["direction.bias"][0]
    assert np.allclose(shares, logits[:, 1] - logits[:, 0] - intercepts, atol=1e-4)


def test_equal_weights_give_equal_bytes(weights: Weights) -> None:
    assert model_bytes(weights, BUCKETS, TOKENIZER, 1.0) == model_bytes(
        dict(weights), BUCKETS.copy(), TOKENIZER, 1.0
    )
