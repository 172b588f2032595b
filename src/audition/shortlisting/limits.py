"""What a candidate may be, and how many there may be of a kind."""

from __future__ import annotations

from dataclasses import dataclass

from audition.errors import InputError
from audition.recommendation.cost import amount, limit_of, parse_limit
from audition.shortlisting.entry import Entry
from audition.shortlisting.licences import is_taken

USUAL_SIZE = 100e6  # parameters: what tunes on one ordinary GPU
MANY = 1_000  # a shortlist beyond that is none


@dataclass(frozen=True)
class Limits:
    """What a shortlist may hold.

    max_params: of one candidate; None: 100 million, which is held against no candidate of unknown size.
    max_download: bytes, of all candidates together. licences: those to take, "permissive" for all that ask
    for no more than to be named; none: any. per_family: so many of one family at most. most: so many in all.
    Raises InputError for a number below 1.
    """

    max_params: float | None = None
    max_download: float | None = None
    licences: tuple[str, ...] = ()
    per_family: int = 3
    most: int = 12

    def __post_init__(self) -> None:
        for name, value in (("per_family", self.per_family), ("most", self.most)):
            if type(value) is not int or not 1 <= value <= MANY:
                raise InputError(
                    f"The '{name}' parameter must be a whole number from 1 to {MANY:,}. Got {value!r} instead."
                )

    def against(self, entry: Entry) -> str:
        """Why an entry can be no candidate, in words that are the same for all of one reason; "" where it can."""
        if entry.barred:
            return entry.barred
        if self.licences and not is_taken(entry.licence, self.licences):
            return "under another licence" if entry.licence else "of a licence that is not told"
        return self._against_size(entry)

    def _against_size(self, entry: Entry) -> str:
        most = USUAL_SIZE if self.max_params is None else self.max_params
        if entry.parameters is None:
            return "of a size that is not known" if self.max_params is not None else ""
        return f"larger than {amount('parameters', most)} parameters" if entry.parameters > most else ""


def parse_params(text: str) -> float:
    """How many parameters "30M", "1.5B" or "20M params" are; raises InputError for other texts.

    >>> parse_params("30M"), parse_params("1.5B params")
    (30000000.0, 1500000000.0)
    """
    try:
        return parse_limit(text if "param" in text.lower() else f"{text} params").most
    except InputError:
        raise InputError(f"--max-params takes a number such as 30M or 1.5B; got {text!r}.") from None


def parse_download(text: str) -> float:
    """How many bytes "2GB" or "500MB" are; raises InputError for other texts.

    >>> parse_download("2GB")
    2000000000.0
    """
    limit = limit_of("disk", text)
    if limit is None:
        raise InputError(f"--max-download takes a size such as 500MB or 2GB; got {text!r}.")
    return limit.most
