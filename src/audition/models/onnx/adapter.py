"""onnx:FILE[?size=..&mean=..&std=..&channels=..&crop=..&pool=..]: your own ONNX network of images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audition.errors import InputError, ModelError
from audition.files import user_path
from audition.models.base import ModelIdentity, identity_of_files
from audition.models.onnx.network import OnnxModel, open_session
from audition.models.onnx.weights import count_weights, files_beside
from audition.models.options import Options, read_options
from audition.models.pixels import Size, frame
from audition.models.spec import ModelSpec

TAKES = ("size", "mean", "std", "channels", "crop", "pool")
HEAD = "logits"


@dataclass(frozen=True, eq=False, kw_only=True)
class OnnxFileModel(OnnxModel):
    """A network from a user's file. parameters: how many weights it has, None where they cannot be counted."""

    parameters: int | None = None


def load(spec: ModelSpec) -> OnnxFileModel:
    """The network in a file. Its outputs are its layers, in the order of the file; one called "logits"
    is its head, and the last layer only where there is no other.

    Pixels are 0..1, from which `mean` is taken and which are divided by `std` (0 and 1 where not given).
    The size is read from the file where that fixes it. The whole picture is squashed to the size; with
    crop=0.875 that share about its centre is cut out.

    Raises InputError for a file that is not there and for a size that is missing or is not the
    file's, ModelError for a network that cannot be loaded or takes something else than pictures.
    """
    options = read_options(spec, TAKES)
    path = user_path(spec.name)
    if spec.revision:
        raise InputError(
            f"A file has no revision: write @ in its name as %40, as in {spec.source}:a%40b.onnx."
        )
    if not path.is_file():
        raise InputError(f"There is no file {spec.name!r} for {spec}.")
    session = open_session(path, str(spec))
    channels, size = _input_of(session, spec, options)
    outputs = [output.name for output in session.get_outputs()]
    layers = tuple(name for name in outputs if name != HEAD) or (HEAD,)
    return OnnxFileModel(
        name=str(spec),
        session=session,
        layers=layers,
        head=HEAD if HEAD in outputs else None,
        preprocess=frame(size, options.crop, channels=channels),
        mean=options.mean or (0.0,),
        std=options.std or (1.0,),
        pooling=options.pool or "mean",
        parameters=count_weights(path),
        identity=identity(spec),
        file=path,
    )


def identity(spec: ModelSpec) -> ModelIdentity | None:
    """The digest of the file, and of those beside it that hold its weights; None where one cannot be read."""
    path = user_path(spec.name)
    try:
        files = [path, *files_beside(path)]
    except (OSError, ValueError):  # said when it is opened
        return None
    return identity_of_files(files, "onnxruntime")


def _input_of(session: Any, spec: ModelSpec, options: Options) -> tuple[int, Size]:
    """The channels and the size of the pictures that a network takes."""
    inputs = session.get_inputs()
    shape = list(inputs[0].shape)
    if len(inputs) > 1 or len(shape) != 4 or inputs[0].type != "tensor(float)":
        takes = ", ".join(f"{one.name} {one.type} {one.shape}" for one in inputs)
        raise ModelError(f"{spec} takes {takes}, where one float32 [n, channels, height, width] is needed.")
    channels = _known(shape[1], options.channels, 3, "channels", spec)
    if channels not in (1, 3):
        raise ModelError(
            f"{spec} takes {channels} channels, in {shape}; pictures have 1 or 3, and they come first."
        )
    height, width = options.size or (None, None)
    height = _known(shape[2], height, None, "size", spec)
    return channels, (height, _known(shape[3], width, None, "size", spec))


def _known(fixed: Any, asked: int | None, default: int | None, what: str, spec: ModelSpec) -> int:
    """The side that the file fixes (an int; free ones are names), else the one asked for."""
    if isinstance(fixed, int) and fixed > 0:
        if asked not in (None, fixed):
            raise InputError(f"{spec} takes {what}={fixed} and no other: leave {what}={asked} out.")
        return fixed
    chosen = asked if asked is not None else default
    if chosen is None:
        raise InputError(
            f"{spec} takes pictures of any size: say which by ?{what}=..., the one it was trained with."
        )
    return chosen
