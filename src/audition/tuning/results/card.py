"""The model card of a tuned model: README.md in its folder, for whoever finds it later."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from audition.errors import printable
from audition.tuning.results.measured import Score
from audition.tuning.results.outcome import LOWER_IS_BETTER, Outcome

if TYPE_CHECKING:
    from audition.tuning.results.tuned import TunedModel

SHOWN = 20
"""Classes, candidates and labels that are named; of more it is said how many there are."""

# What begins a list or a heading does so at the start of a line only, where no name stands.
_SPECIAL = re.compile(r"([\\`*_\[\]|~$])")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}

_CARD = """\
# {{ name }}, tuned on {{ data }}

{{ what }}

| | |
|---|---|
| began as | {{ name }} |
| features of layer | {{ layer }} |
| task | {{ task }} |
| takes | {{ kind }} |
| tuned by | {{ method }} |
{%- if teachers %}
| teachers | {% for teacher in teachers %}{{ teacher }}{% if not loop.last %}, {% endif %}{% endfor %} |
{%- endif %}

## Data

{{ data }}{% if digest %} (digest {{ digest }}){% endif %}
{%- if rows %}: {{ rows.train }} rows to tune on, {{ rows.held_out }} held out to choose the best state
{%- if rows.test %}, {{ rows.test }} to test on that took no part{% endif %}{% endif %}.
{%- if grouped %} Rows of one group are all on one side.{% endif %}

{{ called }}: {% for label in classes %}{{ label }}{% if not loop.last %}, {% endif %}{% endfor %}
{%- if more %}, and {{ more }} more (in config.json){% endif %}.
{% if ranking %}
## How the model was chosen

Ranked before tuning, by how well the features of each candidate suit the data.

| place | model | chance to be the best |
|---|---|---|
{% for row in ranking %}| {{ row.place }} | {{ row.model }} | {{ chance(row.probability) }} |
{% endfor %}{% endif %}
{%- if settings %}
## How it was tuned

| setting | |
|---|---|
{% for key, value in settings.items() %}| {{ key }} | {{ value }} |
{% endfor %}{% endif %}
{%- for part in parts %}
## Scores on {{ part.outcome.rows }} {{ part.called }} rows

{% if part.chose %}These rows chose the state that was kept, so the scores lean to the bright side.

{% endif %}| score | value | 90 % interval |
|---|---|---|
{% for key, score in part.outcome.scores.items() %}| {{ key }}{% if key in lower %} (less is better)
{%- endif %} | {{ number(score.value) }} | {{ between(score) }} |
{% endfor %}
{%- for label, found in part.labels %}{% if loop.first %}
| label | {% for key in found %}{{ key }} | {% endfor %}
|---|{% for key in found %}---|{% endfor %}
{% endif %}| {{ label }} | {% for score in found.values() %}{{ number(score.value) }} | {% endfor %}
{% endfor %}
{%- for label, taken_for, wrong, all in part.outcome.confused() %}{% if loop.first %}
Most often confused:

| true | taken for | rows |
|---|---|---|
{% endif %}| {{ label }} | {{ taken_for }} | {{ wrong }} of {{ all }} |
{% endfor %}{% endfor %}
## Limits

{% for limit in limits %}- {{ limit }}
{% endfor %}
## How to use it

{% if own %}The network is code of your own, which no file describes: build it as it was when it was tuned, with any
weights; those that were tuned are in this folder.

{% endif %}```python
import audition

tuned = audition.load_tuned("path/to/this/folder"{% if own %}, module=network{% endif %})
tuned.predict({{ example }})
```
{%- if not own %}

    audition predict path/to/this/folder {{ files }} --out predictions.csv
{%- endif %}

The weights are in model.safetensors; config.json holds what is needed to load them, metrics.json all scores
{%- if confusion %}, confusion.csv what is taken for what{% endif %}. Nothing in the folder is run as code.
{% if versions %}
Made with {% for key, value in versions.items() %}{{ key }} {{ value }}{% if not loop.last %}, {% endif %}{% endfor %}
{%- if seed is not none %}; seed {{ seed }}{% endif %}.
{% endif %}"""

KINDS = {
    "image": "pictures",
    "text": "texts",
    "audio": "sounds",
    "tokens": "sentences of words",
    "rows": "rows",
}
CALLED = {"classification": "Classes", "multilabel": "Labels", "regression": "Targets"}
EXAMPLES = {"image": '["a.jpg", "b.jpg"]', "audio": '["a.wav", "b.wav"]', "text": '["a text", "another"]'}
FILES = {"image": "images/", "audio": "sounds/", "text": "texts.csv"}


def card(tuned: TunedModel, *, own: bool = False) -> str:
    """The card as Markdown; names are escaped, so that none is taken for Markdown or HTML.

    own: whether the network is the user's own code, which has to be given again to use it.
    Of the provenance it tells "data", "data_digest", "rows" (train, held_out, test), "grouped", "method",
    "teachers", "ranking" (each with place, model, probability), "notes", "seed" and "versions", where they are there.
    """
    from jinja2 import Environment

    told = tuned.provenance
    outcomes = [("test", tuned.test), ("held-out", tuned.held_out)]
    environment = Environment(finalize=plain, keep_trailing_newline=True)
    return environment.from_string(_CARD).render(
        name=tuned.name,
        layer=tuned.network.body.layer,
        task=tuned.task,
        kind=KINDS.get(tuned.kind, tuned.kind),
        data=told.get("data", "data of your own"),
        digest=told.get("data_digest"),
        method=told.get("method", "fine-tuning"),
        what=_what(tuned),
        called=CALLED[tuned.task],
        classes=tuned.classes[:SHOWN],
        more=max(0, len(tuned.classes) - SHOWN),
        ranking=list(told.get("ranking") or [])[:SHOWN],
        settings={key: value for key, value in tuned.settings.items() if value is not None},
        own=own,
        parts=[_part(name, outcome) for name, outcome in outcomes if outcome is not None],
        limits=_limits(tuned),
        example=Trusted(EXAMPLES.get(tuned.kind, "items")),
        files=Trusted(FILES.get(tuned.kind, "data")),
        confusion=any(outcome is not None and outcome.confusion is not None for _, outcome in outcomes),
        lower=LOWER_IS_BETTER,
        number=_number,
        between=_between,
        chance=_chance,
        **{key: told.get(key) for key in ("rows", "grouped", "teachers", "versions", "seed")},
    )


class Trusted(str):
    """Our own words, which are put in as they are."""


def plain(value: Any) -> str:
    """A value as Markdown that shows it letter by letter, on one line."""
    if isinstance(value, Trusted):
        return value
    text = printable(" ".join(str(value).split()))
    return _SPECIAL.sub(r"\\\1", "".join(_HTML.get(letter, letter) for letter in text))


def _what(tuned: TunedModel) -> str:
    number = len(tuned.classes)
    kind = KINDS.get(tuned.kind, tuned.kind)
    if tuned.task == "classification":
        return f"Tells to which of {number} classes {kind} belong."
    if tuned.task == "multilabel":
        return f"Tells which of {number} labels {kind} have, any number each."
    return f"Predicts {'a number' if number == 1 else f'{number} numbers'} for {kind}."


def _part(called: str, outcome: Outcome) -> dict[str, Any]:
    labels = list(outcome.by_label.items())[:SHOWN]
    return {"called": called, "outcome": outcome, "chose": called == "held-out", "labels": labels}


def _limits(tuned: TunedModel) -> list[str]:
    data = tuned.provenance.get("data", "the data it was tuned on")
    said = [
        f"It knows data like {data}; on others the scores above say nothing.",
        f"The weights began as those of {tuned.name}, whose licence and limits go with them.",
    ]
    if tuned.task == "classification":
        said.insert(
            0, "Whatever it is given, it answers with one of its classes; it has no answer for none of them."
        )
    if tuned.test is None:
        said.append(
            "No rows were kept for a test: the held-out scores are the only ones, and they chose the state."
        )
    return said + list(tuned.provenance.get("notes") or [])


def _number(value: float) -> str:
    return "not defined" if value != value else f"{value:.4g}"


def _between(score: Score) -> str:
    return "–" if score.low is None or score.high is None else f"{score.low:.4g} to {score.high:.4g}"


def _chance(probability: Any) -> str:
    return "–" if probability is None else f"{100 * float(probability):.0f} %"
