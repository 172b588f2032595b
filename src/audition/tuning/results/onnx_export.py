"""A tuned network as an ONNX file, which is put in its place once it gives the same."""

from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from audition.arrays import Array
from audition.errors import AuditionError, AuditionWarning, ModelError
from audition.files import check_new, write_new_text, written_whole
from audition.models.torch.library import import_library
from audition.tuning.networks.example import example_of
from audition.tuning.results.graph import Graph, graph_of
from audition.tuning.results.predict import first_items, outputs_of
from audition.tuning.results.tokens import beside, tokens_of
from audition.version import __version__

if TYPE_CHECKING:
    from audition.tuning.results.tuned import TunedModel

EXTRA = "tune"
CLOSE = 1e-4
COMPARED = 8  # items
LONG = 2**16  # characters: more tokens than a network takes
SHOWN = 200  # characters of what the exporter says


def export_onnx(tuned: TunedModel, path: Path, data: Any = None) -> tuple[Path, ...]:
    """Writes a tuned network to a new ONNX file, and its tokenizer beside it; see `TunedModel.export_onnx`."""
    check_new(path)
    if tuned.kind == "text":
        check_new(beside(path))
    for library in ("onnx", "onnxscript", "onnxruntime"):
        import_library(library, EXTRA)
    batch = items_to_compare(tuned, data)
    if len(batch) == 1:  # of one item alone the exporter takes the number for fixed
        batch = np.concatenate([batch, batch])
    graph = _with_own_tokenizer(graph_of(tuned, batch), tuned, batch)
    with written_whole(path) as part:
        _write(tuned, graph, batch, part, beside(path).name)
        _check(tuned, graph, batch, part)
        if graph.tokenizer is None:
            return (path,)
        write_new_text(beside(path), graph.tokenizer)
    return path, beside(path)


def items_to_compare(tuned: TunedModel, data: Any) -> Array:
    """A few preprocessed items [n, ...] of some data, or two that are made up where there are none."""
    return example_of(tuned.network.body.model) if data is None else first_items(tuned, data, COMPARED)


def _with_own_tokenizer(graph: Graph, tuned: TunedModel, batch: Array) -> Graph:
    """The same; without a tokenizer, and with a warning, where its file would make other tokens of some texts."""
    if tuned.kind != "text":
        return graph
    joined = f"{' '.join(map(str, batch))} "
    texts = np.array([*batch, joined * (1 + LONG // len(joined))], dtype=object)  # the last is too long
    if graph.tokenizer is not None:
        theirs = tokens_of(graph.tokenizer, texts.tolist())
        if all(map(np.array_equal, graph.tensors(texts), theirs)):
            return graph
    warnings.warn(
        f"The tokenizer of {tuned.name} has no file of its own that says the same: make tokens by transformers, as "
        "AutoTokenizer opens it from the folder of the tuned model.",
        AuditionWarning,
        stacklevel=4,
    )
    return replace(graph, tokenizer=None)


def _write(tuned: TunedModel, graph: Graph, batch: Array, path: Path, tokenizer: str) -> None:
    device = next(tuned.network.body.parameters()).device
    inputs = tuple(tensor.to(device) for tensor in graph.tensors(batch))
    axes = dict.fromkeys(graph.axes, torch.export.Dim.DYNAMIC)
    try:
        with _quietly(), torch.no_grad():
            graph.module.to(device)(*inputs)  # some networks find out in a pass what their shapes give
            program = torch.onnx.export(
                graph.module,
                inputs,
                dynamo=True,
                input_names=list(graph.inputs),
                output_names=list(graph.module.outputs),
                dynamic_shapes={"inputs": tuple(axes for _ in inputs)},
                verbose=False,
            )
            program.model.metadata_props.update(_metadata(tuned, graph, tokenizer))
            program.save(str(path), external_data=False)
    except AuditionError:
        raise
    except Exception as error:  # the exporter's own, and those of any network
        raise ModelError(f"{tuned.name} cannot be written as ONNX: {_cause(error)}") from error


def _cause(error: BaseException) -> str:
    """What began it, without the exporter's advice."""
    while error.__cause__ is not None:
        error = error.__cause__
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {shorten(text, SHOWN, placeholder='...')}"


def _metadata(tuned: TunedModel, graph: Graph, tokenizer: str) -> dict[str, str]:
    """What a reader of the file needs beside the graph. tokenizer: the name of its file, where there is one."""
    told = {
        "producer": f"audition {__version__}",
        "model": tuned.name,
        "task": tuned.task,
        "classes": json.dumps(list(tuned.classes), ensure_ascii=False),
        "input": graph.says,
        "preprocess": str(tuned.model.preprocess),
    }
    return told if graph.tokenizer is None else {**told, "tokenizer": tokenizer}


def _check(tuned: TunedModel, graph: Graph, batch: Array, path: Path) -> None:
    """Raises ModelError where the file says something else than the network, of batches of two sizes."""
    for part in (batch, batch[:1]):
        expected = expected_of(tuned, part)
        given = run_onnx(path, graph, part)[-1]
        apart = float(np.abs(given - expected).max() / max(1.0, np.abs(expected).max()))
        if not apart <= CLOSE:
            raise ModelError(
                f"{tuned.name} as ONNX gives other answers, {apart:.2g} apart where {CLOSE:g} is let pass: "
                "nothing was written."
            )


def expected_of(tuned: TunedModel, batch: Array) -> Array:
    """The probabilities, or the numbers, of preprocessed items [n, K]."""
    outputs = outputs_of(tuned.network, batch)
    answers = tuned.answers
    return answers.numbers(outputs) if tuned.task == "regression" else answers.probabilities(outputs)


def run_onnx(path: Path, graph: Graph, batch: Array) -> list[Array]:
    """The outputs of an ONNX file for preprocessed items."""
    session = import_library("onnxruntime", EXTRA).InferenceSession(
        path.read_bytes(), providers=["CPUExecutionProvider"]
    )
    tensors = (tensor.numpy() for tensor in graph.tensors(batch))
    found: list[Array] = session.run(None, dict(zip(graph.inputs, tensors, strict=True)))
    return found


@contextmanager
def _quietly() -> Iterator[Any]:
    """Without the exporter's warnings, and what it prints and logs of its progress."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        told = io.StringIO()
        with warnings.catch_warnings(), redirect_stdout(told), redirect_stderr(told):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
