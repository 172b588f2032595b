"""What is told of a run as it goes: nothing, or bars and lines on standard error."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")


class Watch:
    """Is told of every step of a run, and shows nothing."""

    def decoding(self, items: Iterable[T], total: int, data: str) -> Iterator[T]:
        """The items of a data set as they are decoded."""
        return iter(items)

    def begins(self, model: str, batches: int) -> None:
        """A model is about to take so many batches; none where all of its features are kept."""

    def batch(self) -> None:
        """One more batch has gone through the model."""

    def ends(self, said: str) -> None:
        """The model has come to its end; `said` is the line to show for it."""

    def close(self) -> None:
        """No more will come."""


class Bars(Watch):
    """One bar over decoding, one over models × batches, and a line for each model that has finished.

    models: how many there will be. The time left counts the batches of models that have not begun as the
    mean of those that have, since nobody knows how fast a network is before it runs.
    """

    def __init__(self, models: int = 1) -> None:
        self._models, self._begun, self._ended = models, 0, 0
        self._batches = self._done = 0  # of the model that runs
        self._started = 0.0
        self._costs: list[float] = []  # seconds of each model that has finished
        self._bar: Any = None

    def decoding(self, items: Iterable[T], total: int, data: str) -> Iterator[T]:
        """The items, with a bar."""
        from tqdm.auto import tqdm

        return iter(tqdm(items, total=total, desc=f"decode {data}", unit="item", leave=self._models == 1))

    def begins(self, model: str, batches: int) -> None:
        """Puts the model's name beside the bar."""
        self._begun = self._ended + 1
        self._batches, self._done, self._started = batches, 0, time.monotonic()
        self._show_bar()
        of = f"{self._begun}/{self._models} " if self._models > 1 else ""
        self._bar.set_description(f"{of}{model}")

    def batch(self) -> None:
        """Moves the bar by a batch, and says how long the rest will take."""
        self._done += 1
        self._bar.n = min(self._begun - 1 + self._done / max(self._batches, 1), self._models)
        self._bar.set_postfix_str(f"about {_clock(self._left())} left")

    def ends(self, said: str) -> None:
        """Writes the line above the bar; a model that could not be opened ends without having begun."""
        if self._done:
            self._costs.append(time.monotonic() - self._started)
        self._ended, self._done = self._ended + 1, 0
        self._show_bar()
        self._bar.n = self._ended
        self._bar.refresh()
        if said:
            self._bar.write(said, file=self._bar.fp)

    def close(self) -> None:
        """Takes the bar away."""
        if self._bar is not None:
            self._bar.close()

    def _show_bar(self) -> None:
        from tqdm.auto import tqdm

        if self._bar is None:
            layout = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}{postfix}"
            self._bar = tqdm(total=float(self._models), bar_format=layout, leave=self._models == 1)

    def _left(self) -> float:
        """Seconds: the rest of this model at its own pace, and the others at the mean of those that have run."""
        own = (time.monotonic() - self._started) * self._batches / self._done
        known = [*self._costs, own]
        return own * (1 - self._done / self._batches) + (self._models - self._begun) * sum(known) / len(known)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"


class TimeUp(Exception):
    """The time that a run was given is up."""


class Timed(Watch):
    """Tells another watch, and raises TimeUp once the clock (`time.monotonic`) has passed a moment."""

    def __init__(self, watch: Watch, until: float) -> None:
        self._watch, self._until = watch, until

    def decoding(self, items: Iterable[T], total: int, data: str) -> Iterator[T]:
        """The items, as long as there is time."""
        for item in self._watch.decoding(items, total, data):
            self._check()
            yield item

    def begins(self, model: str, batches: int) -> None:
        """Tells it; a model that would begin too late does not."""
        self._check()
        self._watch.begins(model, batches)

    def batch(self) -> None:
        """Tells it."""
        self._watch.batch()
        self._check()

    def ends(self, said: str) -> None:
        """Tells it."""
        self._watch.ends(said)

    def close(self) -> None:
        """Tells it."""
        self._watch.close()

    def _check(self) -> None:
        if time.monotonic() > self._until:
            raise TimeUp


SILENT = Watch()


def watching(progress: bool, models: int = 1) -> Watch:
    """Bars where they are wanted."""
    return Bars(models) if progress else SILENT
