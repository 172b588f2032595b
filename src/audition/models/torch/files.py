"""torchscript:FILE and exported:FILE: networks that were saved whole, by torch.jit or by torch.export.

Both are programs. Opening one runs nothing of Python's pickle here, but running one runs what its author
wrote, in torch's own operators, and reading an exported one evaluates the expressions of its shapes: open
those whose author you trust. Unlike timm's or torchvision's, their inner blocks cannot be tapped; their
outputs are their layers.
"""

from __future__ import annotations

import warnings
import zipfile

from audition.data.growth import check_archive
from audition.errors import InputError, ModelError
from audition.files import user_path
from audition.models.spec import ModelSpec
from audition.models.torch.library import best_device, import_library, without_pickles
from audition.models.torch.saved import SavedModel

WRITERS = {"torchscript": "torch.jit.save", "exported": "torch.export.save"}


def load(spec: ModelSpec) -> SavedModel:
    """The network in a file; raises InputError where it is not there, ModelError where it is no such file."""
    torch = import_library("torch", "torch")
    path = user_path(spec.name)
    if not path.is_file():
        raise InputError(f"There is no file {spec.name!r} for {spec}.")
    if not zipfile.is_zipfile(path):
        raise ModelError(f"{spec.name!r} is damaged, or was not saved by {WRITERS[spec.source]}.")
    check_archive(path)
    device = best_device()
    try:
        with warnings.catch_warnings(), without_pickles():
            warnings.simplefilter("ignore")  # that torch.jit will go is no concern of who only reads
            if spec.source == "torchscript":
                network = torch.jit.load(str(path), map_location=device).eval()
            else:
                with path.open("rb") as file:  # by its name it would have to end in .pt2
                    network = torch.export.load(file).module().to(device)
    except Exception as error:  # zip, json, flatbuffers, torch: each its own
        why = _first_line(error)
        raise ModelError(
            f"{spec.name!r} was not saved by {WRITERS[spec.source]}, or is damaged: {why}"
        ) from error
    return SavedModel(spec, network, device)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
