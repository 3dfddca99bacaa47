"""A graph as a file in the ONNX format, compared with the network that it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from captioning.export.graphs import Graph
from shared.errors import UserError
from shared.rnn import leaves

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

TOLERANCE = 1e-4
"""how far a file may be from the network, absolutely and relatively"""


class Traced(NamedTuple):
    """What there is to know of a file."""

    inputs: dict[str, dict[str, Any]]
    """type and shape of each tensor"""
    outputs: dict[str, dict[str, Any]]
    operators: int
    """the version of the operators that it is made of"""
    difference: float
    """the largest between what it gives and what the network does"""


def trace(graph: Graph, examples: Sequence[tuple[Any, ...]], path: Path) -> Traced:
    """Writes a graph, and runs it by onnxruntime.

    Args:
        graph: in evaluation mode.
        examples: inputs, of different numbers of photos and rows; the first, with more than one of each, is traced.
        path: the file. Weights beyond 2 GB lie beside it.

    Raises:
        UserError: if there is no such file for the graph, or it does not do the same.
    """
    try:
        operators = _write(graph, examples[0], path)
    except OSError:  # of the disk
        raise
    except Exception as error:  # of many kinds, for code that cannot be traced and operators that ONNX does not have
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UserError(
            f"torch finds no ONNX form for the captioner's {graph.name}, so nothing was written: {reason}"
        ) from error
    session = open_session(path)
    difference = max(_difference(graph, session, example) for example in examples)
    inputs, outputs = (
        {tensor.name: _describe(tensor) for tensor in tensors}
        for tensors in (session.get_inputs(), session.get_outputs())
    )
    return Traced(inputs, outputs, operators, difference)


def open_session(path: Path) -> InferenceSession:
    """A file ready to run on the CPU, with as many threads as torch has."""
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    return InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _write(graph: Graph, example: tuple[Any, ...], path: Path) -> int:
    photos, rows = torch.export.Dim("photos"), torch.export.Dim("rows")
    shapes = torch.export.ShapesCollection()
    for name, tensor in zip(graph.inputs, leaves(example), strict=True):
        shapes[tensor] = {0: photos, 1: rows} if name in graph.by_rows else {0: photos}
    # A network that is to be traced so asks tensors for their shape: their `len` would be a number that stays.
    program = torch.export.export(graph.module, example, dynamic_shapes=shapes, strict=False)
    # The first input has every dimension that may change; where the same size comes again, so does its name.
    names = [{0: "photos", 1: "rows"} if graph.by_rows else {0: "photos"}, *({} for _ in graph.inputs[1:])]
    onnx = torch.onnx.export(
        program,
        dynamo=True,
        verbose=False,
        input_names=graph.inputs,
        output_names=graph.outputs,
        dynamic_shapes=names,
    )
    assert onnx is not None
    onnx.save(path)
    return onnx.model.opset_imports[""]


def _difference(graph: Graph, session: InferenceSession, example: tuple[Any, ...]) -> float:
    given = {name: tensor.numpy() for name, tensor in zip(graph.inputs, leaves(example), strict=True)}
    largest = 0.0
    for got, tensor in zip(session.run(None, given), leaves(graph.module(*example)), strict=True):
        wanted = tensor.numpy()
        off = np.abs(got - wanted)
        if not (off <= TOLERANCE * (1 + np.abs(wanted))).all():
            raise UserError(
                f"the exported {graph.name} is off by {off.max():.1e}, at most {TOLERANCE:.0e} is well, so nothing was written"
            )
        largest = max(largest, float(off.max(initial=0)))
    return largest


def _describe(tensor: Any) -> dict[str, Any]:
    return {"type": tensor.type.removeprefix("tensor(").removesuffix(")"), "shape": tensor.shape}
