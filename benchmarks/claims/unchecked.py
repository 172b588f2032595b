"""Claims that need what is not here, and what that is."""

from __future__ import annotations

from benchmarks.claims.claim import LOGME, PED, TRANSRATE, Claim

WIDER = "[Quality](quality.md) judges all measures on the networks and targets that were tuned here."
WANTING: tuple[tuple[str, str, str], ...] = (
    (
        LOGME,
        "LogME orders ImageNet networks, self-supervised ones and language models on the paper's own tasks "
        "(image classification, dSprites, GLUE), by the τ_w that it prints",
        "It takes those networks, or their features, on those data; none are here. For a part of the first "
        f"table later scores of the Transfer-Learning-Library are (see above). {WIDER}",
    ),
    (
        LOGME,
        "B-Tuning with the best-ranked networks as teachers gains points over plain fine-tuning (journal "
        "paper)",
        "It takes thousands of steps a run with three teachers on full-size networks, and a library that "
        "tunes: this one ranks.",
    ),
    (
        TRANSRATE,
        "TransRate is ahead of other measures on 32 pre-trained models and 16 tasks, by the coefficients "
        "that it prints",
        "Of these the authors released spectra for three studies of layers, which are checked above; "
        f"networks and features of the rest are not here. {WIDER}",
    ),
    (
        TRANSRATE,
        "TransRate is closely connected to the performance after transfer (the paper's analysis)",
        "A statement about the best of all predictors on given features, up to terms that it leaves open: "
        "there is no number to hold against it but the agreement with fine-tuning in the rows above.",
    ),
    (
        PED,
        "Moved features are a more stable observation of a network than features as they are",
        "Shown in the paper on the features of its twelve networks, which are not here. What short runs of "
        "small networks say of the motion itself stands above.",
    ),
)


def run() -> tuple[Claim, ...]:
    return tuple(
        Claim(paper, claim, why, "cannot be checked here", "nothing was run") for paper, claim, why in WANTING
    )
