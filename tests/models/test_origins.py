"""Where a candidate comes from, told by its name and the files that are here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audition.data.features import Features
from audition.models.custom import CallableModel
from audition.models.origins import Origin, data_of, origin_of, variant_of


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("zoo:resnet-cifar10_selfsup", ("resnet", "cifar10_selfsup")),
        ("timm:resnet18.a1_in1k", ("resnet18", "ImageNet-1k")),
        ("timm:resnet18.fb_swsl_ig1b_ft_in1k", ("resnet18", "Instagram-1B, then ImageNet-1k")),
        ("timm:vit_base_patch32_clip_224.laion2b_ft_in12k_in1k?size=96",
         ("vit_base_patch32_clip_224", "LAION-2B, then ImageNet-12k, then ImageNet-1k")),
        ("timm:resnet18.fb_ssl_yfcc100m_ft_in1k?pretrained=false", ("resnet18", "nothing (untrained)")),
        ("timm:mobilenetv2_100?checkpoint=w/birds.safetensors&num_classes=965", ("mobilenetv2_100", "birds")),
        ("torchvision:resnet50?weights=IMAGENET1K_V2", ("resnet50", "IMAGENET1K_V2")),
        ("torchvision:resnet50?weights=none", ("resnet50", "nothing (untrained)")),
        ("torchvision:squeezenet1_1?checkpoint=w/a.pth", ("squeezenet1_1", "a")),
        ("openclip:ViT-B-32@laion2b_s34b_b79k", ("ViT-B-32", "LAION-2B")),
        ("keras:ResNet50", ("ResNet50", "ImageNet-1k")),
        ("onnx:nets/resnet20_cifar10.onnx?size=32", ("resnet20_cifar10", "resnet20_cifar10")),
        ("hf:org/name", ("name", "name")),
        ("mine", ("mine", "mine")),
    ],
)  # fmt: skip
def test_names(name: str, origin: tuple[str, str]) -> None:
    assert origin_of(name) == Origin(*origin)


def test_what_a_library_takes_unasked(framework: Any) -> None:
    framework("timm")
    assert origin_of("timm:resnet18") == Origin("resnet18", "ImageNet-1k")
    assert origin_of("timm:no_such_net") == Origin("no_such_net", "no_such_net")
    framework("torchvision")
    assert origin_of("torchvision:resnet50") == Origin("resnet50", "IMAGENET1K_V2")


def test_a_model_itself() -> None:
    assert origin_of(CallableModel("mine", lambda batch: batch, "rows")) == Origin("mine", "mine")


def test_a_folder_says_its_kind_and_its_data(tmp_path: Path, framework: Any) -> None:
    framework("transformers")
    config = {"model_type": "bert", "num_hidden_layers": 3, "hidden_size": 384}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    assert origin_of(f"hf:{tmp_path}") == Origin("bert, 3 layers of 384", tmp_path.name)
    (tmp_path / "README.md").write_text("---\ndatasets:\n- snli\n- ms_marco\n---\n# Card\n", encoding="utf-8")
    assert origin_of(f"st:{tmp_path}?max_length=8") == Origin("bert, 3 layers of 384", "snli, ms_marco")
    (tmp_path / "README.md").write_text("---\n: [\n---\n", encoding="utf-8")
    (tmp_path / "config.json").write_text("{", encoding="utf-8")
    assert origin_of(f"hf:{tmp_path}") == Origin(tmp_path.name, tmp_path.name)


def test_features_remember_their_network(tmp_path: Path) -> None:
    path = tmp_path / "f.safetensors"
    Features(
        "zoo:resnet-mnist", "d", "classification", ("a", "b"), {"x": np.ones((2, 2), dtype=np.float32)}
    ).save(path)
    assert origin_of(f"features:{path}") == Origin("resnet", "mnist")
    np.save(tmp_path / "clip.npy", np.ones((2, 2)))
    assert origin_of(f"features:{tmp_path}/clip.npy") == Origin("clip", "clip")


def test_tags_and_variants() -> None:
    assert data_of("swag_ft_in1k") == "Instagram-3.6B, then ImageNet-1k"
    assert data_of("") == ""
    assert variant_of("torchvision:resnet18?checkpoint=a/b.pth") == "b"
    assert variant_of("hf:org/name") == "hf:org/name"
    assert variant_of("no source") == "no source"
