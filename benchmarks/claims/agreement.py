"""LogME against LEEP, NCE and a retrained head: which agrees better with what fine-tuning gave, at which cost."""

from __future__ import annotations

from audition import Difference, Evaluation, evaluate
from benchmarks.claims import networks
from benchmarks.claims.claim import LOGME, Claim, Verdict, of_rule, shown

SOURCE = "`python -m benchmarks.claims agreement`"
PUBLISHED = "published_scores_tllib"
TAU = "weighted_tau"


def run() -> tuple[Claim, ...]:
    return published(), on_the_zoo(), retrained_head(), any_labels()


def judged(*metrics: str) -> Evaluation:
    """Measures of the whole zoo on all targets, judged by its recorded truth."""
    return evaluate({metric: networks.scores(metric) for metric in metrics}, networks.truth())


def said(difference: Difference) -> str:
    """ "0.21 (−0.05 to 0.44)": by how much the first is above the second, with its interval."""
    low, high = difference.interval or (float("nan"), float("nan"))
    return f"{shown([difference.value])} ({shown([low])} to {shown([high])})"


def of_difference(*differences: Difference) -> Verdict:
    """Confirmed where all are above 0 for sure, in part where one is and none is surely below."""
    above = [one.decided and one.value > 0 for one in differences]
    below = [one.decided and one.value < 0 for one in differences]
    return of_rule(all(above), any(above) and not any(below))


def of_no_worse(apart: Difference, margin: float = 0.05) -> Verdict:
    """Confirmed where the first is surely no more than a margin below the second, in part where nothing is sure."""
    low = apart.interval[0] if apart.interval else -1.0
    return of_rule(low >= -margin, not (apart.decided and apart.value < 0))


def published() -> Claim:
    """The scores that the Transfer-Learning-Library published; NCE's column for DTD is a copy of LogME's."""
    found = evaluate(PUBLISHED)
    leep, nce = found.compare("logme", "leep"), found.compare("logme", "nce")
    taus = {name: found[name][TAU].value for name in ("logme", "leep", "nce", "hscore", "static list")}
    return Claim(
        LOGME,
        "LogME orders supervised ImageNet networks better than LEEP and NCE do",
        "Published scores of 10 networks on 8 data sets, mean τ_w: "
        f"{', '.join(f'{name} {tau:.2f}' for name, tau in taus.items())}. LogME less LEEP {said(leep)}, less "
        f"NCE {said(nce)} (90 %; NCE's column for DTD repeats LogME's). A list that never looks at the data "
        "(the mean on the other sets) is above all.",
        of_difference(leep, nce),
        f"`audition evaluate --truth {PUBLISHED} --compare logme,nce`",
        taus,
    )


def on_the_zoo() -> Claim:
    """Networks of different sources, where LEEP and NCE look at heads that know other classes."""
    found = judged("logme", "leep", "nce")
    taus = {name: found[name][TAU].value for name in ("logme", "leep", "nce")}
    leep, nce = found.compare("logme", "leep"), found.compare("logme", "nce")
    return Claim(
        LOGME,
        "LogME orders networks that learned from sources of all kinds better than LEEP and NCE do",
        f"The zoo's 12 networks with a head on {len(networks.DATA)} targets, mean τ_w: logme "
        f"{taus['logme']:.2f} (of all 14), leep {taus['leep']:.2f}, nce {taus['nce']:.2f}; on the same "
        f"networks LogME less LEEP {said(leep)}, less NCE {said(nce)} (90 %, over {leep.over}).",
        of_difference(leep, nce),
        SOURCE,
        taus,
    )


def retrained_head() -> Claim:
    """A linear probe on frozen features is the obvious rival."""
    found = judged("logme", "linear_probe")
    taus = {name: found[name][TAU].value for name in ("logme", "linear_probe")}
    spent = networks.seconds(("logme", "linear_probe"), rounds=1)
    apart, ratio = found.compare("logme", "linear_probe"), spent["linear_probe"] / spent["logme"]
    return Claim(
        LOGME,
        "LogME orders networks at least as well as a retrained head, at much less cost",
        f"The zoo on {len(networks.DATA)} targets, mean τ_w: LogME {taus['logme']:.2f}, cross-validated "
        f"linear probe {taus['linear_probe']:.2f}; LogME less the probe {said(apart)} (90 %, over "
        f"{apart.over}). The probe takes {ratio:.1f} times as long.",
        of_no_worse(apart) if ratio > 10 else "not confirmed",
        SOURCE,
        {**taus, "times as long": ratio},
    )


def any_labels() -> Claim:
    """LogME is defined where LEEP and NCE are not; whether it is right there needs truth of its own."""
    cells = networks.scores("logme")
    given = min(len(column) for column in cells.values())
    return Claim(
        LOGME,
        "LogME serves networks without a head and labels that are numbers, where LEEP and NCE have no score",
        f"It scores all {given} networks of the zoo on every target, the two without a head among them, and "
        "any numbers (see the toy above). How well it *orders* self-supervised networks or networks for "
        "regression is another matter: one network of the zoo is self-supervised, and none has a recorded "
        "truth for a regression.",
        of_rule(False, given == len(networks.networks())),
        SOURCE,
        {"networks scored": float(given)},
    )
