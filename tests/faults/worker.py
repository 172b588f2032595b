"""A command line that can be stopped at any moment: `worker.py SECONDS WORD...` is `audition WORD...`.

A batch is of four items, takes SECONDS more and is kept at once, and a line on standard error says when it begins.
"""

from __future__ import annotations

import sys
import time
from importlib import import_module

from audition.__main__ import main
from audition.cache import recording
from audition.models.onnx.network import OnnxModel

forward = OnnxModel.forward


def slow(self, batch):
    print("batch", file=sys.stderr, flush=True)
    time.sleep(seconds)
    return forward(self, batch)


if __name__ == "__main__":
    seconds = float(sys.argv.pop(1))
    OnnxModel.forward = slow
    recording.SHARD_BYTES = 1
    import_module("audition.extraction.batches").LARGEST = 4  # its name there is that of a function, too
    main()
