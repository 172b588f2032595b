"""Runs ONNX networks by onnxruntime."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.data.base import DataKind
from audition.errors import MissingExtraError, ModelError
from audition.models.base import ModelIdentity, Outputs, Preprocess, joined
from audition.models.pixels import normalised
from audition.models.pooling import Pool, pooled
from audition.models.preprocess import ResizeImage

ERRORS_ONLY = 3  # onnxruntime's severities: 0 verbose, 1 info, 2 warning, 3 error

PICTURES, VALUES = 16, 2**19
"""How many pictures go through at once, and how many values they may have together: 10 of 128 pixels, 3 of 224.
The maps of more leave a CPU's caches: 256 of 64 pixels take twice the time, and 16 times the memory."""


def open_session(network: bytes | str | os.PathLike[str], name: str) -> Any:
    """An onnxruntime session of a network's bytes or file, on the CPU with a thread for each core.

    Raises MissingExtraError without onnxruntime, ModelError for a network it cannot load.
    """
    try:
        import onnxruntime
    except ModuleNotFoundError as error:
        raise MissingExtraError("onnxruntime", "onnx") from error
    except ImportError as error:
        # An interrupt while its library loads comes back as an ImportError.
        if "KeyboardInterrupt" in f"{error!r} {error.__cause__!r} {error.__context__!r}":
            raise KeyboardInterrupt from error
        raise ModelError(f"onnxruntime is installed but cannot be imported: {error}") from error
    options = onnxruntime.SessionOptions()
    options.log_severity_level = ERRORS_ONLY
    options.intra_op_num_threads = _available_cores()
    options.inter_op_num_threads = 1
    source = network if isinstance(network, bytes) else os.fspath(network)
    alone = {
        "providers": ["CPUExecutionProvider"],
        "enable_fallback": 0,
    }  # else it prints, and tries the same again
    try:
        return onnxruntime.InferenceSession(source, options, **alone)
    except Exception as error:  # onnxruntime raises kinds of its own, without a common base
        raise ModelError(f"Cannot load {name}: {error}") from error


def _available_cores() -> int:
    """As many as OMP_NUM_THREADS says, as other libraries do; else the cores this process may use, which are fewer
    than the machine's in a container or under taskset."""
    told = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
    if told.isdigit() and int(told):
        return int(told)
    affinity = getattr(os, "sched_getaffinity", None)  # Linux only
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@dataclass(frozen=True, eq=False)
class OnnxModel:
    """An ONNX network of images that takes float32 [n, C, H, W]: pixels in 0..1, less `mean`, over `std`.

    mean, std: one number or one a channel. pooling: how maps and tokens become vectors.
    layers: the outputs to use as features, in order of depth: maps [n, C, H, W], tokens [n, T, D]
    or vectors [n, D]. head: the output with logits [n, S], or None. identity: whose features these are, if known.
    file: the network's own, or what is in it: without it, its weights cannot be trained.
    """

    name: str
    session: Any
    layers: tuple[str, ...]
    head: str | None = None
    preprocess: Preprocess = field(default_factory=ResizeImage)
    kind: DataKind = "image"
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    pooling: Pool = "mean"
    identity: ModelIdentity | None = None
    file: bytes | Path | None = None

    def __post_init__(self) -> None:
        known = [output.name for output in self.session.get_outputs()]
        missing = [output for output in (*self.layers, self.head) if output and output not in known]
        if missing:
            raise ModelError(f"{self.name} has no output {missing[0]!r}; it has {', '.join(known)}.")

    def forward(self, batch: NDArray[np.uint8]) -> Outputs:
        """Features of a batch uint8 [n, C, H, W], each layer pooled over its positions."""
        step = max(1, min(PICTURES, VALUES // max(1, batch[0].size)))
        pieces = [self._piece(batch[start : start + step]) for start in range(0, len(batch), step)]
        return pieces[0] if len(pieces) == 1 else joined(pieces)

    def _piece(self, batch: NDArray[np.uint8]) -> Outputs:
        """One run of the network."""
        wanted = [*self.layers, *([self.head] if self.head else [])]
        feed = {self.session.get_inputs()[0].name: normalised(batch, self.mean, self.std)}
        try:
            results = self.session.run(wanted, feed)
        except Exception as error:  # see open_session
            raise ModelError(f"{self.name} cannot be run: {error}") from error
        given = dict(zip(wanted, results, strict=True))
        features = {layer: pooled(given[layer], self.pooling) for layer in self.layers}
        return Outputs(features, softmax(given[self.head]) if self.head else None)


def softmax(logits: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Logits [n, S] -> float32 probabilities [n, S] whose rows sum to 1."""
    probabilities: NDArray[np.float32] = np.exp(logits - logits.max(axis=1, keepdims=True)).astype(np.float32)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return probabilities
