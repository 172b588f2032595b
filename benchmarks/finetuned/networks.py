"""The networks that are fine-tuned: real ones of several origins, those of the built-in zoo, and controls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from benchmarks.assets import ASSETS
from benchmarks.finetuned.onnx_torch import OnnxNetwork

ZOO = Path(__file__).parents[2] / "src" / "audition" / "zoo"
IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
HALF = (0.5,), (0.5,)
RAW = (0.0,), (1.0,)
Norm = tuple[tuple[float, ...], tuple[float, ...]]


@dataclass(frozen=True)
class Network:
    """open: a fresh body that gives features [B, D] for normalised images [B, C, size, size].

    pretrained: what on. grey: takes one channel. head: opens the whole, which gives the logits [B, S] of the
    classes that it was trained on; None where it has no head.
    """

    name: str
    pretrained: str
    size: int
    open: Callable[[], nn.Module]
    norm: Norm = HALF
    grey: bool = False
    head: Callable[[], nn.Module] | None = None

    def body(self) -> nn.Module:
        """Features [B, D] of bytes [B, C, size, size]; made anew at every call."""
        return self._of_bytes(self.open())

    def source(self) -> nn.Module | None:
        """Logits [B, S] of bytes [B, C, size, size]."""
        return self._of_bytes(self.head()) if self.head else None

    def _of_bytes(self, network: nn.Module) -> nn.Module:
        last = torch.contiguous_format if self.grey else torch.channels_last
        return nn.Sequential(Normalise(*self.norm), network.to(memory_format=last)).eval()


class Normalise(nn.Module):
    """Bytes to what the network was trained on."""

    def __init__(self, mean: tuple[float, ...], std: tuple[float, ...]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        last = torch.contiguous_format if images.shape[1] == 1 else torch.channels_last
        return ((images.float() / 255 - self.mean) / self.std).contiguous(memory_format=last)


class Maps(nn.Module):
    """What a chain of modules gives, as its mean over the positions of a map [B, D, h, w]."""

    def __init__(self, *parts: nn.Module) -> None:
        super().__init__()
        self.parts = nn.Sequential(*parts)

    def forward(self, images: Tensor) -> Tensor:
        return self.parts(images).mean(dim=(2, 3))


class Mean(nn.Module):
    """The mean over positions of a map [B, D, h, w] or of tokens [B, T, D]; features [B, D] as they are."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean(dim=(2, 3)) if x.ndim == 4 else x.mean(dim=1) if x.ndim == 3 else x


def without_norms(network: nn.Module) -> nn.Module:
    """The same function with batch norms folded into the convolutions before them; their activations stay."""
    network.eval()
    for parent in list(network.modules()):
        children = list(parent.named_children())
        for (first, convolution), (second, norm) in pairwise(children):
            if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(parent, first, fuse_conv_bn_eval(convolution, norm))
                setattr(parent, second, getattr(norm, "act", nn.Identity()))
    return network


def _timm(name: str, file: str | None, classes: int = 1000) -> nn.Module:
    """With weights of a file; as it is initialised by seed 0 without one."""
    import timm

    torch.manual_seed(0)
    path = str(ASSETS / "weights" / file) if file else ""
    return without_norms(timm.create_model(name, pad_type="same", num_classes=classes, checkpoint_path=path))


def _before_head(network: nn.Module) -> nn.Module:
    return Maps(network.conv_stem, network.bn1, *network.blocks, network.conv_head, network.bn2)


def _mobilenet(name: str, kind: str, pretrained: str, file: str | None, classes: int = 1000) -> Network:
    def whole() -> nn.Module:
        return _timm(kind, file, classes)

    return Network(name, pretrained, 96, lambda: _before_head(whole()), head=whole if file else None)


def _squeezenet(version: str, file: str) -> nn.Module:
    import torchvision
    from safetensors.torch import load_file

    network = getattr(torchvision.models, f"squeezenet{version}")()
    network.load_state_dict(load_file(ASSETS / "weights" / file))
    return network


def _squeezenet1(minor: int, pretrained: str, file: str) -> Network:
    def whole() -> nn.Module:
        return _squeezenet(f"1_{minor}", file)

    return Network(
        f"squeezenet1_{minor}", pretrained, 96, lambda: Maps(*whole().features), IMAGENET, head=whole
    )


def _onnx(path: Path, output: str = "features", factor: float = 1.0) -> Callable[[], nn.Module]:
    return lambda: nn.Sequential(OnnxNetwork(path, output).scale_input(factor), Mean())


def _asset(
    name: str, pretrained: str, size: int, norm: Norm = HALF, grey: bool = False, factor: float = 1.0
) -> Network:
    """factor: of the first layer, for a network that wants 0..255; else its gradients would drown all others."""
    path = ASSETS / "weights" / f"{name}.onnx"
    opened, head = _onnx(path, factor=factor), _onnx(path, "logits", factor)
    return Network(name, pretrained, size, opened, norm, grey, head)


def _zoo(name: str, head: bool = True) -> Network:
    """Their normalisation is inside the graph."""
    path = ZOO / f"{name}.onnx"
    return Network(
        f"zoo_{name}",
        name.partition("-")[2],
        32,
        _onnx(path),
        RAW,
        head=_onnx(path, "logits") if head else None,
    )


def mobilenetv2_until(layer: str) -> Callable[[], nn.Module]:
    """`mobilenetv2_tf` up to a block."""

    def made() -> nn.Module:
        whole = _timm("mobilenetv2_100", "mobilenetv2_100_tf_q.safetensors")
        kept = whole.blocks[: int(layer.removeprefix("blocks.")) + 1]
        return Maps(whole.conv_stem, whole.bn1, *kept)

    return made


def squeezenet_until(layer: str) -> Callable[[], nn.Module]:
    """`squeezenet1_1` up to a part of its features."""
    last = int(layer.removeprefix("features.")) + 1
    return lambda: Maps(*_squeezenet("1_1", "squeezenet1_1.safetensors").features[:last])


def zoo_until(layer: str) -> Callable[[], nn.Module]:
    """`zoo_resnet-omniglot` up to a block."""
    return _onnx(ZOO / "resnet-omniglot.onnx", layer)


FER = "FER-2013"
V2 = "mobilenetv2_100"
NETWORKS = {
    network.name: network
    for network in (
        _mobilenet("mobilenetv1_100", "mobilenetv1_100", "ImageNet-1k", "mobilenetv1_100_tf_q.safetensors"),
        _mobilenet("mobilenetv2_tf", V2, "ImageNet-1k", "mobilenetv2_100_tf_q.safetensors"),
        _mobilenet("mobilenetv2_keras", V2, "ImageNet-1k", "mobilenetv2_100_keras_q.safetensors"),
        _mobilenet(
            "mobilenetv2_birds", V2, "iNaturalist birds", "mobilenetv2_100_inat_birds_q.safetensors", 965
        ),
        _mobilenet(
            "mobilenetv2_insects",
            V2,
            "iNaturalist insects",
            "mobilenetv2_100_inat_insects_q.safetensors",
            1022,
        ),
        _mobilenet("mobilenetv2_random", V2, "nothing", None),
        _squeezenet1(1, "ImageNet-1k", "squeezenet1_1.safetensors"),
        _squeezenet1(0, "ImageNet-1k, pruned", "squeezenet1_0_dc.safetensors"),
        _asset("mobilenetv1_025_128", "ImageNet-1k", 96),
        _asset("mobilenetv1_050_160", "ImageNet-1k", 96),
        _asset("mobilenetv1_075_192", "ImageNet-1k", 96),
        _asset("deeplab_mnv2_050_pascal", "PASCAL VOC segmentation", 97),
        _asset("deeplab_mnetedgetpu_cityscapes", "Cityscapes segmentation", 97),
        _asset("mcunet_vww_80", "Visual Wake Words", 80),
        _asset("resnet20_cifar10", "CIFAR-10", 32, norm=IMAGENET),
        _asset("resnet32_cifar10", "CIFAR-10", 32, norm=IMAGENET),
        _asset("resnet56_cifar10", "CIFAR-10", 32, norm=IMAGENET),
        _asset("resnet8_cifar10", "CIFAR-10", 32, norm=RAW, factor=255.0),
        _asset("resnet8_large_cifar10", "CIFAR-10", 32, norm=RAW, factor=255.0),
        _asset("mini_xception_fer_047", FER, 64, grey=True),
        _asset("mini_xception_fer_060", FER, 64, grey=True),
        _asset("mini_xception_fer_066", FER, 64, grey=True),
        _asset("big_xception_fer_066", FER, 64, grey=True),
        _asset("mini_xception_gender", "IMDB faces", 64, grey=True),
        _asset("mtcnn_onet", "WIDER FACE and CelebA", 48),
        _zoo("cnn-cifar10"),
        _zoo("cnn-omniglot"),
        _zoo("resnet-cifar10"),
        _zoo("resnet-cifar10_selfsup", head=False),
        _zoo("resnet-mnist"),
        _zoo("resnet-omniglot"),
        _zoo("resnet-textures"),
        _zoo("resnet-random", head=False),
        _zoo("vit-cifar10"),
    )
}

_SAME = {  # pictures of these targets were among those that some networks learned from
    "CIFAR-10": ("cifar10", "cifar10_mosaics"),
    "cifar10": ("cifar10", "cifar10_mosaics"),
    "cifar10_selfsup": ("cifar10", "cifar10_mosaics"),
    "mnist": ("mnist",),
    "omniglot": ("omniglot_characters", "omniglot_alphabets"),
}


def has_seen(network: str, target: str) -> bool:
    """Whether a network was trained on the collection that a target is drawn from."""
    return network in NETWORKS and target in _SAME.get(NETWORKS[network].pretrained, ())
