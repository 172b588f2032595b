"""What --from says: where to look, and what of it."""

from __future__ import annotations

import pytest

from audition.errors import InputError
from audition.shortlisting.asked import Asked, check_kind, parse_asked, tasks_of


def test_places() -> None:
    assert parse_asked("timm:*") == Asked("timm", "*")
    assert parse_asked("hf:facebook/*") == Asked("hf", "facebook/*")
    assert parse_asked("hf:task=fill-mask&search=bert").query == {"task": "fill-mask", "search": "bert"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("timm", r"takes a place such as 'timm:\*' or hf:task=image-classification; got 'timm'"),
        ("tim:*", "no source 'tim' of models. Did you mean 'timm'"),
        ("onnx:*", r"onnx: has no list to choose from: --from takes hf:, timm:"),
        ("features:*", "features: has no list to choose from"),
        ("module:*", "module: has no list to choose from"),
        ("torchscript:*", "torchscript: has no list to choose from"),
        ("hf:tsk=fill-mask", "no key 'tsk' of hf:KEY=VALUE. Did you mean 'task'"),
        ("hf:task=", "gives no task: write hf:task=VALUE"),
    ],
)
def test_places_that_are_none(text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        parse_asked(text)


@pytest.mark.parametrize("text", ["timm:resnet*", "hf:facebook/*", "hf:task=fill-mask&search=bert"])
def test_a_place_is_said_as_it_was_written(text: str) -> None:
    assert str(parse_asked(text)) == text


def test_what_the_data_are_decides_what_is_listed() -> None:
    assert tasks_of(parse_asked("hf:*"), "image")[0] == "image-classification"
    assert tasks_of(parse_asked("hf:task=fill-mask"), "text") == ("fill-mask",)


@pytest.mark.parametrize(
    ("place", "kind", "sentence"),
    [
        (
            "timm:*",
            "text",
            "timm: holds networks of images; these data are of kind text: write hf:task=fill-mask",
        ),
        ("hf:task=fill-mask", "image", "There is no task 'fill-mask' of image data"),
        ("timm:*", "rows", "these data are rows"),
    ],
)
def test_networks_of_other_data_are_refused(place: str, kind: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        check_kind(parse_asked(place), kind)  # type: ignore[arg-type]
