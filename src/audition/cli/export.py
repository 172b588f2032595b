"""`audition export`: a tuned model in a form that other libraries open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from audition.cli.app import as_command
from audition.cli.output import say, say_written
from audition.cli.predict import Folder, check_data
from audition.cli.said import in_options

if TYPE_CHECKING:
    from audition.tuning.results.tuned import TunedModel

EXAMPLES = """Examples:
  audition export tuned/ --format onnx --out model.onnx
  audition export tuned/ --format onnx --out model.onnx --data ./new-images
  audition export tuned/ --format native --out for-transformers/
"""

RUN_TEXTS = (
    "run it: onnxruntime.InferenceSession({model!r}) on input_ids and attention_mask, the ids and attention_mask that "
    "tokenizers.Tokenizer.from_file({tokenizer!r}).encode_batch(texts) gives."
)


def export(
    folder: Folder,
    /,
    *,
    format: Annotated[
        Literal["onnx", "native", "encoder"],
        Parameter(
            help="'onnx', one file; 'native', a folder that timm or transformers open; 'encoder', for AutoModel "
            "of transformers, and the head beside it."
        ),
    ],
    out: Annotated[Path, Parameter(name=["--out", "-o"], help="A new file (onnx) or folder.")],
    data: Annotated[
        str | None,
        Parameter(name=["--data", "-d"], help="Items that must give the same; else some that are made up."),
    ] = None,
) -> int:
    """Write a tuned model as ONNX, or as its own library opens it; checked to give the same to 1e-4."""
    from audition.files import check_new, user_path
    from audition.tuning.results.tuned import TunedModel
    from audition.tuning.results.whole import check_new_folder

    out = user_path(out)
    (check_new if format == "onnx" else check_new_folder)(out)
    with in_options():
        if data is not None:
            check_data(folder, data)
        tuned = TunedModel.load(folder, device="cpu")
        written = _written(tuned, format, out, data)
    for path in written:
        say_written(str(path))
    if len(written) > 1:
        say(RUN_TEXTS.format(model=written[0].name, tokenizer=written[1].name))
    return 0


def _written(tuned: TunedModel, format: str, out: Path, data: str | None) -> tuple[Path, ...]:
    """Writes it, and gives the paths of what was written."""
    if format == "onnx":
        return tuned.export_onnx(out, data=data)
    if format == "native":
        tuned.save_pretrained(out, data=data)
    else:
        tuned.save_encoder(out)
    return (out,)


command = as_command(export, EXAMPLES)
