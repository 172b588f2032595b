"""The hub's models that the published tables tell of, for when the hub cannot be asked."""

from __future__ import annotations

import numpy as np

from audition.data.base import DataKind
from audition.shortlisting.entry import Entry, is_plain
from audition.truth import load_truth

TABLE = "huggingface_finetunes"
OF_TEXT = ("ag_news", "amazon_polarity", "dbpedia_14", "glue/", "rotten_tomatoes", "tweet_eval/")


def known_hub(kind: DataKind) -> list[Entry]:
    """Models of images or texts that were fine-tuned for a published table; none of other kinds."""
    truth = load_truth(TABLE)
    texts = np.array([name.startswith(OF_TEXT) for name in truth.datasets])
    if kind not in ("image", "text", "tokens"):
        return []
    told = np.isfinite(truth.accuracy[:, texts if kind != "image" else ~texts])
    models = (truth.models[row] for row in np.flatnonzero(told.any(axis=1)))
    return [Entry(f"hf:{model}", model.rpartition("/")[2]) for model in models if is_plain(model)]
