"""A model over a data set: one decode an item, one forward pass a batch."""

from audition.data.features import Features
from audition.extraction.ahead import decoding
from audition.extraction.batches import check_batch_size
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
from audition.extraction.streamed import Streamed, Summary
from audition.extraction.watch import SILENT, Bars, Watch, watching

__all__ = [
    "SILENT",
    "Bars",
    "CacheLike",
    "Decoded",
    "Features",
    "Given",
    "Keeping",
    "Layers",
    "Stored",
    "Streamed",
    "Summary",
    "Watch",
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
    "stored",
    "watching",
]
