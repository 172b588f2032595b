"""Which published model a candidate is."""

import pytest

from audition.recommendation.names import _rows, family_of, known_as, traits_of
from audition.truth import load_truth, shipped_tables


@pytest.mark.parametrize(
    ("model", "key"),
    [
        ("timm:resnet50.tv_in1k", "resnet50"),
        ("torchvision:resnet50", "resnet50"),
        ("torchvision:resnet50?checkpoint=mine.pt", "resnet50"),
        ("hf:timm/resnet50.tv_in1k@main", "resnet50"),
        ("ResNet50", "resnet50"),
        ("Inception V3", "inception_v3"),
        ("MNasNet", "mnasnet1_0"),
        ("timm:swin_tiny_patch4_window7_224.ms_in1k", "swin_t"),
        ("hf:google/vit-base-patch16-224", "google/vit-base-patch16-224"),
    ],
)
def test_names_of_one_model_are_one(model, key):
    assert known_as(model) == key


def test_other_weights_and_files_of_ones_own_are_other_models():
    assert known_as("timm:resnet50.a1_in1k") != "resnet50"
    assert known_as("onnx:resnet50.onnx") == "onnx:resnet50.onnx"
    assert known_as("zoo:resnet-mnist") == "zoo:resnet-mnist"


def test_every_alias_leads_to_a_model_of_a_table():
    """An alias that leads nowhere is a typing error."""
    tables = {known_as(model) for name in shipped_tables() for model in load_truth(name).models}
    aliases = _rows("aliases.csv")
    assert [row for row in aliases if row["model"] not in tables] == []
    assert len({row["alias"] for row in aliases}) == len(aliases)


def test_families_are_the_letters_before_a_number():
    assert family_of("resnet50") == family_of("resnet101") == "resnet"
    assert family_of("resnext50_32x4d") != family_of("resnet50")
    assert family_of("zoo:resnet-mnist") == "zoo:resnet-mnist", "ours are no relatives of the tables' models"


def test_traits_are_nothing_where_nothing_is_known_and_never_large():
    assert traits_of("who/knows") == (0.0, 0.0)
    assert traits_of("who/knows", 25_000_000) == (0.0, 0.0)
    assert traits_of("who/knows", 10**12) == (0.0, 2.0)
    assert traits_of("resnet152") > traits_of("resnet50") > traits_of("resnet18")
