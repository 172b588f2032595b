"""From a ranking to a tuned model: fine-tuning, with the runners-up as teachers where they help."""

from audition.models.torch.library import import_library

import_library("torch", "tune")
