"""What a row costs in the network itself: decoding and one forward pass, on one core."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

from benchmarks.assets import ABSENT
from benchmarks.networks import IMAGES, NEEDED, named
from benchmarks.scale.ledger import Measured

STEMS = ("mobilenetv1_100_tf_q", "mobilenetv2_100_tf_q", "squeezenet1_1", "mobilenetv1_025_128")
FEW, MORE = 40, 200


def passes() -> Iterator[Measured]:
    """The difference of a ranking of many pictures and of few, over the pictures between."""
    from importlib.util import find_spec

    if not IMAGES.is_dir() or not all(map(find_spec, NEEDED)):
        sys.exit(ABSENT)
    import torch

    import audition
    from audition.data.open import open_dataset
    from audition.data.subset import limited

    torch.set_num_threads(1)
    note = f"processor time a picture, from {FEW} to {MORE} of them, one thread"
    for stem in STEMS:
        seconds = {}
        for number in (FEW, FEW, MORE):  # the first one imports
            data = limited(open_dataset(IMAGES), number)
            began = time.process_time()
            audition.rank([named(stem)], data, resamples=0, device="cpu")
            seconds[number] = time.process_time() - began
        yield Measured("passes", stem, (seconds[MORE] - seconds[FEW]) / (MORE - FEW), "s", MORE, note=note)
