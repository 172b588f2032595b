"""Data: a path, a name or arrays become a named collection of labelled items, decoded once each."""

from audition.data.base import DataKind, Dataset, Item, Task
from audition.data.feature_file import read_features
from audition.data.features import Features
from audition.data.open import open_dataset

__all__ = ["DataKind", "Dataset", "Features", "Item", "Task", "open_dataset", "read_features"]
