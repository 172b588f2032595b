"""The README's first table: what to order models by, judged by fine-tuning, in a dozen lines."""

from __future__ import annotations

from pathlib import Path

from benchmarks.quality_page import standings, words
from benchmarks.quality_page.pools import (
    IMAGENET,
    PARAMETERS,
    RECOMMENDATION,
    STATIC,
    Pool,
    label,
)
from benchmarks.quality_page.results import Results
from benchmarks.quality_page.scores import FEATURES
from benchmarks.quality_page.sections import decided_pool

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- quality: made by python -m benchmarks.quality_page -->", "<!-- /quality -->"
SHOWN = (
    RECOMMENDATION, STATIC, "logme", "linear_probe", "regularized_h_score", "sfda", "knn_accuracy", "transrate",
    "leep", PARAMETERS, IMAGENET,
)  # fmt: skip
COMPARED = ("static list", "logme", "parc", "linear_probe", "knn_accuracy", "transrate")


def write_readme(results: Results, readme: Path = README) -> None:
    """Puts the table between its marks in the README."""
    text = readme.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    readme.write_text("\n".join([f"{head}{BEGIN}", *readme_lines(results), f"{END}{tail}"]), encoding="utf-8")


def readme_lines(results: Results) -> list[str]:
    """The table and a sentence that says what it is of, and what it cannot show yet."""
    pool = decided_pool(results, "images")
    if not pool:
        return []
    networks, targets = len(pool.judged.models), len(pool.judged.datasets)
    said = (
        f"{networks} real networks on {targets} image targets, each fine-tuned whole with three seeds: the weighted "
        "Kendall τ_w of an order with what that gave (1 is the same order, 0 chance), and the points lost by tuning "
        "its first place. 90 % intervals over targets"
    )
    few = " (ᵐ: over networks, for targets are few yet)" if pool.few else ""
    seconds = standings.seconds_of(results, "images", results.decided("images"))
    names = [name for name in SHOWN if _everywhere(pool, name)]
    names.sort(key=lambda name: -pool.judged[name][standings.TAU].value)
    rows = [_row(pool, name, seconds) for name in names]
    header = ["ordered by", "τ_w", "90 %", "regret@1", "seconds a network"]
    features = f"Features take {words.seconds(seconds.get(FEATURES, ()))} s more. " if seconds else ""
    more = f"{features}All measures, and which differences are not significant: [docs/quality.md](docs/quality.md)."
    return ["", f"{said}{few}.", "", *words.table(header, rows), *_on_all(results), more, ""]


def _on_all(results: Results) -> list[str]:
    """The recommendation beside others on every target that was held out, of all kinds; nothing where not judged."""
    held = {(line["order"], line["coefficient"]): line for line in results.judged if line["pools"] == "all"}
    if ("recommendation", "weighted_tau") not in held:
        return []
    tau, regret = held["recommendation", "weighted_tau"], held["recommendation", "regret@1"]
    others = sorted(
        (name for name in COMPARED if (name, "weighted_tau") in held),
        key=lambda name: -float(held[name, "weighted_tau"]["value"]),
    )
    said = [f"{_code(name)} {float(held[name, 'weighted_tau']['value']):.2f}" for name in others]
    sure = f"{float(tau['value']):.2f} ({float(tau['low']):.2f} to {float(tau['high']):.2f})"
    return [
        f"On all {tau['targets']} targets, with texts, regression, several labels and a published table among them, "
        f"each held out: the recommendation {sure} and {float(regret['value']):.2f} points lost; where they have "
        f"scores, {', '.join(said)}.",
        "",
    ]


def _code(name: str) -> str:
    return "the static list" if name == "static list" else f"`{name}`"


def _everywhere(pool: Pool, name: str) -> bool:
    """Whether it was judged on all targets: a mean over some of them is not comparable."""
    return name in pool.measures and len(pool.judged[name][standings.TAU].by_dataset) == len(pool.truth)


def _row(pool: Pool, name: str, seconds: standings.Times) -> list[str]:
    held = pool.judged[name]
    tau, regret = held[standings.TAU], held["regret@1"]
    time = words.seconds(seconds.get(name, ()))
    return [label(name), words.number(tau.value), words.sure(tau), words.number(regret.value, 2), time]
