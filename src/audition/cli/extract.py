"""`audition extract`: a model's features of the data, in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from audition import listing
from audition.cli.options import Data, DataOptions, OneModel, RunOptions
from audition.cli.words import check_one_model, split_layers
from audition.errors import InputError

READING, RUNNING = DataOptions(), RunOptions()


def extract(
    *,
    model: OneModel,
    data: Data,
    output: Annotated[Path, Parameter(name=["--output", "-o"], help="A new .safetensors file.")],
    layers: Annotated[
        str, Parameter(name="--layers", help="'all', or layer names separated by commas.")
    ] = "all",
    running: RunOptions = RUNNING,
    reading: DataOptions = READING,
) -> int:
    """Write a model's features of your data to a file, which `audition score` reads."""
    from audition.extraction import extract as extract_features
    from audition.files import check_new

    check_one_model(model, "extract")
    check_new(output)
    if output.suffix.lower() != ".safetensors":
        raise InputError(f"Features are written as .safetensors; {str(output)!r} is named otherwise.")
    with running.told():
        features = extract_features(
            model,
            reading.open(data),
            layers=split_layers(layers),
            skip_bad=running.skip_bad,
            cache=running.features(),
            trust=running.trusted,
            device=running.device,
            progress=running.progress,
        )
    features.save(output)
    listing.print_features(features, output, listing.console())
    return 0
