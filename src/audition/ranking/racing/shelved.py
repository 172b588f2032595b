"""Features of all candidates of a race, put away together: its memory and its files do not grow with their number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from audition.arrays import Matrix
from audition.data.features import Features
from audition.extraction.parts import Taken
from audition.spool import RowFile, Shelf

ROOM = 2**28
"""Bytes of features that a race keeps in memory, of all candidates together: 256 MiB."""


def shelved(features: Features, shelf: Shelf) -> Features:
    """The same features, on a shelf that candidates share; what is read from a cache stays there.

    Raises InputError where the disk cannot take them.
    """
    head = features.source_probabilities
    return replace(
        features,
        layers={layer: _on(shelf, matrix) for layer, matrix in features.layers.items()},
        source_probabilities=None if head is None else _on(shelf, head),
    )


def _on(shelf: Shelf, matrix: Matrix) -> Matrix:
    if isinstance(matrix, Taken) and isinstance(matrix.whole, np.ndarray):
        matrix = matrix[:]  # of a user's file, whose other rows are read again when they are asked for
    return shelf.keeps(matrix) if isinstance(matrix, (np.ndarray, RowFile)) else matrix
