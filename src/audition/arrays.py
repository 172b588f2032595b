"""The door: arrays of any framework become numpy arrays here, and nowhere else.

No framework is imported to find out whether an object belongs to it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, cast

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from audition.errors import InputError

Array = NDArray[Any]
Float64 = NDArray[np.float64]
Matrix = Any
"""Features past the door: a 2-D numeric numpy array as the caller holds it, a scipy csr_array, or a LazyMatrix."""

LARGEST = 1e70
LEAST_ELEMENTS = 2**20
BLOCK_ELEMENTS = 2**22  # 32 MiB of float64: long enough for BLAS to run at full speed
PIECE_ELEMENTS = 2**16  # 512 KiB: what a core has at hand


class LazyMatrix:
    """Finite numbers [N, D] that are read, or made, when rows of them are taken: at the door they stay as they are."""


def as_array(values: Any) -> Array:
    """A numpy array of any framework's array, data frame, series or list; no copy where none is needed.

    Knows torch (any device, bfloat16), TensorFlow, JAX, pandas, polars and all that numpy takes.
    """
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(values, torch.Tensor):
        return _from_torch(values, torch)
    if isinstance(values, np.ma.MaskedArray):
        raise InputError("Masked arrays are not taken: fill or drop the masked values first.")
    if hasattr(values, "to_numpy"):  # pandas and polars
        return np.asarray(values.to_numpy())
    try:
        array = np.asarray(values)
    except ValueError as error:  # rows of different lengths
        raise InputError(f"These values do not form an array: {error}") from None
    is_bfloat16 = array.dtype.kind == "V" and array.dtype.name == "bfloat16"
    return array.astype(np.float32) if is_bfloat16 else array


def _from_torch(tensor: Any, torch: Any) -> Array:
    tensor = tensor.detach().cpu()
    if tensor.layout != torch.strided:
        tensor = tensor.to_dense()
    # numpy has no bfloat16; float32 holds its values exactly.
    return cast(Array, (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy())


def as_features(features: Any, *, name: str = "features") -> Matrix:
    """A 2-D numeric matrix [N, D] of finite values, in the dtype it came in (never copied for precision).

    Raises InputError for another shape, text, complex numbers, no rows or columns, NaN and Inf.
    """
    matrix: Matrix
    if isinstance(features, LazyMatrix):
        return features
    if sp.issparse(features):
        matrix = cast(Any, features).tocsr()
        _check_kind(matrix.dtype, name)
    else:
        matrix = _as_numbers(as_array(features), name)
    if matrix.ndim != 2:
        raise InputError(
            f"The {name} must have two dimensions [rows, columns]; got shape {matrix.shape}."
            + (" Write one column as x[:, None]." if matrix.ndim == 1 else "")
        )
    if 0 in matrix.shape:
        raise InputError(f"The {name} are empty: shape {matrix.shape}.")
    _check_finite(matrix, name)
    _check_size(matrix, name)
    return matrix


def _check_size(matrix: Matrix, name: str) -> None:
    """Fourth powers must be numbers still. Only float64 can hold values so large or so small."""
    if matrix.dtype.kind != "f" or matrix.dtype.itemsize < 8:
        return
    largest = max(float(abs(block).max()) for _, block in row_blocks(matrix))
    if largest > LARGEST or 0 < largest < 1 / LARGEST:
        raise _not_squared(largest, name)


def _not_squared(largest: float, name: str) -> InputError:
    return InputError(
        f"The largest of the {name} is {largest:.1e}, beyond what can be squared and summed: rescale them."
    )


def check_rows(rows: Array, name: str, start: int) -> None:
    """The same for some rows of a matrix, `start` the place of the first, but that all may be as small as they are."""
    _check_finite(rows, name, start)
    if rows.dtype == np.float64 and rows.size and (largest := float(abs(rows).max())) > LARGEST:
        raise _not_squared(largest, name)


def _as_numbers(array: Array, name: str) -> Array:
    """The array, or float64 of it where it holds Python numbers as objects."""
    if array.dtype.kind in "biuf":
        return array
    _check_kind(array.dtype, name)
    if array.ndim == 0:
        raise InputError(f"The {name} must be an array or a list of rows; got {str(array)[:60]}.")
    if array.dtype.kind == "O":
        for position, value in np.ndenumerate(array):
            if not _is_number(value):
                raise InputError(f"The {name} hold {value!r} at {_where(position)} where a number should be.")
        return array.astype(np.float64)
    example = array.ravel()[0] if array.size else ""
    raise InputError(f"The {name} hold {str(example)[:40]!r} where numbers should be.")


def _check_kind(dtype: np.dtype[Any], name: str) -> None:
    if dtype.kind == "c":
        raise InputError(f"The {name} are complex numbers; audition needs real ones.")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number, np.bool_)) and not isinstance(value, complex)


def _check_finite(matrix: Matrix, name: str, start: int = 0) -> None:
    if matrix.dtype.kind != "f":
        return
    bad, first = 0, None
    for rows, block in row_blocks(matrix):
        wrong = ~np.isfinite(_dense(block))
        if not wrong.any():
            continue
        bad += int(wrong.sum())
        if first is None:
            row, column = np.argwhere(wrong)[0]
            first = (start + rows.start + row, column)
    if first is not None:
        raise InputError(
            f"The {name} hold {bad} {'value' if bad == 1 else 'values'} that "
            f"{'is' if bad == 1 else 'are'} NaN or infinite, the first at {_where(first)} (counted from 0)."
        )


def _where(position: tuple[int, ...]) -> str:
    names = ("row", "column", "axis 2", "axis 3")
    return ", ".join(f"{name} {int(index)}" for name, index in zip(names, position, strict=False))


def block_rows(columns: int) -> int:
    """How many rows of so many columns make a block: as many as there are columns, but 8 to 32 MiB of float64.

    What is summed over blocks is of D × D, so that a square block adds no more memory than its result, and
    BLAS has enough to do between two passes over that.
    """
    return max(1, min(BLOCK_ELEMENTS // columns, max(LEAST_ELEMENTS // columns, columns)))


def row_blocks(matrix: Matrix, step: int | None = None) -> Iterator[tuple[slice, Matrix]]:
    """Blocks of rows as they are held: `step` of them, or as many as are at most 32 MiB as float64."""
    n, d = matrix.shape
    step = block_rows(d) if step is None else step
    for start in range(0, n, step):
        rows = slice(start, min(start + step, n))
        yield rows, matrix[rows]


def _dense(block: Matrix) -> Array:
    return block if isinstance(block, np.ndarray) else cast(Array, block.toarray())


def float64_rows(matrix: Matrix, origin: Float64) -> Iterator[tuple[slice, Float64]]:
    """Blocks of rows less the origin [D], in one float64 buffer that is used again: it may be written to."""
    buffer: Float64 | None = None
    for rows, block in row_blocks(matrix):
        if buffer is None:
            buffer = np.empty(block.shape)
        yield rows, less_origin(block, origin, buffer)


def less_origin(block: Matrix, origin: Float64, buffer: Float64) -> Float64:
    """A block of rows less the origin [D], as float64, in the first rows of a buffer."""
    rows, given = buffer[: block.shape[0]], _dense(block)
    # Cast, then subtract while it is in the processor's cache: numpy does the two at once only slower.
    step = max(1, PIECE_ELEMENTS // rows.shape[1])
    for start in range(0, len(rows), step):
        piece = rows[start : start + step]
        np.copyto(piece, given[start : start + step])
        piece -= origin
    return rows


def take_rows(matrix: Matrix, index: NDArray[np.intp], origin: Float64) -> Float64:
    """The rows of an index less the origin [D], as a new float64 array [len(index), D]."""
    rows = _dense(matrix[index]).astype(np.float64)
    rows -= origin
    return rows


def first_row(matrix: Matrix) -> Float64:
    """The first row, float64 [D]."""
    return take_rows(matrix, np.zeros(1, dtype=np.intp), np.zeros(matrix.shape[1])).ravel()


def take_columns(matrix: Matrix, columns: slice) -> Float64:
    """A slice of the columns as a float64 array [N, width]."""
    return np.asarray(_dense(matrix[:, columns]), dtype=np.float64)
