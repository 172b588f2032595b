"""A large run in measured costs: who works how long, what moves, what must be held."""

from __future__ import annotations

from dataclasses import dataclass, replace

from audition.extraction import PART_ROWS
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
    def pieces(self) -> float:
        """How many answers come back."""
        return self.candidates * -(-self.rows // PART_ROWS)

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
        Work("packing items for workers", LEADER, costs.an_item("pack for one candidate"), passes),
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
        Held("items and their labels", "the leader's memory",
             costs.an_item("hold") + costs.an_item("hold labels"), job.items),
        Held("statistics kept in the cache", "disk", answer, job.candidates),
        Held("replicates of scores", "the leader's memory", 8.0 * NUMBER * MEASURES, job.candidates),
        Held("statistics in the making", "a worker's memory", answer, 2),
    ]  # fmt: skip
    return sorted(found, key=lambda one: -one.bytes)


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
