"""What a user writes for several names at once, taken apart."""

from __future__ import annotations

from audition.errors import InputError


def all_models(texts: list[str]) -> list[str]:
    """Every name of several texts, each of names between commas."""
    return [name for text in texts for name in split_models(text)]


def split_models(text: str) -> list[str]:
    """Names between commas; commas after a "?" belong to the options of the last."""
    head, mark, options = text.partition("?")
    names = f"{head}{mark and chr(0)}".split(",")
    whole = [name.strip().replace(chr(0), f"?{options}") for name in names]
    return [name for name in whole if name]


def split_layers(text: str) -> str | list[str]:
    """'all', or the names between commas; raises InputError for none."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise InputError("--layers needs a value.")
    return "all" if names == ["all"] else names


def check_one_model(model: str, command: str) -> None:
    """Raises InputError for a pattern where one model is meant."""
    if any(character in model.partition("?")[0] for character in "*[,"):
        raise InputError(
            f"'audition {command}' takes one model, not a pattern such as {model!r}; "
            "'audition rank --layers all' takes several."
        )
