"""Models: a name becomes a network that gives features, whatever library it comes from."""

from audition.models.base import Model, Outputs, Preprocess
from audition.models.custom import CallableModel
from audition.models.registry import catalogue, find_models, open_model
from audition.models.spec import ModelSpec
from audition.models.torch.module import TorchModel

__all__ = [
    "CallableModel",
    "Model",
    "ModelSpec",
    "Outputs",
    "Preprocess",
    "TorchModel",
    "catalogue",
    "find_models",
    "open_model",
]
