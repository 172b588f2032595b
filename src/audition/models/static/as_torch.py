"""Static vectors of pieces as a table whose rows can be trained: a text is the mean of its pieces' rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.data.base import DataKind
from audition.errors import UnknownNameError
from audition.models.base import Outputs, Preprocess
from audition.models.static.files import StaticFiles
from audition.models.static.model import StaticModel
from audition.models.torch.library import best_device, import_library

EXTRA = "tune"


class StaticTable:
    """A model of the same name, preprocess and layers; its features are the other's to about 1e-6."""

    kind: DataKind = "text"
    layers: tuple[str, ...] = ("features",)

    def __init__(self, name: str, preprocess: Preprocess, files: StaticFiles, longest: int | None) -> None:
        torch = import_library("torch", EXTRA)
        self.name, self.preprocess = name, preprocess
        self.files, self.longest = files, longest
        self.device, self.dtype = best_device(), torch.float32
        vectors = torch.from_numpy(np.array(files.vectors))
        self.trunk = torch.nn.EmbeddingBag.from_pretrained(vectors, freeze=False, mode="mean").to(self.device)

    def tensors(self, batch: NDArray[Any], layers: Sequence[str]) -> dict[str, Any]:
        """Vectors [n, D] of texts by layer, tensors float32 on the model's device, their graph kept."""
        import torch

        for layer in layers:
            if layer not in self.layers:
                raise UnknownNameError(f"layer of {self.name}", layer, self.layers)
        encoded = self.files.tokenizer.encode_batch(list(batch), add_special_tokens=self.files.special)
        texts = [[piece for piece in text.ids if piece != self.files.unknown] for text in encoded]
        texts = [text[: self.longest] for text in texts]
        ends = np.cumsum([0, *map(len, texts)])
        pieces = np.fromiter((piece for text in texts for piece in text), dtype=np.int64, count=ends[-1])
        vectors = self.trunk(*(torch.from_numpy(part).to(self.device) for part in (pieces, ends[:-1])))
        if self.files.normalize:
            vectors = torch.nn.functional.normalize(vectors)
        return dict.fromkeys(layers, vectors)

    def forward(self, batch: NDArray[Any]) -> Outputs:
        """Vectors float32 [n, D] of a batch of texts."""
        import torch

        with torch.no_grad():
            found = self.tensors(batch, self.layers)
        return Outputs({layer: vectors.cpu().numpy() for layer, vectors in found.items()})


def table_of(model: StaticModel) -> StaticTable:
    """The same model with a table that can be trained; raises MissingExtraError without torch."""
    return StaticTable(model.name, model.preprocess, model.files, model.longest)
