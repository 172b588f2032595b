"""Which pre-trained model, which of its layers and which source will do best on your data.

Scores the features of a model on your data without fine-tuning it, and ranks.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from audition.version import __version__ as __version__

if TYPE_CHECKING:
    from audition.cache import Cache as Cache
    from audition.data.features import Features as Features
    from audition.data.open import open_dataset as open_dataset
    from audition.estimator import LogME as LogME
    from audition.evaluation import Difference as Difference
    from audition.evaluation import Estimate as Estimate
    from audition.evaluation import Evaluation as Evaluation
    from audition.evaluation import evaluate as evaluate
    from audition.evaluation import weighted_tau as weighted_tau
    from audition.extraction import extract as extract
    from audition.metrics.emms import emms as emms
    from audition.metrics.etran import ETranParts as ETranParts
    from audition.metrics.etran import etran as etran
    from audition.metrics.etran import etran_parts as etran_parts
    from audition.metrics.gbc import gbc as gbc
    from audition.metrics.h_score import h_score as h_score
    from audition.metrics.h_score import regularized_h_score as regularized_h_score
    from audition.metrics.leep import leep as leep
    from audition.metrics.leep import nce as nce
    from audition.metrics.lfc import lfc as lfc
    from audition.metrics.linear_probe import linear_probe as linear_probe
    from audition.metrics.logme import logme as logme
    from audition.metrics.ncti import NCTIParts as NCTIParts
    from audition.metrics.ncti import ncti as ncti
    from audition.metrics.ncti import ncti_parts as ncti_parts
    from audition.metrics.neighbours import knn_accuracy as knn_accuracy
    from audition.metrics.nleep import nleep as nleep
    from audition.metrics.occam import concept_variance as concept_variance
    from audition.metrics.occam import normalized_interclass_distance as normalized_interclass_distance
    from audition.metrics.pactran import pactran as pactran
    from audition.metrics.parc import parc as parc
    from audition.metrics.parc import parc_spread as parc_spread
    from audition.metrics.ped import ped as ped
    from audition.metrics.ped import ped_trajectory as ped_trajectory
    from audition.metrics.sfda import sfda as sfda
    from audition.metrics.size import number_of_parameters as number_of_parameters
    from audition.metrics.transrate import transrate as transrate
    from audition.metrics.transrate import transrate_from_spectra as transrate_from_spectra
    from audition.models.custom import CallableModel as CallableModel
    from audition.models.torch.module import TorchModel as TorchModel
    from audition.motion import PEDReference as PEDReference
    from audition.motion import Trajectory as Trajectory
    from audition.ranking import Forecast as Forecast
    from audition.ranking import Ranking as Ranking
    from audition.ranking import SourceRanking as SourceRanking
    from audition.ranking import forecast as forecast
    from audition.ranking import rank as rank
    from audition.ranking import rank_by_source as rank_by_source
    from audition.ranking import rank_layers as rank_layers
    from audition.ranking.sources import rank_source_networks as rank_source_networks
    from audition.ranking.sources import rank_sources as rank_sources
    from audition.reporting import Comparison as Comparison
    from audition.reporting import Report as Report
    from audition.reporting import compare as compare
    from audition.reporting import report as report
    from audition.scoring import score as score
    from audition.shortlisting import Shortlist as Shortlist
    from audition.shortlisting import shortlist as shortlist
    from audition.sources.depara import AttributionGraph as AttributionGraph
    from audition.sources.depara import attribution_graph as attribution_graph
    from audition.sources.depara import depara as depara
    from audition.sources.domain_similarity import domain_similarity as domain_similarity
    from audition.sources.generalization import generalization_gap as generalization_gap
    from audition.sources.multi_source import mixing_weights as mixing_weights
    from audition.sources.multi_source import source_weights as source_weights
    from audition.sources.otce import OTCE as OTCE
    from audition.sources.otce import OTCEWeights as OTCEWeights
    from audition.sources.otce import otce as otce
    from audition.sources.otce import otce_parts as otce_parts
    from audition.sources.pair import TaskPair as TaskPair
    from audition.sources.similarity import dds as dds
    from audition.sources.similarity import rsa as rsa
    from audition.sources.task2vec import TaskEmbedding as TaskEmbedding
    from audition.sources.task2vec import asymmetric_distance as asymmetric_distance
    from audition.sources.task2vec import cosine_distance as cosine_distance
    from audition.sources.task2vec import task2vec as task2vec
    from audition.sources.task2vec import task_similarity as task_similarity
    from audition.sources.task_h_score import task_h_score as task_h_score
    from audition.sources.taskonomy import choose_sources as choose_sources
    from audition.sources.taskonomy import taskonomy as taskonomy
    from audition.statistics import Statistics as Statistics
    from audition.statistics import stream_statistics as stream_statistics
    from audition.statistics import sufficient_statistics as sufficient_statistics
    from audition.truth import Truth as Truth
    from audition.truth import load_truth as load_truth
    from audition.truth import read_truth as read_truth
    from audition.tuning.results.tuned import TunedModel as TunedModel
    from audition.tuning.results.tuned import load_tuned as load_tuned
    from audition.tuning.runs.settings import Settings as Settings
    from audition.tuning.search.auto import Search as Search
    from audition.tuning.search.auto import auto as auto
    from audition.tuning.tune import tune as tune

# Where each public name lives. It is imported when it is first used, so that `import audition` and
# `audition --help` wait for nothing.
_HOMES = {
    "AttributionGraph": "sources.depara",
    "Cache": "cache",
    "CallableModel": "models.custom",
    "Comparison": "reporting",
    "Difference": "evaluation",
    "ETranParts": "metrics.etran",
    "Estimate": "evaluation",
    "Evaluation": "evaluation",
    "Features": "data.features",
    "Forecast": "ranking",
    "LogME": "estimator",
    "NCTIParts": "metrics.ncti",
    "OTCE": "sources.otce",
    "OTCEWeights": "sources.otce",
    "PEDReference": "motion",
    "Ranking": "ranking",
    "Report": "reporting",
    "Search": "tuning.search.auto",
    "Settings": "tuning.runs.settings",
    "Shortlist": "shortlisting",
    "SourceRanking": "ranking",
    "Statistics": "statistics",
    "TaskEmbedding": "sources.task2vec",
    "TaskPair": "sources.pair",
    "TorchModel": "models.torch.module",
    "Trajectory": "motion",
    "Truth": "truth",
    "TunedModel": "tuning.results.tuned",
    "asymmetric_distance": "sources.task2vec",
    "attribution_graph": "sources.depara",
    "auto": "tuning.search.auto",
    "choose_sources": "sources.taskonomy",
    "compare": "reporting",
    "concept_variance": "metrics.occam",
    "cosine_distance": "sources.task2vec",
    "dds": "sources.similarity",
    "depara": "sources.depara",
    "domain_similarity": "sources.domain_similarity",
    "emms": "metrics.emms",
    "etran": "metrics.etran",
    "etran_parts": "metrics.etran",
    "evaluate": "evaluation",
    "extract": "extraction",
    "forecast": "ranking",
    "gbc": "metrics.gbc",
    "generalization_gap": "sources.generalization",
    "h_score": "metrics.h_score",
    "knn_accuracy": "metrics.neighbours",
    "leep": "metrics.leep",
    "lfc": "metrics.lfc",
    "linear_probe": "metrics.linear_probe",
    "load_truth": "truth",
    "load_tuned": "tuning.results.tuned",
    "logme": "metrics.logme",
    "mixing_weights": "sources.multi_source",
    "nce": "metrics.leep",
    "ncti": "metrics.ncti",
    "ncti_parts": "metrics.ncti",
    "nleep": "metrics.nleep",
    "normalized_interclass_distance": "metrics.occam",
    "number_of_parameters": "metrics.size",
    "open_dataset": "data.open",
    "otce": "sources.otce",
    "otce_parts": "sources.otce",
    "pactran": "metrics.pactran",
    "parc": "metrics.parc",
    "parc_spread": "metrics.parc",
    "ped": "metrics.ped",
    "ped_trajectory": "metrics.ped",
    "rank": "ranking",
    "rank_by_source": "ranking",
    "rank_layers": "ranking",
    "rank_source_networks": "ranking.sources",
    "rank_sources": "ranking.sources",
    "read_truth": "truth",
    "regularized_h_score": "metrics.h_score",
    "report": "reporting",
    "rsa": "sources.similarity",
    "score": "scoring",
    "sfda": "metrics.sfda",
    "shortlist": "shortlisting",
    "source_weights": "sources.multi_source",
    "stream_statistics": "statistics",
    "sufficient_statistics": "statistics",
    "task2vec": "sources.task2vec",
    "task_h_score": "sources.task_h_score",
    "task_similarity": "sources.task2vec",
    "taskonomy": "sources.taskonomy",
    "transrate": "metrics.transrate",
    "transrate_from_spectra": "metrics.transrate",
    "tune": "tuning.tune",
    "weighted_tau": "evaluation",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'audition' has no attribute {name!r}")
    value = getattr(import_module(f"audition.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
