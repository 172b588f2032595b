"""Truth by real fine-tuning: what networks give on real targets when all of their weights are tuned."""
