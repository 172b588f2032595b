"""Whether the runners-up help: B-Tuning beside plain fine-tuning and its rivals, and the search for the best model."""
