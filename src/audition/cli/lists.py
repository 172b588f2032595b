"""`audition metrics`, `audition models` and `audition demo`: what there is, and the guided tour."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from audition import listing


def metrics(name: Annotated[str | None, Parameter(help="One measure to explain.")] = None, /) -> int:
    """List the measures, or explain one."""
    console = listing.console()
    if name is None:
        listing.print_metrics(console)
    else:
        listing.print_metric(name, console)
    return 0


def models(pattern: Annotated[str | None, Parameter(help="Which ones: 'zoo:resnet-*'.")] = None, /) -> int:
    """List the models that can be named."""
    listing.print_models(pattern, listing.console())
    return 0


def demo() -> int:
    """A guided tour of under a minute: models, sources and layers for handwritten digits."""
    from audition.demo import run_demo

    run_demo(listing.console())
    return 0
