"""LEEP and NCE: how well the classes of the source predict those of the target.

Nguyen, Hassner, Seeger and Archambeau, "LEEP", ICML 2020; Tran, Nguyen and Hassner,
"Transferability and Hardness of Supervised Classification Tasks", ICCV 2019.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_array, issparse

from audition.arrays import Float64, Matrix, float64_rows, row_blocks
from audition.errors import InputError
from audition.labels import ClassLabels, Labels, as_class_labels, encode, label_array
from audition.metrics.measure import CLASSES, Measure, one_form
from audition.sample import Sample, as_probabilities, need_classes


def leep(source_probabilities: Any, labels: Any, *, from_logits: bool = False) -> float:
    """The mean log likelihood of the labels under the source head's own classes; higher is better.

    source_probabilities: [N, S], rows sum to 1; or logits, with from_logits=True. labels: N classes.
    Range: (−inf, 0]; −inf only if a row is truly impossible. Cost: O(N S C).
    Raises InputError for rows that are not probabilities, one class only, lengths that differ.

    >>> leep([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9]], ["cat", "cat", "dog"]) > -0.6
    True
    """
    probabilities = as_probabilities(source_probabilities, from_logits=from_logits)
    encoded = as_class_labels(labels, rows=probabilities.shape[0])
    return leep_of_probabilities(probabilities, need_classes(encoded, "leep"))


def leep_of(sample: Sample) -> float:
    """LEEP of a sample."""
    return leep_of_probabilities(need_probabilities(sample), need_classes(need_labels(sample), "leep"))


def leep_of_probabilities(probabilities: Matrix, encoded: ClassLabels) -> float:
    """Two passes: the joint table of classes, then the likelihood of each row."""
    zero = np.zeros(probabilities.shape[1])
    sums = np.zeros((len(encoded.classes), probabilities.shape[1]))
    for rows, block in float64_rows(probabilities, zero):
        sums += class_sums(encoded[rows], block)
    conditional = _each_over_total(sums)
    total = 0.0
    for rows, block in float64_rows(probabilities, zero):
        likelihood = np.einsum("ij,ij->i", block, conditional[encoded.codes[rows]])
        with np.errstate(divide="ignore"):
            total += float(np.log(likelihood).sum())
    return total / len(encoded)


def class_sums(labels: ClassLabels, block: Float64, weights: Float64 | None = None) -> Float64:
    """Sums of the rows of each class, each times its weight [n]; [C, S]."""
    number = len(labels)
    cells = (np.ones(number) if weights is None else weights, (labels.codes, np.arange(number)))
    members = csr_array(cells, shape=(len(labels.classes), number))
    return np.asarray(members @ block)


def _each_over_total(joint: Float64) -> Float64:
    """P(y | z) [C, S] of a joint table; a source class without mass says nothing."""
    total = joint.sum(axis=0)
    return joint / np.where(total > 0, total, 1.0)


def nce(source_labels_or_probabilities: Any, labels: Any) -> float:
    """Minus the conditional entropy of the labels given the source's labels, in nats; higher is better.

    source_labels_or_probabilities: N source classes, or probabilities [N, S] of which the largest
    counts. labels: N target classes. The source comes first, always.
    Range: [−ln C, 0]. Cost: O(N S). Raises InputError for one class only, lengths that differ.

    >>> nce(["wheel", "wheel", "leaf", "leaf"], ["car", "car", "tree", "tree"])
    0.0
    """
    z = _source_classes(source_labels_or_probabilities)
    return nce_of_classes(z, as_class_labels(labels, rows=len(z)))


def nce_of(sample: Sample) -> float:
    """NCE of a sample."""
    return nce_of_classes(most_probable(need_probabilities(sample)), need_labels(sample))


def _source_classes(source: Any) -> ClassLabels:
    """Classes as they are given, or the most probable of each row."""
    if issparse(source):
        return most_probable(as_probabilities(source))
    array = label_array(source)
    return encode(array) if array.ndim == 1 else most_probable(as_probabilities(array))


def most_probable(probabilities: Matrix) -> ClassLabels:
    """The source class with the largest probability of each row."""
    best = [np.asarray(block.argmax(axis=1)).ravel() for _, block in row_blocks(probabilities)]
    return encode(np.concatenate(best))


def need_probabilities(sample: Sample) -> Matrix:
    """The source probabilities of a sample; raises InputError where its model has no head."""
    if sample.source_probabilities is None:
        raise InputError("This measure needs the probabilities of the model's own head; it has none.")
    return sample.source_probabilities


def need_labels(sample: Sample) -> Labels:
    """The labels of a sample, row by row."""
    if sample.labels is None:
        raise InputError("This measure needs the label of each row; statistics do not hold them.")
    return sample.labels


def nce_of_classes(z: ClassLabels, labels: Labels) -> float:
    """NCE of source classes and target classes."""
    y = need_classes(labels, "nce")
    joint = np.zeros((len(y.classes), len(z.classes)))
    np.add.at(joint, (y.codes, z.codes), 1.0 / len(y))
    conditional = _each_over_total(joint)
    seen = joint > 0
    return float(np.sum(joint[seen] * np.log(conditional[seen]))) + 0.0


LEEP = Measure(
    name="leep",
    title="Log likelihood of the labels under the source head's classes",
    function=leep,
    compute=one_form(leep_of),
    tasks=CLASSES,
    needs="source probabilities",
    layers=False,
    bounds="(-inf, 0]",
    cost="O(N S C)",
    formula="mean_i ln Σ_z P(y_i|z) P(z|x_i),  P(y|z) = Σ_{i: y_i=y} P(z|x_i) / Σ_i P(z|x_i)",
    trust=(
        "Only for networks with a head of their own (supervised ones). It favours sources with "
        "many classes, so compare heads of like size."
    ),
    paper="Nguyen et al., ICML 2020",
    reference="https://arxiv.org/abs/2002.12462",
    differs="In the released code a source class that no row has gives NaN; here it contributes nothing.",
)


NCE = Measure(
    name="nce",
    title="Minus the conditional entropy of the labels given the source's",
    function=nce,
    compute=one_form(nce_of),
    tasks=CLASSES,
    needs="source probabilities",
    layers=False,
    bounds="[-ln C, 0]",
    cost="O(N S)",
    formula="Σ_{y,z} P(y,z) ln P(y|z),  z = the head's most probable class",
    trust="As LEEP, and coarser: it sees the head's first choice only.",
    paper="Tran et al., ICCV 2019",
    reference="https://arxiv.org/abs/1908.08142",
    differs="Copies differ in which labels come first; here the source's do, by name.",
)
