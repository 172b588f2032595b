"""What a command ends with, beside 0."""

SOME_FAILED = 1
"""Some candidates could not be ranked, or the output had nowhere to go."""

USER_MISTAKE = 2
"""The command cannot be carried out as it was given."""
