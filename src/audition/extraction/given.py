"""Features that a user computed before, as a candidate: nothing is decoded and no network is opened."""

from __future__ import annotations

from dataclasses import dataclass

from audition.data.agreement import first_difference
from audition.data.features import Features
from audition.data.files import PROBABILITIES
from audition.data.labels_file import labels_of_array_file
from audition.errors import AuditionError, ModelError
from audition.extraction.choice import Layers, chosen_of
from audition.extraction.decode import Decoded
from audition.extraction.outputs import Head, Output
from audition.extraction.streamed import Places
from audition.models.features import FeatureLayers, open_features, path_of
from audition.models.spec import ModelSpec


@dataclass(frozen=True, eq=False)
class Given:
    """A file of features, a row an item of the data set in its order; what is wrong with it is said by `features`.

    wanted: which of its layers are asked for.
    """

    name: str
    wanted: Layers

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that are asked for; none where the file cannot be used."""
        try:
            return self._chosen(self._opened())
        except AuditionError:
            return ()

    def features(self, data: Decoded, watched: Places | None = None) -> Features:
        """The features, as float32, with the labels of the data; all rows, so that `watched` has no effect.

        Raises ModelError for another number of rows, labels that are not the data's, and what is no
        feature; InputError for a file that is damaged, UnknownNameError for a layer that it lacks.
        """
        opened = self._opened()
        wanted = self._chosen(opened)
        rows = len(data.labels)
        _check_rows(opened, wanted, data)
        _check_labels(opened, data)
        header = opened.file.header or {}
        return Features(
            model=self.name,
            data=data.name,
            task=data.task,
            labels=data.labels,
            layers={layer: Output(self.name, layer).checked(rows, opened.read(layer)) for layer in wanted},
            source_probabilities=Head(self.name, PROBABILITIES).probabilities(rows, opened.probabilities()),
            skipped=data.skipped,
            groups=data.groups,
            parameters=header.get("parameters"),
            notes=tuple(header.get("notes", ())),
        )

    def _opened(self) -> FeatureLayers:
        return open_features(ModelSpec.parse(self.name))

    def _chosen(self, opened: FeatureLayers) -> tuple[str, ...]:
        return chosen_of(tuple(opened.keys), self.wanted, self.name)


def given(name: str, layers: Layers) -> Given | None:
    """The file of a name "features:FILE"; None for any other. Raises InputError where there is no such file."""
    if not name.startswith("features:"):
        return None
    path_of(ModelSpec.parse(name))
    return Given(name, layers)


def _check_rows(opened: FeatureLayers, layers: tuple[str, ...], data: Decoded) -> None:
    for layer in layers:
        held = opened.file.shapes[opened.keys[layer]][0]
        if held != len(data.labels):
            left_out = f" ({len(data.skipped)} could not be read)" if data.skipped else ""
            raise ModelError(
                f"{opened.name} has {held} rows but {data.name!r} has {len(data.labels)} items{left_out}: "
                "a row an item is needed, in the data's order."
            )


def _check_labels(opened: FeatureLayers, data: Decoded) -> None:
    """Raises ModelError where the file has labels of its own that are not those of the data."""
    header = opened.file.header
    if header is None and "labels" not in opened.file.shapes:
        return
    own = labels_of_array_file(opened.file.path, data.task, opened.name)
    if len(own) != len(data.labels):
        raise ModelError(f"{opened.name} has {len(own)} labels but {data.name!r} has {len(data.labels)}.")
    row = first_difference(own.labels, data.labels, data.task)
    if row is not None:
        raise ModelError(
            f"{opened.name} has other labels than {data.name!r}: row {row} (from 0) is {own.labels[row]!r} there "
            f"and {data.labels[row]!r} in the data. Its rows must be the items of the data, in their order."
        )
