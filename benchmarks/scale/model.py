"""A large run in measured costs: who works how long, what moves, what must be held."""

from __future__ import annotations

from dataclasses import dataclass, replace

from audition.executors.line import AHEAD
from audition.executors.worker import BYTES
from audition.extraction import PART_ROWS
from audition.extraction.streamed import rows_of_piece
from audition.uncertainty.resamples import NUMBER
from benchmarks.scale.costs import Costs, bytes_of

WORKERS, LEADER, WIRE = "all workers", "the leader alone", "the leader's network"
MEASURES = 2  # by default


@dataclass(frozen=True)
class Job:
    """rows a candidate, on the mean; a network of `wire` bytes a second leads to the leader.

    speed: how many times as fast a pass is as on one core here.
    """

    called: str
    rows: float = 1e9
    candidates: int = 10_000
    machines: int = 100
    cores: int = 16
    columns: int = 512
    classes: int = 100
    wire: float = 1.25e9
    speed: float = 1.0
    items: float = 1e9  # of the data set that is listed

    @property
    def piece(self) -> int:
        """The rows of a piece."""
        return rows_of_piece(int(self.rows))

    @property
    def pieces(self) -> float:
        """How many answers come back."""
        return self.candidates * -(-self.rows // self.piece)

    @property
    def largest(self) -> float:
        """The rows of the largest piece."""
        return min(self.piece, self.rows)

    @property
    def on_their_way(self) -> float:
        """How many pieces have been sent and are not back."""
        return min(AHEAD * self.machines * self.cores, self.pieces)

    @property
    def merges(self) -> float:
        """How many times workers add two statistics: the parts of a piece."""
        return self.candidates * -(-self.rows // PART_ROWS) - self.pieces

    def on(self, machines: int, speed: float) -> Job:
        """The same elsewhere."""
        return replace(self, machines=machines, speed=speed)


@dataclass(frozen=True)
class Work:
    """Something that takes time: who does it, seconds of one, and how many there are."""

    what: str
    who: str
    each: float
    number: float
    hands: int = 1

    @property
    def hours(self) -> float:
        """On the clock, where nothing else is in the way."""
        return self.each * self.number / self.hands / 3600


@dataclass(frozen=True)
class Held:
    """Something that takes room: where, bytes of one, and how many there are."""

    what: str
    where: str
    each: float
    number: float

    @property
    def bytes(self) -> float:
        return self.each * self.number


def works(job: Job, costs: Costs) -> list[Work]:
    """All that takes time, what takes longest first."""
    passes, hands = job.rows * job.candidates, job.machines * job.cores
    answer = bytes_of(job.columns, job.classes)
    found = [
        Work("forward passes", WORKERS, costs.a_pass() / job.speed, passes, hands),
        Work("statistics", WORKERS, costs.row(job.columns, job.classes), passes, hands),
        Work(
            "parts merged", WORKERS, costs.of("merges", "merge", columns=512, classes=100), job.merges, hands
        ),
        Work("unpacking the items", WORKERS, costs.an_item("unpack"), passes, hands),
        Work("packing the items", LEADER, costs.an_item("pack"), job.items),
        Work("sending the items", LEADER, costs.sending(), passes),
        Work("answers unpacked and merged", LEADER, costs.an_answer(), job.pieces),
        Work("answers on the wire", WIRE, answer / job.wire, job.pieces),
        Work("items on the wire", WIRE, costs.an_item("send for one candidate") / job.wire, passes),
        Work("listing the items", LEADER, costs.an_item("list") + costs.an_item("read labels"), job.items),
        Work(
            "scores and intervals of a candidate", LEADER, costs.slope("candidates", "rank"), job.candidates
        ),
        Work(
            "places and chances", LEADER, costs.slope("orders", "standings by two measures"), job.candidates
        ),
        Work("the list of the cache", LEADER, costs.slope("kept", "list"), job.candidates),
    ]
    return sorted(found, key=lambda one: -one.hours)


def holds(job: Job, costs: Costs) -> list[Held]:
    """All that takes room, what takes most first."""
    answer = bytes_of(job.columns, job.classes)
    passes = job.rows * job.candidates
    found = [
        Held("features, if they were kept", "disk", 4.0 * job.columns, passes),
        Held("answers", "moved to the leader", answer, job.pieces),
        Held("items", "moved to the workers", costs.an_item("send for one candidate"), passes),
        Held("items on their way", "the leader's memory, with a cluster",
             costs.an_item("send for one candidate") * job.largest, job.on_their_way),
        Held("items, packed", "the leader's disk", costs.an_item("keep packed"), job.items),
        Held("decoded items, at most", "a worker's disk", BYTES, 1),
        Held("items and their labels", "the leader's memory",
             costs.an_item("hold") + costs.an_item("hold labels"), job.items),
        Held("statistics kept in the cache", "disk", answer, job.candidates),
        Held("replicates of scores", "the leader's memory", 8.0 * NUMBER * MEASURES, job.candidates),
        Held("statistics of a piece", "a worker's memory", answer, _digits(job.largest // PART_ROWS) + 1),
        Held("statistics of pieces", "the leader's memory", answer, _digits(job.pieces // job.candidates) + 1),
    ]  # fmt: skip
    return sorted(found, key=lambda one: -one.bytes)


def _digits(parts: float) -> int:
    """How many statistics a tree of so many parts holds at most."""
    return int(parts).bit_length()


def clock(job: Job, costs: Costs) -> dict[str, float]:
    """Hours of each who works, all going on at the same time."""
    found: dict[str, float] = {}
    for work in works(job, costs):
        found[work.who] = found.get(work.who, 0.0) + work.hours
    return found


def hours(job: Job, costs: Costs) -> float:
    """Until the slowest is done."""
    return max(clock(job, costs).values())


def enough_cores(job: Job, costs: Costs) -> float:
    """How many cores keep the leader busy: more of them do nothing."""
    found = clock(job, costs)
    return found[WORKERS] * job.machines * job.cores / max(found[LEADER], found[WIRE])
