"""The trained network as an ONNX graph in eight bits, written operator by operator.

Matrices and word rows are whole numbers with a scale for each column: eight-bit arithmetic, but so
few different values that Huffman's code halves the file. Activations are quantised as they come,
each token by itself: what a text is read as does not depend on the texts that are read with it.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from training.accurate.rounding import Rounded, rounded

STEPS, WORD_STEPS = 4.5, 6.0
"""Steps to a standard deviation, of a matrix's column and of a word's row."""
OPSET = 20
GZIP = 31
"""zlib's number for gzip's format; it writes no time into it."""
EPSILON = 1e-5
MIDDLE = 128
"""What stands for nought among activations in eight bits."""
Arrays = Mapping[str, npt.NDArray[np.float32]]


class Graph:
    """Nodes and constants as they are written down."""

    def __init__(self, matrices: Mapping[str, Rounded]) -> None:
        self.matrices = matrices
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.count = 0

    def constant(self, value: npt.NDArray[np.generic] | np.generic) -> str:
        """Name of a constant."""
        self.count += 1
        self.constants.append(numpy_helper.from_array(np.asarray(value), f"c{self.count}"))
        return f"c{self.count}"

    def numbers(self, *values: int) -> str:
        """Name of a constant of whole numbers, one axis."""
        return self.constant(np.array(values, np.int64))

    def add(self, operator: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """Append an operator; the name of its first output."""
        self.count += 1
        name = name or f"v{self.count}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def number(self, value: float) -> str:
        """Name of a constant of one number."""
        return self.constant(np.full(1, value, np.float32))

    def quantised(self, x: str) -> tuple[str, str]:
        """Activations in eight bits about 128, and the scale of each token (n, t, 1)."""
        largest = self.add("ReduceMax", self.add("Abs", x), self.numbers(-1), keepdims=1)
        scale = self.add("Mul", self.add("Max", largest, self.number(1e-9)), self.number(1 / 127))
        whole = self.add("Round", self.add("Div", x, scale))
        return self.add("Cast", self.add("Add", whole, self.number(MIDDLE)), to=2), scale

    def linear(self, quantised: tuple[str, str], weights: Arrays, name: str) -> str:
        """A matrix product in eight bits, and the intercepts."""
        activations, scale = quantised
        key = f"{name}.weight"
        numbers, steps = self.matrices.get(key) or rounded(
            np.ascontiguousarray(weights[key].T), STEPS
        )
        zeros = self.constant(np.uint8(MIDDLE)), self.constant(np.int8(0))
        product = self.add("MatMulInteger", activations, self.constant(numbers), *zeros)
        value = self.add("Mul", self.add("Cast", product, to=1), scale)
        value = self.add("Mul", value, self.constant(steps))
        return self.add("Add", value, self.constant(weights[f"{name}.bias"]))

    def norm(self, x: str, weights: Arrays, name: str) -> str:
        """Layer normalisation over the last axis."""
        scale = self.constant(weights[f"{name}.weight"])
        shift = self.constant(weights[f"{name}.bias"])
        return self.add("LayerNormalization", x, scale, shift, axis=-1, epsilon=EPSILON)


def model_bytes(
    weights: Arrays,
    buckets: npt.NDArray[np.int64],
    tokenizer: str,
    temperature: float,
    matrices: Mapping[str, Rounded] = {},
) -> bytes:
    """The compressed file; equal weights give equal bytes.

    ``matrices`` are those that are rounded already, by the name of their weight; others are
    rounded to the nearest.
    """
    g = Graph(matrices)
    x, bias, mask = _beginning(g, weights, buckets)
    for number in range(sum(name.endswith(".q.bias") for name in weights)):
        x = _block(g, x, bias, weights, f"blocks.{number}.")
    _ending(g, x, mask, weights)
    numbers = ["n", "t"]
    graph = helper.make_graph(
        g.nodes,
        "reader",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, numbers)
            for name in ("input_ids", "attention_mask")
        ],
        [
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 3]),
            helper.make_tensor_value_info("severity", TensorProto.FLOAT, ["n"]),
            helper.make_tensor_value_info("token_shares", TensorProto.FLOAT, numbers),
        ],
        g.constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = 10
    helper.set_model_props(model, {"tokenizer": tokenizer, "temperature": str(temperature)})
    onnx.checker.check_model(model)
    # Weights never repeat in runs: to look for repeats only costs.
    packer = zlib.compressobj(9, zlib.DEFLATED, GZIP, 9, zlib.Z_HUFFMAN_ONLY)
    return packer.compress(model.SerializeToString(deterministic=True)) + packer.flush()


def _beginning(g: Graph, weights: Arrays, buckets: npt.NDArray[np.int64]) -> tuple[str, str, str]:
    """Word and place of each token, normed; the bias of attention; the mask as (n, t, 1)."""
    table, scale = rounded(weights["words.weight"].T, WORD_STEPS)
    rows = g.add("Gather", g.constant(np.ascontiguousarray(table.T)), "input_ids")
    scales = g.add("Gather", g.constant(scale[:, None]), "input_ids")
    words = g.add("Mul", g.add("Cast", rows, to=1), scales)
    so_far = g.add("CumSum", "attention_mask", g.constant(np.array(1, np.int64)))
    place = g.add("Add", g.add("Mul", so_far, "attention_mask"), g.numbers(1))
    places = g.add("Gather", g.constant(weights["places.weight"]), place)
    x = g.norm(g.add("Add", words, places), weights, "norm")
    whole = np.ascontiguousarray(weights["bias.weight"][buckets].transpose(2, 0, 1)[None])
    t = g.add("Shape", "input_ids", start=1, end=2)
    ends = g.add("Concat", t, t, axis=0)
    near = g.add("Slice", g.constant(whole), g.numbers(0, 0), ends, g.numbers(2, 3))
    mask = g.add("Cast", "attention_mask", to=1)
    lacking = g.add("Sub", g.constant(np.ones(1, np.float32)), mask)
    shut = g.add("Mul", lacking, g.constant(np.full(1, -1e4, np.float32)))
    bias = g.add("Add", near, g.add("Unsqueeze", shut, g.numbers(1, 2)))
    return x, bias, g.add("Unsqueeze", mask, g.numbers(2))


def _block(g: Graph, x: str, bias: str, weights: Arrays, at: str) -> str:
    width = weights[f"{at}q.weight"].shape[0]
    heads = weights["bias.weight"].shape[1]
    parted = g.numbers(0, 0, heads, width // heads)
    quantised = g.quantised(x)
    q, k, v = (
        g.add("Reshape", g.linear(quantised, weights, f"{at}{name}"), parted) for name in "qkv"
    )
    q, v = (g.add("Transpose", part, perm=[0, 2, 1, 3]) for part in (q, v))
    k = g.add("Transpose", k, perm=[0, 2, 3, 1])
    shrink = g.constant(np.full(1, 1 / math.sqrt(width // heads), np.float32))
    scores = g.add("Add", g.add("Mul", g.add("MatMul", q, k), shrink), bias)
    mixed = g.add("MatMul", g.add("Softmax", scores, axis=-1), v)
    joined = g.add("Reshape", g.add("Transpose", mixed, perm=[0, 2, 1, 3]), g.numbers(0, 0, width))
    heard = g.linear(g.quantised(joined), weights, f"{at}o")
    x = g.norm(g.add("Add", x, heard), weights, f"{at}norm1")
    inner = g.add("Gelu", g.linear(g.quantised(x), weights, f"{at}up"))
    thought = g.linear(g.quantised(inner), weights, f"{at}down")
    return g.norm(g.add("Add", x, thought), weights, f"{at}norm2")


def _ending(g: Graph, x: str, mask: str, weights: Arrays) -> None:
    """Heads linear in the mean of the last states, so that every token has an exact share."""
    count = g.add("ReduceSum", mask, g.numbers(1))
    shared = g.add("Div", g.add("Mul", x, mask), count)
    mean = g.add("ReduceSum", shared, g.numbers(1), keepdims=0)
    for name in ("direction", "severity"):
        head = g.constant(np.ascontiguousarray(weights[f"{name}.weight"].T))
        value = g.add("MatMul", mean, head)
        if name == "direction":
            g.add("Add", value, g.constant(weights["direction.bias"]), name="logits")
        else:
            whole = g.add("Add", value, g.constant(weights["severity.bias"]))
            g.add("Squeeze", whole, g.numbers(1), name="severity")
    towards = weights["direction.weight"][1] - weights["direction.weight"][0]
    share = g.add("MatMul", shared, g.constant(np.ascontiguousarray(towards[:, None])))
    g.add("Squeeze", share, g.numbers(2), name="token_shares")
