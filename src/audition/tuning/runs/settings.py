"""How a network is tuned: what may be said of it, and what suits the size of the data where nothing is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from audition.data.base import DataKind
from audition.errors import InputError

Optimiser = Literal["sgd", "adamw"]
Precision = Literal["auto", "fp32", "bf16", "fp16"]

WORDS: dict[str, tuple[str | None, ...]] = {
    "optimiser": (None, "sgd", "adamw"),
    "class_weights": ("none", "balanced"),
    "precision": ("auto", "fp32", "bf16", "fp16"),
}
COUNTS = ("epochs", "steps", "batch_size", "accumulate", "patience")
SHARES = ("warm_up", "average", "label_smoothing")  # from 0 up to, and without, 1
AMOUNTS = ("rate", "head_factor", "clip")  # above 0


@dataclass(frozen=True)
class Settings:
    """How a network is tuned. None is replaced by what suits the data: `completed`.

    rate: of the body's weights at its highest; the head's is `head_factor` times it. It rises along a line
    over the first `warm_up` of the steps, then falls to zero along a cosine.
    epochs: how often every training row is seen. steps: how many updates, in place of epochs.
    batch_size: rows that go through the network at once; an update is made of `accumulate` times as many.
    optimiser: "sgd" (Nesterov momentum 0.9) or "adamw". weight_decay: of both; not of biases and norms.
    patience: looks at the held-out rows without a better one after which tuning stops; there is one an
    epoch, and at least five.
    average: decay of the exponential average of the weights, e.g. 0.99: then the averaged weights are
    judged and kept. None or 0: no average.
    class_weights: "balanced" weighs a row by the rarity of its class. label_smoothing: from 0 to below 1.
    precision: of the passes; "auto" is bf16 or fp16 on a GPU and fp32 on a CPU.
    head_only: the body stays as it is. clip: the largest norm of a gradient.

    Raises InputError for a value that cannot be.
    """

    rate: float | None = None
    epochs: int | None = None
    steps: int | None = None
    batch_size: int | None = None
    seed: int = 0
    head_factor: float = 10.0
    optimiser: Optimiser | None = None
    weight_decay: float | None = None
    warm_up: float = 0.1
    patience: int | None = None
    average: float | None = None
    accumulate: int = 1
    label_smoothing: float = 0.0
    class_weights: Literal["none", "balanced"] = "none"
    precision: Precision = "auto"
    head_only: bool = False
    clip: float = 1.0

    def __post_init__(self) -> None:
        for name, words in WORDS.items():
            _check(self, name, getattr(self, name) in words, f"one of {', '.join(map(repr, words))}")
        for name in COUNTS:
            _check(
                self, name, _is_whole(getattr(self, name)) and getattr(self, name) > 0, "a positive integer"
            )
        for name in SHARES:
            _check(self, name, _is_number(getattr(self, name)) and 0 <= getattr(self, name) < 1,
                   "a number from 0 to below 1")  # fmt: skip
        for name in AMOUNTS:
            _check(
                self, name, _is_number(getattr(self, name)) and getattr(self, name) > 0, "a number above 0"
            )
        _check(self, "weight_decay", _is_number(self.weight_decay) and (self.weight_decay or 0) >= 0,
               "a number of 0 or more")  # fmt: skip
        _check(self, "seed", _is_whole(self.seed) and self.seed >= 0, "a whole number of 0 or more")

    @property
    def rows_an_update(self) -> int:
        """How many rows one update is made of, once the batch size is known."""
        assert self.batch_size is not None
        return self.batch_size * self.accumulate


def _check(settings: Settings, name: str, right: bool, wanted: str) -> None:
    value = getattr(settings, name)
    if value is not None and not right:
        raise InputError(f"The {name!r} parameter must be {wanted}. Got {value!r} instead.")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value < float("inf")


# Up to so many training rows: rows a batch, epochs for images, epochs for texts. Few rows need as many updates
# as there can be before the network has learned them by heart; many rows need fewer epochs.
SIZES: tuple[tuple[float, int, int, int], ...] = (
    (100, 8, 30, 20),
    (500, 16, 25, 15),
    (2_000, 32, 20, 10),
    (10_000, 32, 12, 6),
    (100_000, 32, 6, 3),
    (float("inf"), 64, 3, 2),
)
DECAY = {"sgd": 5e-4, "adamw": 0.01}
LEAST_LOOKS, PATIENCE = 5, 1 / 2  # patience: of the looks, but at least 5: then a short run goes to its end


def completed(settings: Settings, *, kind: DataKind, task: str, rows: int, device: Any) -> Settings:
    """Settings without a None but for the rate: by the kind of data, the task and the training rows.

    | training rows | rows a batch | epochs, images | epochs, texts |
    |---|---|---|---|
    | up to 100 | 8 | 30 | 20 |
    | up to 500 | 16 | 25 | 15 |
    | up to 2,000 | 32 | 20 | 10 |
    | up to 10,000 | 32 | 12 | 6 |
    | up to 100,000 | 32 | 6 | 3 |
    | more | 64 | 3 | 2 |

    Images: SGD, weight decay 5e-4; all else: AdamW, weight decay 0.01. The rate is chosen by `choose_rate`.
    device: a torch device, or its name. Raises InputError where settings do not fit the task or the device.

    >>> done = completed(Settings(), kind="image", task="classification", rows=300, device="cpu")
    >>> done.optimiser, done.batch_size, done.epochs, done.patience, done.precision
    ('sgd', 16, 25, 12, 'fp32')
    """
    _check_fit(settings, task, device)
    _, batch, images, texts = next(size for size in SIZES if rows <= size[0])
    optimiser = settings.optimiser or ("sgd" if kind == "image" else "adamw")
    decay = DECAY[optimiser] if settings.weight_decay is None else settings.weight_decay
    done = replace(
        settings,
        optimiser=optimiser,
        weight_decay=decay,
        batch_size=min(settings.batch_size or batch, rows),
        epochs=settings.epochs or (texts if kind == "text" else images),
        average=settings.average or 0.0,
        precision=_precision(settings.precision, device),
    )
    steps = settings.steps or steps_of(done, rows)
    return replace(done, steps=steps, patience=settings.patience or _patience(done, rows, steps))


def steps_of(settings: Settings, rows: int) -> int:
    """How many updates the epochs are: every one of a full batch."""
    assert settings.epochs is not None
    return max(1, -(-settings.epochs * rows // min(settings.rows_an_update, rows)))


def _patience(settings: Settings, rows: int, steps: int) -> int:
    looks = max(LEAST_LOOKS, steps * settings.rows_an_update // rows)
    return max(LEAST_LOOKS, round(PATIENCE * looks))


def _check_fit(settings: Settings, task: str, device: Any) -> None:
    if task == "regression" and (settings.label_smoothing or settings.class_weights != "none"):
        raise InputError("Label smoothing and class weights are for classes; the targets here are numbers.")
    if settings.precision == "fp16" and str(device).partition(":")[0] != "cuda":
        raise InputError("Precision 'fp16' is for GPUs: use 'fp32', or 'bf16' to save memory.")


def _precision(wanted: Precision, device: Any) -> Precision:
    if wanted != "auto":
        return wanted
    if str(device).partition(":")[0] != "cuda":
        return "fp32"
    import torch

    return "bf16" if torch.cuda.is_bf16_supported() else "fp16"
