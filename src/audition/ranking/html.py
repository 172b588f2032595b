"""A ranking as HTML, for notebooks."""

from __future__ import annotations

from audition.ranking.standings import Standings
from audition.ranking.table import MISSING, costs, number, odds, seen
from audition.ranking.words import heading, remarks, verdict

_HTML = """
{%- macro head(text) %}<th style="text-align:right">{{ text }}</th>{% endmacro %}
<div class="audition-ranking"><p>{{ heading }}</p>
{%- macro figure(text) %}<td style="text-align:right">{{ text }}</td>{% endmacro %}
<table><thead><tr>{{ head("place") }}<th>{{ called_by }}</th>{% if layered %}<th>layer</th>{% endif %}
{%- for name, cells in odds %}{{ head(name) }}{% endfor %}
{%- for metric in metrics %}{{ head(metric) }}{% endfor %}{% if by_mean %}{{ head("mean place") }}{% endif %}
{%- for name, cells in seen + costs %}{{ head(name) }}{% endfor %}</tr></thead>
<tbody>{% for row in rows %}{% set i = loop.index0 %}<tr>{{ figure(row.place or missing) }}<td>{{ row.model }}</td>
{%- if layered %}<td>{{ row.layer }}</td>{% endif %}
{%- if row.error %}<td colspan="{{ metrics | length + (odds + seen + costs) | length + by_mean }}">{{ row.error }}</td>
{%- else %}{% for name, cells in odds %}{{ figure(cells[i]) }}{% endfor %}
{%- for metric in metrics %}{{ figure(number(row.scores.get(metric))) }}{% endfor %}
{%- if by_mean %}{{ figure(missing if row.mean_place is none else "%.1f" | format(row.mean_place)) }}{% endif %}
{%- for name, cells in seen + costs %}{{ figure(cells[i]) }}{% endfor %}
{%- endif %}</tr>{% endfor %}</tbody></table>
{% for remark in remarks %}<p>{{ remark }}</p>{% endfor %}<p><b>{{ verdict }}</b></p></div>
"""


def as_html(ranking: Standings) -> str:
    """The ranking as an HTML fragment for notebooks; everything shown is escaped."""
    from jinja2 import Environment

    template = Environment(autoescape=True).from_string(_HTML)
    return template.render(
        heading=heading(ranking),
        metrics=ranking.metrics,
        odds=odds(ranking),
        seen=seen(ranking),
        costs=costs(ranking),
        called_by=ranking.called_by,
        rows=ranking.rows,
        remarks=remarks(ranking),
        verdict=verdict(ranking),
        number=number,
        missing=MISSING,
        layered=ranking.layered,
        by_mean=ranking.order == "mean place",
    )
