"""A recommendation as text for a terminal of 80 columns."""

from dataclasses import replace

from audition.recommendation import Candidate, Cost, recommend
from audition.recommendation.value import OWN, PUBLISHED, Reason, Recommendation, Recommended
from audition.recommendation.words import as_text, cost_columns, reasons, said, table, verdict, worth_tuning


def row(place, best, mean=0.0, why=(), known=True, layer=""):
    return Recommended(f"m{place}", layer, place, mean, 0.5, best, 1.0, why, known)


def of(*rows, measures=("logme",), notes=()):
    return Recommendation(rows, measures, 2.0, "a source", 0.4, notes)


def test_the_whole_as_a_user_reads_it():
    names = ("resnet50", "mobilenet_v2", "densenet121")
    candidates = [
        Candidate(f"torchvision:{name}", scores={"logme": float(i)}) for i, name in enumerate(names)
    ]
    text = as_text(recommend(candidates))
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "The order to try 3 candidates in, by 1 measure and what results elsewhere say of"
    assert "model" in text and "best" in text and "loses" in text
    assert "Tune torchvision:densenet121 first: the best with" in text.replace("\n", " ")


def test_reasons_for_and_against():
    why = (Reason("logme", 0.5, 1, 12), Reason(PUBLISHED, -0.25, 9, 10, sets=8), Reason("sfda", 0.125, 3, 12))
    assert reasons(row(1, 0.5, why=why)) == (
        "1st of 12 by logme (+0.50), 3rd of 12 by sfda (+0.12); against it: 9th of 10 by 8 published results (−0.25)"
    )
    assert reasons(row(1, 0.5)) == "nothing is known of it"
    assert said(Reason(OWN, 0.1, 2, 4, sets=1)) == "2nd of 4 by 1 result of yours (+0.10)"
    assert said(Reason(PUBLISHED, 0.1, 11, 14)) == "11th of 14 by family, size and ImageNet accuracy (+0.10)"


def test_next_to_nothing_has_no_sign_and_thousands_have_commas():
    assert (
        said(Reason("logme", -0.001, 2, 3))
        == said(Reason("logme", 0.001, 2, 3))
        == "2nd of 3 by logme (0.00)"
    )
    assert said(Reason("logme", -0.25, 1203, 1545)) == "1,203rd of 1,545 by logme (−0.25)"
    assert "0.00 ± 0.50" in as_text(of(row(1, 0.6, mean=-0.001), row(2, 0.4)), width=90)


def test_of_one_candidate_there_is_nothing_to_say():
    assert "in the middle" not in as_text(of(row(1, 1.0)))


def test_the_verdict_names_as_many_as_hold_the_best():
    few = of(row(1, 0.7), row(2, 0.25), row(3, 0.05))
    assert [one.place for one in worth_tuning(few)] == [1, 2]
    assert verdict(few).endswith("With m2, 95 % to have it.")
    many = of(*(row(place, 0.16) for place in range(1, 7)), row(7, 0.04))
    assert verdict(many).endswith("The first 6 hold the best one with 96 %.")
    assert verdict(of(row(1, 0.95), row(2, 0.05))).endswith(
        "expected to lose 1.0 point against the best of all."
    )
    assert verdict(of(row(1, 1.0))) == "m1 is the only candidate."
    assert verdict(of(row(1, 0.5), row(2, 0.5))).endswith("leaves none of them out.")


def test_notes_stand_between_reasons_and_verdict():
    text = as_text(of(row(1, 0.6), row(2, 0.4), notes=("Mind this.",)))
    assert text.index("in the middle by every measure") < text.index("Mind this.") < text.index("Tune m1")


def test_costs_stand_beside_with_a_star_on_the_front():
    found = of(row(1, 0.6, mean=1.0), row(2, 0.3, mean=0.5), row(3, 0.1, mean=0.2))
    columns = cost_columns(
        found, [Cost(20e6, seconds=0.01), Cost(5e6, seconds=0.02), Cost(8e6, seconds=0.005)]
    )
    assert columns == {"params": ["20M*", "5M*", "8M "], "a sample": ["10 ms*", "20 ms ", "5 ms*"]}
    assert len(table(found, beside=columns).columns) == 7


def test_layers_are_named():
    """Where a model stands in it with several; the last layer of different models goes without saying."""
    one = row(1, 0.6, layer="stem")
    assert "m1 (layer stem)" in as_text(of(one, replace(row(2, 0.4, layer="last"), model="m1")))
    assert "stem" not in as_text(of(one, row(2, 0.4, layer="last")))


def test_a_narrow_terminal_shows_fewer_columns_and_cuts_none():
    rows = [
        replace(row(place, 0.1), model=f"timm:a_model_with_a_long_name_{place:02d}.in1k")
        for place in range(1, 11)
    ]
    found = of(*rows)
    columns = cost_columns(found, [Cost(20e6, seconds=0.01)] * 10)
    for width, heads in ((100, 7), (78, 6), (62, 5)):
        shown = table(found, beside=columns, width=width)
        assert (len(shown.columns), shown.width <= width) == (heads, True)
    assert "…" not in as_text(found)
