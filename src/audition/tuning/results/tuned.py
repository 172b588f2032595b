"""A tuned model: a value that predicts, and that is saved to a folder and loaded from it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from audition.arrays import Float64
from audition.data.base import DataKind, Task
from audition.files import user_path
from audition.models.base import Model
from audition.models.torch.library import import_library
from audition.tuning.results.config import read_config
from audition.tuning.results.outcome import Outcome
from audition.tuning.results.predictions import Predictions
from audition.tuning.rows.answers import Answers

if TYPE_CHECKING:
    from audition.tuning.networks.network import Network
    from audition.tuning.runs.curve import Curve


@dataclass(frozen=True, eq=False)
class TunedModel:
    """A network that was tuned, and what its outputs mean.

    network: the body up to a layer, and a head. model: what the body was made of; it says how items are
    prepared. answers: the classes, labels or targets. held_out: how it did on the rows that chose among its states;
    test: on rows that took no part at all. curve: how it was tuned, where it was in this process.
    settings, provenance: plain values (text, numbers, lists) that `config.json` and the card tell on.

        tuned = audition.load_tuned("tuned/")
        tuned.predict("new-images/")            # array(['daisy', 'tulip', ...])
        tuned.predict_proba(["a.jpg", "b.jpg"]) # [2, C], columns in the order of classes_
    """

    network: Network
    model: Model
    answers: Answers
    held_out: Outcome | None = None
    test: Outcome | None = None
    curve: Curve | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the model that was tuned."""
        return str(self.provenance.get("model", self.model.name))

    @property
    def kind(self) -> DataKind:
        """What kind of data it takes."""
        return self.model.kind

    @property
    def task(self) -> Task:
        """What it was tuned for."""
        return self.answers.task

    @property
    def classes(self) -> tuple[Hashable, ...]:
        """The classes, or the names of several labels or targets."""
        return self.answers.classes

    @property
    def classes_(self) -> NDArray[Any]:
        """The classes as an array [K], in the order of the columns of `predict_proba`."""
        return self.answers.as_array()

    @property
    def metrics(self) -> dict[str, Any]:
        """The scores on held-out and on test rows with their 90 % intervals, as in `metrics.json`."""
        parts = {"held_out": self.held_out, "test": self.test}
        return {name: None if part is None else part.to_json() for name, part in parts.items()}

    def __repr__(self) -> str:
        score = self.test or self.held_out
        said = "" if score is None else f", {score.headline}"
        return f"TunedModel({self.name!r}, {self.task}, {len(self.classes)} classes{said})"

    def predict(self, data: Any, *, batch_size: int | None = None) -> NDArray[Any]:
        """The predicted class of each item, [n], of the type that the labels had.

        Of several labels 0 and 1 [n, K], columns in the order of classes_; of a regression numbers [n] in
        the units of the targets, or [n, K] of several.
        data: a folder, a table, a list of paths, pictures or texts, an array; labels are not needed.

        Raises InputError for data that cannot be used, and for an item that cannot be read.
        """
        return self.predictions(data, batch_size=batch_size).labels

    def predict_proba(self, data: Any, *, batch_size: int | None = None) -> Float64:
        """The probability of each class, [n, K]; of several labels, that of each by itself.

        data, and what raises: as for `predict`; and InputError for a regression.
        """
        self.answers.check_probabilities()
        return self.predictions(data, batch_size=batch_size).probabilities

    def predictions(
        self,
        data: Any,
        *,
        column: str | None = None,
        batch_size: int | None = None,
        skip_bad: bool = False,
        progress: bool = False,
    ) -> Predictions:
        """Predictions with the names of the items, to be printed or written as CSV.

        column: of a table, which holds the texts or paths. skip_bad: go on without items that cannot be read;
        `skipped` names them. progress: show a bar on standard error.
        """
        from audition.tuning.results.predict import predicted

        return predicted(
            self, data, column=column, batch_size=batch_size, skip_bad=skip_bad, progress=progress
        )

    def save(self, folder: str | Path, *, extra: Mapping[str, str] | None = None) -> None:
        """Everything in a new folder, whole or not at all; `load` reads it, and its README.md says what is in it.

        extra: more files by their names, text each, such as a report; `load` does not look at them.
        Raises InputError where the folder holds something already or cannot be written, and for a name in
        `extra` that is a path, or that of one of the folder's own files.
        """
        from audition.tuning.results.folder import write

        write(self, user_path(folder), extra or {})

    @classmethod
    def load(cls, folder: str | Path, *, device: str = "auto", module: Any = None) -> TunedModel:
        """The tuned model in a folder; nothing in it is run as code.

        device: where it computes: "auto" is the GPU where there is one, else the CPU; or "cpu", "cuda:1".
        module: where a torch.nn.Module or Model of your own was tuned, one that is built as it was.
        Raises InputError for a folder that is missing, no tuned model, damaged or of a newer audition.
        """
        read_config(user_path(folder))  # a folder that is none is told before torch is imported
        import_library("torch", "tune")
        from audition.tuning.results.folder import read

        return read(user_path(folder), device=device, module=module)

    def export_onnx(self, path: str | Path, *, data: Any = None) -> tuple[Path, ...]:
        """A new ONNX file that gives the same to 1e-4, with a free batch size, for onnxruntime and others.

        Pictures go in as pixels 0..255: the network's mean and spread are part of the graph. Texts go in as
        input_ids and attention_mask, which the file model.tokenizer.json beside model.onnx makes of them; it cuts and
        pads as the network was tuned:

            tokens = tokenizers.Tokenizer.from_file("model.tokenizer.json").encode_batch(texts)

        data: items of which the first few must give the same before the file is put in its place; by default some
        that are made up. Gives the paths that were written.
        Raises InputError for a network of another kind, ModelError for one that cannot be written so.
        """
        from audition.tuning.results.onnx_export import export_onnx

        return export_onnx(self, user_path(path), data)

    def save_pretrained(self, folder: str | Path, *, data: Any = None) -> None:
        """A new folder that timm or transformers open themselves, and that gives the same to 1e-4.

        data: as for `export_onnx`.
        Raises InputError where the library has no network of this form, and says what there is instead.
        """
        from audition.tuning.results.native_export import export_native

        export_native(self, user_path(folder), data)

    def save_encoder(self, folder: str | Path) -> None:
        """A new folder with the encoder for `AutoModel.from_pretrained` and the head beside it, of transformers only.

        For networks on which transformers would put a head of another form. Raises InputError for others.
        """
        from audition.tuning.results.native_export import save_encoder

        save_encoder(self, user_path(folder))


def load_tuned(folder: str | Path, *, device: str = "auto", module: Any = None) -> TunedModel:
    """The tuned model in a folder that `audition tune` wrote; see `TunedModel.load`.

    module: only where a torch.nn.Module or Model of your own was tuned: one that is built as it was, with any weights.
    """
    return TunedModel.load(folder, device=device, module=module)
