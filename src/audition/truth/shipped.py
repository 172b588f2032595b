"""The published tables that the package brings, and where each is from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from audition.errors import UnknownNameError
from audition.truth.read import parse_truth
from audition.truth.value import Truth


@dataclass(frozen=True)
class Source:
    """What a shipped table holds, where it was published, and what is known to be wrong with it."""

    holds: str
    citation: str
    notes: tuple[str, ...] = ()


SOURCES = {
    "supervised_cnn": Source(
        "11 supervised ImageNet CNNs, best of a grid of learning rates and weight decays",
        "Shao et al., Not All Models Are Equal: Predicting Model Transferability in a Self-challenging "
        "Fisher Space (SFDA), ECCV 2022.",
    ),
    "selfsupervised_resnet50": Source(
        "12 self-supervised ResNet-50",
        "Shao et al., Not All Models Are Equal: Predicting Model Transferability in a Self-challenging "
        "Fisher Space (SFDA), ECCV 2022; used by Li et al., Exploring Model Transferability through the Lens "
        "of Potential Energy (PED), ICCV 2023.",
        ("PED reports ten of the eleven data sets, all but sun397.",),
    ),
    "vision_transformer": Source(
        "13 vision transformers",
        "Meng et al., Foundation Model is Efficient Multimodal Multitask Model Selector (EMMS), NeurIPS 2023.",
    ),
    "controlled_sources": Source(
        "4 architectures, each trained on 8 sources (architecture/source), fine-tuned on 7 targets",
        "Bolya et al., Scalable Diverse Model Selection for Accessible Transfer Learning (PARC), NeurIPS 2021.",
        ("A source is not its own target: those are the holes.",),
    ),
    "huggingface_finetunes": Source(
        "463 models of the Hugging Face hub on VTAB, GLUE, tweet_eval and others: test accuracy of the run "
        "with the best validation accuracy",
        "Renggli et al., SHiFT: An Efficient, Flexible Search Engine for Transfer Learning, VLDB 2023.",
        (
            "Models of images have results on images only, models of text on text only.",
            "Many results on text are those of guessing one class, so that many models are equal.",
        ),
    ),
    "published_scores_tllib": Source(
        "10 supervised ImageNet CNNs, with published scores by H-Score, LEEP, LogME and NCE",
        "Transfer-Learning-Library, examples/model_selection "
        "(Jiang et al., Transferability in Deep Learning: A Survey, 2022).",
        (
            "The NCE scores on DTD repeat those of LogME.",
            "Three H-Scores on DTD (ResNet101, ResNet50, Inception V3) are above 46, the bound for 47 classes.",
        ),
    ),
}


def shipped_tables() -> tuple[str, ...]:
    """The names that `load_truth` knows."""
    return tuple(SOURCES)


@cache
def load_truth(name: str) -> Truth:
    """A published table of fine-tuning results, with its source cited.

    Raises UnknownNameError for a name that `audition truth` does not list.

    >>> load_truth("supervised_cnn")
    supervised_cnn: 11 models by 11 data sets
    >>> load_truth("supervised_cnn")["aircraft"]["resnet34"]
    84.06
    """
    if name not in SOURCES:
        raise UnknownNameError("published table", name, SOURCES, "'audition truth' lists them.")
    text = (files("audition") / "truth" / "tables" / f"{name}.csv").read_text(encoding="utf-8")
    source = SOURCES[name]
    return replace(parse_truth(text, name), name=name, citation=source.citation, notes=source.notes)
