"""Speed, quoted from docs/benchmarks.md: against fine-tuning, and against each other."""

from __future__ import annotations

from benchmarks.claims.claim import LOGME, PED, TRANSRATE, Claim, of_rule
from benchmarks.claims.printed import number

SOURCE = "`docs/benchmarks.md`, printed by `python -m benchmarks`"
TUNING, ALL = "Against fine-tuning", "Measures"
SIZES = ("(5000, 512, 10)", "(10000, 2048, 100)", "(50000, 2048, 1000)")
RUNS = 15  # five rates, three seeds


def run() -> tuple[Claim, ...]:
    return logme_time(), transrate_time(), ped_time()


def logme_time() -> Claim:
    """One network, one data set; the paper's 3000 counts a grid of fine-tuning runs."""
    tuning, extraction, score = (
        number(TUNING, what) for what in ("fine-tuning", "extraction of the features", "logme")
    )
    alone, with_features = tuning / score, tuning / (extraction + score)
    return Claim(
        LOGME,
        "LogME is up to 3000 times faster than fine-tuning",
        f"SqueezeNet on 600 flowers: tuning {tuning:.1f} s (one rate, 8 epochs), features {extraction:.2f} "
        f"s, LogME {score:.3f} s. Against one run the score alone is {alone:,.0f} times faster, with the "
        f"making of the features {with_features:.0f} times; against the {RUNS} runs of a network and target "
        f"that the zoo's truth took, {RUNS * with_features:,.0f} times.",
        of_rule(with_features >= 1000, alone >= 1000),
        SOURCE,
        {"alone": alone, "with features": with_features},
    )


def transrate_time() -> Claim:
    """A determinant a class, no optimisation."""
    pairs = [(number(ALL, f"transrate {size}"), number(ALL, f"logme {size}")) for size in SIZES]
    pairs.append((number(TUNING, "transrate"), number(TUNING, "logme")))
    told = "; ".join(f"{ours:.3g} s and {theirs:.3g} s" for ours, theirs in pairs)
    least = min(theirs / ours for ours, theirs in pairs)
    return Claim(
        TRANSRATE,
        "TransRate is cheaper than LogME, and a small part of what extraction costs",
        f"TransRate and LogME at (N, D, C) = {', '.join(SIZES)} and on 600 flowers: {told}. Extraction of "
        f"the flowers takes {number(TUNING, 'extraction of the features'):.2f} s. (Form by form: the ten "
        f"lines of the paper take {number(ALL, f'transrate {SIZES[1]}', 'theirs'):.1f} s at the middle size, "
        f"the published LogME {number(ALL, f'logme {SIZES[1]}', 'theirs'):.1f} s.)",
        of_rule(least > 1, pairs[-1][0] < pairs[-1][1]),
        SOURCE,
        {"least ratio": least},
    )


def ped_time() -> Claim:
    """Of statistics a rank-C update, of features a pass over the rows."""
    of_statistics = number("PED", "logme of moved statistics", "ratio")
    of_features = number("PED", "logme of moved features", "ratio")
    ours, released = number("PED", "ped of features"), number("PED", "ped of features", "theirs")
    against = released / number("PED", "logme of moved features", "theirs")
    return Claim(
        PED,
        "PED adds little to the cost of a measure",
        f"10,000 rows of 2048 columns, 100 classes: LogME after PED takes {of_statistics:.2f} times LogME "
        f"where statistics are moved, {of_features:.2f} times where features are; the motion alone "
        f"{ours:.2f} s, in the released form {released:.2f} s, {against:.2f} times LogME itself.",
        of_rule(of_features <= 1.25, of_statistics <= 1.25),
        SOURCE,
        {"of statistics": of_statistics, "of features": of_features},
    )
