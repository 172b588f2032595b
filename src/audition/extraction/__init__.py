"""A model over a data set: one decode an item, one forward pass a batch."""

from audition.data.features import Features
from audition.extraction.ahead import decoding
from audition.extraction.assembled import About, Run, about
from audition.extraction.batches import Batch, batches, check_batch_size, size_for
from audition.extraction.choice import Layers, choose_layers
from audition.extraction.decode import Decoded, decode
from audition.extraction.given import Given, given
from audition.extraction.keeping import (
    CacheLike,
    Keeping,
    Stored,
    data_digest,
    keep_statistics,
    keeping,
    stored,
)
from audition.extraction.run import check_kind, extract, run_model
from audition.extraction.streamed import PART_ROWS, Streamed, Summary
from audition.extraction.watch import SILENT, Bars, Watch, watching

__all__ = [
    "PART_ROWS",
    "SILENT",
    "About",
    "Bars",
    "Batch",
    "CacheLike",
    "Decoded",
    "Features",
    "Given",
    "Keeping",
    "Layers",
    "Run",
    "Stored",
    "Streamed",
    "Summary",
    "Watch",
    "about",
    "batches",
    "check_batch_size",
    "check_kind",
    "choose_layers",
    "data_digest",
    "decode",
    "decoding",
    "extract",
    "given",
    "keep_statistics",
    "keeping",
    "run_model",
    "size_for",
    "stored",
    "watching",
]
