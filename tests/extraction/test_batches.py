"""How many items go through at once, and what becomes of it when memory runs out."""

import numpy as np
import pytest

from audition.errors import ModelError
from audition.extraction.batches import batches, size_for
from audition.models import CallableModel

ROWS = np.arange(60, dtype=np.float32).reshape(20, 3)


@pytest.mark.parametrize(
    ("shape", "dtype", "size"),
    [
        ((500, 3, 224, 224), np.uint8, 111),
        ((500, 3, 32, 32), np.uint8, 256),
        ((500, 3, 4000, 4000), np.float32, 1),
        ((500,), object, 256),
    ],
)
def test_as_many_as_16_mib_hold(shape, dtype, size):
    items = np.broadcast_to(np.zeros(1, dtype=dtype), shape)
    assert size_for(items) == size
    assert size_for(items, 7) == 7


def test_a_batch_that_is_too_large_is_halved_and_so_are_all_that_follow():
    tried = []

    def forward(batch):
        tried.append(len(batch))
        if len(batch) > 5:
            raise MemoryError
        return batch

    found = list(batches(CallableModel("mine", forward, "rows"), ROWS, ["features"], first=1, size=16))
    assert tried == [16, 8, 4, 4, 4, 4, 3]
    assert [(batch.start, batch.items) for batch in found] == [(1, 4), (5, 4), (9, 4), (13, 4), (17, 3)]
    assert np.array_equal(np.concatenate([batch.outputs.features["features"] for batch in found]), ROWS[1:])


@pytest.mark.parametrize(
    "error", [RuntimeError("CUDA out of memory. Tried to allocate"), ModelError("onnx: bad allocation")]
)
def test_libraries_say_it_in_words_of_their_own(error):
    def forward(batch):
        if len(batch) > 5:
            raise error
        return batch

    found = list(batches(CallableModel("mine", forward, "rows"), ROWS, ["features"], size=16))
    assert [batch.items for batch in found][:2] == [4, 4]


def test_not_even_one_item_fits():
    def forward(batch):
        raise MemoryError

    with pytest.raises(ModelError, match="mine does not fit into memory, not even with one item at a time"):
        list(batches(CallableModel("mine", forward, "rows"), ROWS, ["features"]))
