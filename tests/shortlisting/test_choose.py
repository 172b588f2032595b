"""What is left out and why: limits, licences, families, the download."""

from __future__ import annotations

import pytest

from audition.errors import InputError, UnknownNameError
from audition.recommendation import Candidate, recommend
from audition.shortlisting import Entry, Limits
from audition.shortlisting.choose import Choice, in_order, possible
from audition.shortlisting.entry import named
from audition.shortlisting.licences import check_licences
from audition.shortlisting.limits import parse_download, parse_params


def taken(entries: list[Entry], **limits: object) -> tuple[list[str], dict[str, int]]:
    """The names that a choice takes, in order, and what it leaves."""
    asked = Limits(**limits)  # type: ignore[arg-type]
    kept, left = possible(entries, asked)
    choice = Choice(asked, left=left)
    rows = recommend([Candidate(each.model, parameters=each.parameters) for each in kept]).candidates
    for entry, told in in_order(kept, rows):
        choice.offer(entry, told)
    return [entry.model for entry, _ in choice.taken], dict(choice.left)


def resnets(*tags: str) -> list[Entry]:
    return [named(f"timm:{tag}", 20_000_000, "mit") for tag in tags]


def test_a_family_is_not_all_of_a_list() -> None:
    many = [named(f"timm:resnet{i}.in1k", 10**6 * i, "mit") for i in range(18, 50)]
    names, left = taken([*many, named("timm:convnext_tiny.in1k", 28_000_000, "mit")], per_family=2)
    assert len(names) == 3 and "timm:convnext_tiny.in1k" in names
    assert left == {"of a family of which enough are in": 30}


def test_twins_that_were_only_trained_otherwise_are_one() -> None:
    names, left = taken(resnets("resnet34.a1_in1k", "resnet34.a2_in1k", "resnet34.ig1b_ft_in1k"))
    assert names == ["timm:resnet34.a1_in1k", "timm:resnet34.ig1b_ft_in1k"]
    assert left == {"of an architecture and data that are in already": 1}


def test_one_network_under_two_names_is_one() -> None:
    two = [named("timm:resnet50.tv_in1k", 25_557_032), named("torchvision:resnet50", 25_557_032)]
    assert taken(two) == (["timm:resnet50.tv_in1k"], {"the same network under another name": 1})


def test_sizes() -> None:
    sizes = {"a": 10_000_000, "b": 300_000_000, "c": None}
    entries = [Entry(f"hf:o/{name}", name, parameters=size) for name, size in sizes.items()]
    names, left = taken(entries)
    assert set(names) == {"hf:o/a", "hf:o/c"} and left == {"larger than 100M parameters": 1}
    names, left = taken(entries, max_params=1e9)
    assert set(names) == {"hf:o/a", "hf:o/b"} and left == {"of a size that is not known": 1}


def test_licences() -> None:
    entries = [
        Entry(f"hf:o/{i}{name}", f"{i}{name}", licence=name)
        for i, name in enumerate(["mit", "cc-by-nc-4.0", ""])
    ]
    names, left = taken(entries, licences=("permissive",))
    assert names == ["hf:o/0mit"]
    assert left == {"under another licence": 1, "of a licence that is not told": 1}
    assert taken(entries, licences=("CC-*",))[0] == ["hf:o/1cc-by-nc-4.0"]


@pytest.mark.parametrize("taken", [["permissive"], ["MIT"], ["cc-*"], ["gpl-3.0"], ["house-rules"]])
def test_licences_that_there_are(taken: list[str]) -> None:
    check_licences(taken, ["mit", "house-rules", ""])


def test_a_licence_that_nothing_has() -> None:
    with pytest.raises(UnknownNameError, match="no licence 'permisive'. Did you mean 'permissive'"):
        check_licences(["mit", "permisive"], ["mit"])


def test_the_download_is_of_all_together() -> None:
    """The next that fits is taken in place of one that does not, unless it is worse than a usual one."""
    entries = [
        named("timm:resnet152.tv_in1k", 60_192_808),
        named("timm:deit_base_patch16_224.fb_in1k", 86_567_656),
        named("timm:densenet201.tv_in1k", 20_013_928),
        named("timm:edgenext_xx_small.in1k", 1_327_216),
    ]
    names, left = taken(entries, max_download=400e6)
    assert names == ["timm:resnet152.tv_in1k", "timm:densenet201.tv_in1k"]
    assert left == {"beyond what may still be downloaded": 1, "behind those that are in": 1}


def test_what_is_here_already_takes_no_download() -> None:
    held = [
        Entry("hf:o/a", "a", parameters=10**8, download=0),
        Entry("hf:o/b", "b", parameters=10**8, download=4 * 10**8),
    ]
    assert taken(held, max_download=1e6)[0] == ["hf:o/a"]


def test_no_more_than_asked() -> None:
    names, left = taken([Entry(f"hf:o/{name}", name) for name in "abcde"], most=2)
    assert len(names) == 2 and left == {"behind those that are in": 3}


def test_level_ones_go_by_downloads() -> None:
    entries = [
        Entry(f"hf:o/{name}", name, downloads=number) for name, number in [("a", 5), ("b", 50), ("c", None)]
    ]
    assert taken(entries)[0] == ["hf:o/b", "hf:o/a", "hf:o/c"]


@pytest.mark.parametrize("wrong", [{"most": 0}, {"per_family": -1}, {"most": 10**6}, {"most": 2.5}])
def test_limits_that_are_none(wrong: dict[str, int]) -> None:
    with pytest.raises(InputError, match="must be a whole number from 1 to 1,000"):
        Limits(**wrong)  # type: ignore[arg-type]


def test_amounts_that_are_none() -> None:
    with pytest.raises(InputError, match="--max-params takes a number such as 30M or 1.5B; got 'big'"):
        parse_params("big")
    with pytest.raises(InputError, match="--max-download takes a size such as 500MB or 2GB; got '5ms'"):
        parse_download("5ms")
