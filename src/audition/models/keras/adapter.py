"""keras:NAME[?checkpoint=FILE&...], keras:FILE.keras: the networks of keras.applications, and saved ones."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from audition.errors import InputError
from audition.files import user_path
from audition.models.base import ModelIdentity, identity_of_files
from audition.models.keras.graph import blocks_of, steady_names
from audition.models.keras.head import Head, head_of
from audition.models.keras.library import import_keras, libraries, versions
from audition.models.keras.model import KerasModel
from audition.models.keras.network import USUAL, applications, build, prepare_of
from audition.models.keras.pixels import Layout, Prepare, Scale, as_they_are, layout_of, size_of, takes_bytes
from audition.models.keras.saved import is_file, open_saved
from audition.models.options import Options, read_options
from audition.models.pixels import frame
from audition.models.spec import ModelSpec

TAKES = ("checkpoint", "pool", "size", "mean", "std", "crop")
FILE_TAKES = ("pool", "size", "mean", "std", "channels", "crop")


def names() -> list[str]:
    """All networks of keras.applications."""
    return applications(import_keras())


def load(spec: ModelSpec) -> KerasModel:
    """The network of a name, with keras's own weights or those of a file, or the network in a file.

    `weights=none` leaves it as it was initialised; options that are not ours go to the application's
    constructor. The whole picture is squashed to the size; with crop=0.875 that share about its centre is
    cut out. Pixels are scaled as the application's `preprocess_input` does; a network from a file takes
    0..255 where it scales them itself, else 0..1, less `mean`, over `std`.

    Raises UnknownNameError, InputError, MissingExtraError, and ModelError for weights that do not fit, are
    damaged or cannot be fetched, and for a file that holds code.
    """
    if spec.revision:
        raise InputError(f"Networks of keras have no revisions: write keras:{spec.name}, and @ in it as %40.")
    return _from_file(spec) if is_file(spec) else _application(spec)


def identity(spec: ModelSpec) -> ModelIdentity | None:
    """The digest of a file, or the name of keras's own weights; None for a network that was never trained."""
    options = dict(spec.options)
    file = spec.name if is_file(spec) else options.get("checkpoint")
    if file is not None:
        return identity_of_files([user_path(file)], *libraries())
    return ModelIdentity(USUAL, versions()) if options.get("weights", USUAL) == USUAL else None


def _application(spec: ModelSpec) -> KerasModel:
    options = read_options(spec, TAKES, passes_on=True)
    keras = import_keras()
    network, trained = build(keras, spec, options)
    layout = layout_of(keras, network)
    order = "channels_last" if layout.channels_last else "channels_first"
    topped = bool(options.others.get("include_top", True))
    head = head_of(network.outputs[0], classifies=topped)
    return _model(
        spec,
        options,
        network,
        layout,
        head=head if trained else Head(head.seen),
        names=steady_names(network),
        scale=partial(prepare_of(keras, spec.name), data_format=order),
    )


def _from_file(spec: ModelSpec) -> KerasModel:
    options = read_options(spec, FILE_TAKES)
    keras = import_keras()
    network = open_saved(keras, spec)
    layout = layout_of(keras, network)
    if options.channels not in (None, layout.channels):
        raise InputError(f"{spec} takes channels={layout.channels} and no other: leave channels out.")
    head = head_of(network.outputs[0])
    scale = as_they_are if takes_bytes(network) else None
    return _model(spec, options, network, layout, head=head, names={}, scale=scale)


def _model(
    spec: ModelSpec,
    options: Options,
    network: Any,
    layout: Layout,
    *,
    head: Head,
    names: Mapping[str, str],
    scale: Scale | None,
) -> KerasModel:
    if options.mean or options.std:
        scale = None
    steps = blocks_of(head.seen, channels_last=layout.channels_last)
    return KerasModel(
        str(spec),
        import_keras(),
        network,
        blocks={
            names.get(step.name, step.name): step.tensor for step in steps if step.tensor is not head.seen
        },
        head=head,
        preprocess=frame(size_of(spec, layout, options), options.crop, channels=layout.channels),
        prepare=Prepare(layout.channels_last, scale, options.mean or (0.0,), options.std or (1.0,)),
        identity=identity(spec),
        pool=options.pool,
    )
