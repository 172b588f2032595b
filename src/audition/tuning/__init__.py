"""From a ranking to a tuned model: fine-tuning, with the runners-up as teachers where they help.

What was asked for is looked at before torch is imported, which takes seconds.
"""
