"""TransRate's choice of layers, sources and models, beside other measures."""

from __future__ import annotations

import audition
from audition import Evaluation
from audition.truth.zoo import recorded_layers
from benchmarks.claims import networks
from benchmarks.claims.agreement import TAU, judged, of_difference, of_no_worse, said
from benchmarks.claims.claim import TRANSRATE, Claim, of_rule, shown
from benchmarks.claims.studies import METRICS, Study, evaluated, finetuned

STUDIED = ("zoo:cnn-mnist", "zoo:resnet-cifar10", "zoo:vit-mnist")
FAMILIES = ("resnet", "cnn", "vit")
SOURCE = "`python -m benchmarks.claims choosing`"
OURS = ("transrate", "transrate:normalized")


def run() -> tuple[Claim, ...]:
    return layers(), sources(), models()


def layers() -> Claim:
    """Layers of one network, which is cut there and tuned. In part: orders them, but not better than others."""
    studies = [_zoo_layers(model) for model in STUDIED]
    studies += finetuned("layers", lambda cell: cell.network, lambda cell: cell.layer)
    found = evaluated(studies)
    taus = {name: found[name][TAU].value for name in METRICS}
    best, others = max(taus[name] for name in OURS), [taus[name] for name in METRICS if name not in OURS]
    return Claim(
        TRANSRATE,
        "TransRate orders the layers of one network better than other measures do",
        f"{len(studies)} studies ({', '.join(one.name for one in studies)}), each layer pooled and tuned "
        "with all before it; mean τ_w, and how often the truly best layer comes first (ε = 1e-4): "
        f"{_told(found, 'top-1')}.",
        of_rule(best > max(others), best > 0),
        f"{SOURCE}; truth: `src/audition/zoo/layers.csv`, `benchmarks/finetuned/results/layers_truth.csv`",
        taus,
    )


def sources() -> Claim:
    """Networks of one architecture, trained on different data; the form of TransRate that does better is judged."""
    studies = [_zoo_sources(family, target) for family in FAMILIES for target in networks.DATA]
    more = finetuned("images", lambda cell: mobilenet(cell.network), lambda cell: cell.network)
    found = evaluated([*studies, *more])
    ours = max(OURS, key=lambda name: found[name][TAU].value)
    better = [found.compare(ours, name) for name in ("logme", "h_score")]
    beside = "".join(f"; {len(one.truth)} {one.name}" for one in more)
    return Claim(
        TRANSRATE,
        "TransRate selects the source to transfer from better than other measures do",
        "Networks of one architecture and different sources: 8 of the zoo's resnet (one from shuffled "
        f"labels, one from nothing), 3 of its cnn, 3 of its vit on {len(networks.DATA)} targets{beside}. "
        f"Mean τ_w, and points of accuracy lost by the first place (ε = 1e-4): {_told(found, 'regret@1')}. "
        f"The better of its forms, {ours}, less LogME {said(better[0])}, less H-Score {said(better[1])} (90 "
        "%).",
        of_difference(*better),
        f"{SOURCE}; truth: `src/audition/zoo/truth.csv`, `benchmarks/finetuned/results/images_truth.csv`",
        {name: found[name][TAU].value for name in METRICS},
    )


def models() -> Claim:
    """Networks of different architectures."""
    names = (*OURS, "logme")
    found = judged(*names)
    taus = {name: found[name][TAU].value for name in names}
    apart = found.compare("transrate", "logme")
    return Claim(
        TRANSRATE,
        "TransRate selects among pre-trained models of different architectures at least as well as LogME",
        f"The zoo's 14 networks (48, 56 or 96 features) on {len(networks.DATA)} targets, mean τ_w: "
        f"{', '.join(f'{name} {shown([tau])}' for name, tau in taus.items())}. TransRate less LogME "
        f"{said(apart)} (90 %, over {apart.over}).",
        of_no_worse(apart),
        SOURCE,
        taus,
    )


def _told(found: Evaluation, beside: str) -> str:
    parts = [f"{name} {shown([found[name][TAU].value, found[name][beside].value])}" for name in METRICS]
    return "; ".join(parts)


def _zoo_layers(model: str) -> Study:
    one = networks.seen(model, "digits")
    truth = {layer: 100 * of.accuracy for layer, of in recorded_layers(model, "digits").items()}
    given = {layer: audition.score(one.layers[layer], one.labels, metrics=METRICS) for layer in truth}
    scores = {metric: {layer: found[metric] for layer, found in given.items()} for metric in METRICS}
    return Study(f"{model.removeprefix('zoo:')} on digits", scores, truth)


def _zoo_sources(family: str, target: str) -> Study:
    names = [name for name in networks.networks() if name.startswith(f"zoo:{family}-")]
    scores = {metric: {x: networks.scores(metric)[target][x] for x in names} for metric in METRICS}
    return Study(f"{family} on {target}", scores, {x: networks.truth()[target][x] for x in names})


def mobilenet(network: str) -> str | None:
    return "mobilenetv2" if network.startswith("mobilenetv2_") else None
