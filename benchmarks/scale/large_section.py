"""The section on a run that is very large: what it would cost, where it breaks, and what to do instead."""

from __future__ import annotations

from dataclasses import replace

from audition.extraction import PART_ROWS
from benchmarks.quality_page.words import table
from benchmarks.scale import prose
from benchmarks.scale.costs import Costs, bytes_of
from benchmarks.scale.model import LEADER, WIRE, WORKERS, Job, Work, clock, enough_cores, holds, hours, works
from benchmarks.scale.racing_section import Raced
from benchmarks.scale.simulate import FIRST, ROWS
from benchmarks.scale.words import amount, duration, said, size

Lines = list[str]
JOB = Job("all of it")
MANY_CLASSES = 10_000
MACHINES = (1, 10, 100, 1000)
SPEEDS = (1.0, 100.0)
SHORT = 100  # candidates of a shortlist
ENOUGH = 2**15  # rows


def cost(costs: Costs) -> Lines:
    """Time, bytes, and how many machines help."""
    job = JOB
    head = said(
        prose.JOB,
        rows=amount(job.rows), candidates=amount(job.candidates), columns=job.columns, classes=job.classes,
        machines=job.machines, cores=job.cores, passes=amount(job.rows * job.candidates), pieces=amount(job.pieces),
        piece=amount(job.piece), long=duration(costs.a_pass() * job.piece / 3600), part=PART_ROWS,
        answer=size(bytes_of(job.columns, job.classes)),
    )  # fmt: skip
    times = [
        [one.what, one.who, duration(one.each / 3600), amount(one.number), duration(one.hours)]
        for one in works(job, costs)
    ]
    room = [
        [one.what, one.where, size(one.each), amount(one.number), size(one.bytes)]
        for one in holds(job, costs)
    ]
    return [
        head, "", prose.LARGE, "", *table(["what", "who", "each", "how many", "on the clock"], times),
        *table(["what", "where", "each", "how many", "in all"], room), *_machines(costs),
    ]  # fmt: skip


def _machines(costs: Costs) -> Lines:
    rows = [
        [f"{machines:,}", *(_hours_and_who(JOB.on(machines, speed), costs) for speed in SPEEDS)]
        for machines in MACHINES
    ]
    fast = SPEEDS[1]
    head = ["machines", "until it is done, by whom", f"the same, passes {fast:.0f} times as fast"]
    few = enough_cores(JOB.on(JOB.machines, fast), costs)
    text = said(prose.BUSY, cores=enough_cores(JOB, costs), speed=fast, few=few)
    return ["What more machines help, all working at the same time:", "", *table(head, rows), text, ""]


def _hours_and_who(job: Job, costs: Costs) -> str:
    found = clock(job, costs)
    return f"{duration(hours(job, costs))}, {max(found, key=lambda who: found[who])}"


def breaks(costs: Costs) -> Lines:
    """What breaks first, in order, each from a measured number."""
    held = {one.what: one for one in holds(JOB, costs)}
    done = {one.what: one for one in works(JOB, costs)}
    items, sending = held["items and their labels"], done["sending the items"]
    merging, sent = done["answers unpacked and merged"], held["items"]
    thousand = costs.of("orders", "standings by one measure", candidates=1000)
    numbers = {
        "item": items.each, "items": amount(JOB.items), "held": size(items.bytes),
        "way": size(held["items on their way"].bytes),
        "kept": size(held["items, packed"].bytes), "moved": size(sent.bytes),
        "send": _each(sending), "sending": duration(sending.hours), "wire": duration(done["items on the wire"].hours),
        "passing": duration(done["forward passes"].hours), "cores": JOB.machines * JOB.cores,
        "merge": _each(merging), "merging": duration(merging.hours), "answers": amount(JOB.pieces),
        "classes": MANY_CLASSES, "many": size(bytes_of(JOB.columns, MANY_CLASSES)),
        "few": size(bytes_of(JOB.columns, JOB.classes)),
        "slower": costs.row(JOB.columns, MANY_CLASSES) / costs.row(JOB.columns, JOB.classes),
        "order": duration(done["places and chances"].hours), "candidates": amount(JOB.candidates),
        "thousand": duration(thousand / 3600), "square": duration((JOB.candidates / 1000) ** 2 * thousand / 3600),
        "listing": duration(done["the list of the cache"].hours),
        "replicates": size(held["replicates of scores"].bytes),
        "features": size(held["features, if they were kept"].bytes),
        "statistics": size(held["statistics kept in the cache"].bytes),
    }  # fmt: skip
    return [*(said(point, **numbers) for point in prose.BREAKS), ""]


def _each(work: Work) -> str:
    return duration(work.each / 3600)


def instead(costs: Costs, raced: Raced) -> Lines:
    """Smaller plans, by the same numbers."""
    share = raced.mean("race", ROWS)[0]
    fewest = int((10 * raced.noise / raced.bias) ** 2)
    text = said(
        prose.INSTEAD,
        noise=raced.noise,
        targets=len(raced.targets),
        tau=raced.tau,
        bias=raced.bias,
        rows=fewest,
    )
    race = replace(JOB, called=f"a race of all, {FIRST} to {ROWS:,} rows", rows=share * ROWS, items=ROWS)
    jobs = (
        JOB,
        replace(JOB, called=f"{ENOUGH:,} rows for each", rows=ENOUGH, items=ENOUGH),
        replace(race, machines=1, called=f"{race.called}, one machine"),
        replace(
            race, candidates=SHORT, machines=1, called=f"the same among a shortlist of {SHORT}, one machine"
        ),
    )
    rows = [
        [job.called, amount(job.rows * job.candidates), *_parts(job, costs), duration(hours(job, costs))]
        for job in jobs
    ]
    head = ["plan", "passes", "workers", "leader", "its network", "on the clock"]
    return [text, "", *table(head, rows)]


def _parts(job: Job, costs: Costs) -> list[str]:
    found = clock(job, costs)
    return [duration(found[who]) for who in (WORKERS, LEADER, WIRE)]
