"""The targets: folders of the sample images, training and test files pooled, and how many rows each part has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from audition.data.base import Dataset
from audition.data.open import open_dataset
from audition.tuning.rows.study import Study, study_of
from audition.tuning.rows.views import views_of
from benchmarks.assets import ASSETS

VIEWS = 2  # the whole picture, and a mirrored box of it


@dataclass(frozen=True)
class Target:
    """A folder, so many rows of it, and their shares. few: whether a class has at most 20 rows to learn and choose by.

    steps: updates of 20 rows.
    """

    name: str
    folder: str
    rows: int
    train: int
    held_out: int
    steps: int
    few: bool = False

    @property
    def test(self) -> int:
        """Rows that test."""
        return self.rows - self.train - self.held_out

    def study(self, seed: int) -> Study:
        """The rows as a seed divides them; the views are those of every seed, so that teachers look once."""
        seen = views_of("image", VIEWS, seed=0)
        shares = {"held_out": self.held_out / self.rows, "test": self.test / self.rows}
        return study_of(data_of(self), seen, seed=seed, **shares)


@cache
def data_of(target: Target) -> Dataset:
    """All rows that the seeds divide, of each class as many."""
    return open_dataset(ASSETS / "images" / target.folder, name=target.name, split="all", limit=target.rows)


TARGETS = (
    Target("flowers_20", "flowers", 500, 80, 20, steps=120, few=True),
    Target("textures10_20", "textures10", 600, 160, 40, steps=120, few=True),
    Target("antsbees_20", "antsbees", 386, 32, 8, steps=120, few=True),
    Target("eurosat", "eurosat", 800, 400, 100, steps=150),
    Target("sign_digits", "sign_digits", 800, 400, 100, steps=150),
    Target("omniglot_alphabets", "omniglot_alphabets", 800, 320, 80, steps=150),
)
