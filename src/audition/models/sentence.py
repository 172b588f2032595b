"""st:ORG/NAME[@REVISION][?...], st:./FOLDER: sentence-transformers, pooled as they were trained; static vectors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any

from numpy.typing import NDArray

from audition.data.base import DataKind
from audition.errors import InputError, ModelError
from audition.models.base import ModelIdentity, Outputs, Preprocess
from audition.models.hf.identity import identity_of
from audition.models.hf.load import check_weights, find_source, quietly
from audition.models.hf.network import Identify
from audition.models.hf.options import read_text_options
from audition.models.hf.text import PIECE
from audition.models.options import construction_error
from audition.models.preprocess import AsObject
from audition.models.spec import ModelSpec
from audition.models.static.model import StaticModel, static_model
from audition.models.torch.library import import_library
from audition.models.torch.placement import OnDevice, brought

EXTRA = "st"
TAKES = ("max_length", "precision")


def load(spec: ModelSpec, *, trusted: bool = False) -> SentenceModel | StaticModel:
    """The encoder of a name, out of a folder, the cache or the hub; its own code runs only where trusted.

    max_length: in tokens, as the encoder was trained by default. precision: fp32, bf16 or fp16. All else,
    such as truncate_dim, goes to the constructor of SentenceTransformer. A folder of static
    vectors, as Model2Vec keeps them, needs no torch; `static_model` has its options. Raises as hf: does.
    """
    if static := static_model(spec):
        return static
    import_library("torch", EXTRA)
    library = import_library("sentence_transformers", EXTRA)
    options = read_text_options(spec, TAKES)
    source = find_source(spec, trusted=trusted)
    transformers = import_library("transformers", EXTRA)
    check_weights(transformers, spec, source)
    with quietly(transformers, spec):
        try:
            encoder = library.SentenceTransformer(
                source.where,
                device="cpu",
                model_kwargs={
                    "dtype": {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}[options.precision]
                },
                **source.arguments,
                **options.others,
            )
        except TypeError as error:
            known = library.SentenceTransformer.__init__.__annotations__
            raise construction_error(str(spec), error, {*TAKES, *known}) from error
    return SentenceModel(str(spec), encoder, partial(identity, spec, trusted=trusted), options.max_length)


def identity(spec: ModelSpec, *, trusted: bool = False) -> ModelIdentity | None:
    """The digest of a folder's files, or the commit on the hub; None where it cannot be told."""
    libraries = ("sentence-transformers", "transformers", "tokenizers", "torch")
    return identity_of(spec, *libraries, trusted=trusted)


class SentenceModel(OnDevice):
    """An encoder of sentence-transformers; its one layer is what its own `encode` gives."""

    kind: DataKind = "text"
    layers: tuple[str, ...] = ("features",)

    def __init__(self, name: str, encoder: Any, identify: Identify, max_length: int | None = None) -> None:
        self.name = name
        self._identify = identify
        self.preprocess: Preprocess = AsObject()
        self.encoder = encoder.eval()
        self.place(self.encoder)
        self.parameters: int | None = sum(weight.numel() for weight in encoder.parameters())
        if not hasattr(encoder, "tokenizer") or encoder.max_seq_length is None:
            raise ModelError(f"{name} takes no texts.")
        if max_length is not None:
            if max_length > encoder.max_seq_length:
                raise InputError(
                    f"{name} takes {encoder.max_seq_length} tokens: lower max_length={max_length}."
                )
            encoder.max_seq_length = max_length

    @cached_property
    def identity(self) -> ModelIdentity | None:
        """The digest of its files, or its commit on the hub."""
        return self._identify()

    def __repr__(self) -> str:
        return f"SentenceModel({self.name!r})"

    def forward(self, batch: NDArray[Any], layers: Sequence[str] | None = None) -> Outputs:
        """Vectors float32 [n, D] of a batch of texts, and how many of them were cut."""
        return brought(self.forward_there(batch))

    def forward_there(self, batch: NDArray[Any], layers: Sequence[str] | None = None) -> Outputs:
        """As `forward`, the vectors a tensor on the encoder's device."""
        texts = list(batch)
        vectors = self.encoder.encode(
            texts, batch_size=PIECE, convert_to_tensor=True, show_progress_bar=False
        )
        longest = self.encoder.max_seq_length
        counted = {f"texts longer than {longest} tokens were cut": self._number_cut(texts, longest)}
        return Outputs({self.layers[0]: vectors.float()}, counted=counted)

    def _number_cut(self, texts: list[str], longest: int) -> int:
        tokens = self.encoder.tokenizer(texts, truncation=False, padding=False, verbose=False)["input_ids"]
        return sum(len(text) > longest for text in tokens)
