"""`audition export`: a tuned model in a form that other libraries open."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from audition.cli.output import say_written
from audition.cli.predict import Folder, check_data
from audition.cli.said import in_options

EXAMPLES = """Examples:
  audition export tuned/ --format onnx --out model.onnx
  audition export tuned/ --format onnx --out model.onnx --data ./new-images
  audition export tuned/ --format native --out for-transformers/
"""


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
    from audition.files import check_new
    from audition.tuning.results.tuned import TunedModel
    from audition.tuning.results.whole import check_new_folder

    (check_new if format == "onnx" else check_new_folder)(out)
    with in_options():
        if data is not None:
            check_data(folder, data)
        tuned = TunedModel.load(folder, device="cpu")
        if format == "encoder":
            tuned.save_encoder(out)
        else:
            (tuned.export_onnx if format == "onnx" else tuned.save_pretrained)(out, data=data)
    say_written(str(out))
    return 0
