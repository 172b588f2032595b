"""The commands, each of a file of its own, put into one."""

from __future__ import annotations

from audition.cli import auto as searching
from audition.cli import compare as comparing
from audition.cli import evaluate as evaluating
from audition.cli import export as exporting
from audition.cli import plot as plotting
from audition.cli import predict as predicting
from audition.cli import rank as ranks
from audition.cli import report as reporting
from audition.cli import score as scoring
from audition.cli import shortlist as shortlisting
from audition.cli import sources as sourcing
from audition.cli import tune as tuning
from audition.cli.app import app
from audition.cli.cache import app as cache_app
from audition.cli.completion import completion
from audition.cli.doctor import doctor
from audition.cli.extract import extract
from audition.cli.layers import layers
from audition.cli.lists import demo, metrics, models

__all__ = ["app"]

app.command(ranks.rank, help_epilogue=ranks.EXAMPLES, help_format="plaintext")
app.command(shortlisting.shortlist, help_epilogue=shortlisting.EXAMPLES, help_format="plaintext")
app.command(sourcing.sources, help_epilogue=sourcing.EXAMPLES, help_format="plaintext")

app.command(tuning.tune, help_epilogue=tuning.EXAMPLES, help_format="plaintext")
app.command(searching.auto, help_epilogue=searching.EXAMPLES, help_format="plaintext")
app.command(predicting.predict, help_epilogue=predicting.EXAMPLES, help_format="plaintext")
app.command(exporting.export, help_epilogue=exporting.EXAMPLES, help_format="plaintext")

app.command(scoring.score, help_epilogue=scoring.EXAMPLES, help_format="plaintext")
for command in (layers, extract, metrics, models, cache_app, doctor, completion, demo):
    app.command(command)
app.command(reporting.report, help_epilogue=reporting.EXAMPLES, help_format="plaintext")
app.command(plotting.plot, help_epilogue=plotting.EXAMPLES, help_format="plaintext")
app.command(comparing.compare, help_epilogue=comparing.EXAMPLES, help_format="plaintext")
app.command(evaluating.evaluate, help_epilogue=evaluating.EXAMPLES, help_format="plaintext")
app.command(evaluating.truth)
