"""The hub: what it lists becomes entries; what is hostile, gated or of another kind does not; without it the tables."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from shortlisting.hub_server import hub

from audition.shortlisting.asked import parse_asked
from audition.shortlisting.entry import Entry
from audition.shortlisting.hub import list_hub

NAMED = "hf:task=image-classification"


def entries(place: str = NAMED, kind: str = "image") -> dict[str, Entry]:
    listing = list_hub(parse_asked(place), kind)  # type: ignore[arg-type]
    assert not listing.notes
    return {entry.model: entry for entry in listing.entries}


def test_what_a_listing_tells(local_hub: list[str]) -> None:
    found = entries()
    assert found["hf:google/vit-base-patch16-224"] == Entry(
        "hf:google/vit-base-patch16-224", "vit", "imagenet-1k, imagenet-21k", 86_567_656, 4 * 86_567_656,
        "apache-2.0", 2_900_000,
    )  # fmt: skip
    assert found["timm:resnet50.a1_in1k"].trained_on == "ImageNet-1k"
    half = found["hf:example/half-vit"]
    assert half.download == 2 * 22_000_000
    assert half.trained_on == "google/vit-base-patch16-224 on beans"
    old = found["hf:example/old-weights"]
    assert (old.parameters, old.download, old.licence) == (None, None, "mit")


def test_all_pages_are_read_and_the_hub_sorts(local_hub: list[str]) -> None:
    assert len(entries()) == 15
    assert len(local_hub) == 4
    assert "pipeline_tag=image-classification" in local_hub[0] and "sort=downloads" in local_hub[0]


def test_what_can_be_no_candidate(local_hub: list[str]) -> None:
    barred = {name: entry.barred for name, entry in entries().items() if entry.barred}
    assert barred == {
        "hf:facebook/dinov3-convnext-tiny": "behind terms that each user has to accept first",
        "hf:example/own-code-vit": "in need of code of their own (--trust)",
        "hf:example/keras-net": "of a library that audition does not open",
    }


def test_a_name_that_writes_to_the_terminal_is_none(local_hub: list[str]) -> None:
    assert not any("evil" in name or not name.isprintable() for name in entries())


def test_questions(local_hub: list[str]) -> None:
    assert set(entries("hf:facebook/*deit*")) == {"hf:facebook/deit-base-patch16-224"}
    assert "author=facebook" in local_hub[0]
    assert set(entries(f"{NAMED}&search=swin")) == {"hf:microsoft/swin-tiny-patch4-window7-224"}
    assert set(entries("hf:*", "text")) == {
        "hf:google-bert/bert-base-uncased",
        "hf:distilbert/distilbert-base-uncased",
        "st:sentence-transformers/all-MiniLM-L6-v2",
    }


def test_without_a_hub_the_tables_tell(no_hub: None) -> None:
    listing = list_hub(parse_asked("hf:*"), "image")
    names = {entry.model for entry in listing.entries}
    assert "hf:facebook/convnext-tiny-224" in names and len(names) > 50
    assert listing.where == "the published tables"
    why = "HF_HUB_OFFLINE is set" if find_spec("huggingface_hub") else "huggingface_hub is not installed"
    assert f"The hub was not asked ({why}" in listing.notes[0]
    texts = {entry.model for entry in list_hub(parse_asked("hf:*"), "text").entries}
    assert "hf:bert-base-uncased" in texts and not texts & names
    assert list_hub(parse_asked("hf:*"), "audio").entries == []


@pytest.mark.parametrize("broken", ["<html>busy</html>", "[1, 2]", '[{"no": "id"}]', '{"error": "x"}'])
def test_a_hub_that_answers_something_else(
    local_hub: list[str], monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    from huggingface_hub import constants

    with hub(broken) as (address, _):
        monkeypatch.setattr(constants, "ENDPOINT", address)
        listing = list_hub(parse_asked(NAMED), "image")
    assert listing.where == "the published tables"
    assert listing.notes[0].startswith("The hub was not asked (")
