"""`audition layers`: the layers of one model in order."""

from __future__ import annotations

from audition.cli.options import (
    Data,
    DataOptions,
    Json,
    Metrics,
    OneModel,
    Order,
    Resamples,
    RunOptions,
    WorkerOptions,
)
from audition.cli.output import check_output, show
from audition.cli.report import ReportFile, check_report_file, write_report
from audition.cli.words import check_one_model

READING, RUNNING, WORKERS = DataOptions(), RunOptions(), WorkerOptions()


def layers(
    *,
    model: OneModel,
    data: Data,
    metrics: Metrics = None,
    order: Order = None,
    resamples: Resamples = 200,
    json: Json = None,
    report: ReportFile = None,
    running: RunOptions = RUNNING,
    working: WorkerOptions = WORKERS,
    reading: DataOptions = READING,
) -> int:
    """Rank the layers of one model, all from one forward pass."""
    from audition.ranking import rank_layers

    check_one_model(model, "layers")
    check_output(json)
    check_report_file(report)
    working.check()
    with running.told():
        opened = reading.open(data)
        with working.executor() as executor:
            ranking = rank_layers(
                model,
                opened,
                metrics=metrics,
                order=order,
                skip_bad=running.skip_bad,
                resamples=resamples,
                cache=running.features(),
                trust=running.trusted,
                device=running.device,
                executor=executor,
                progress=running.progress,
            )
    code = show(ranking, json)
    write_report(report, ranking, opened, running)
    return code
