"""How well scores and rankings agree with what fine-tuning really gives, and how sure that is."""

from audition.evaluation.coefficients import weighted_tau
from audition.evaluation.compare import Difference
from audition.evaluation.estimate import Estimate
from audition.evaluation.rankings import agreement
from audition.evaluation.run import evaluate
from audition.evaluation.value import Evaluation

__all__ = ["Difference", "Estimate", "Evaluation", "agreement", "evaluate", "weighted_tau"]
