"""Who is tuned, and who may teach: the zoo and some networks of the sample assets."""

from __future__ import annotations

from audition.models.registry import find_models
from audition.models.rooted import rooted
from audition.models.spec import ModelSpec
from benchmarks.assets import ASSETS

IMAGENET = "mean=0.5&std=0.5"
CIFAR = "size=32&mean=0.485,0.456,0.406&std=0.229,0.224,0.225"
ZOO = "zoo:*"
SMALL = (
    f"onnx:weights/mobilenetv1_025_128.onnx?size=128&{IMAGENET}&crop=0.875",
    f"onnx:weights/resnet20_cifar10.onnx?{CIFAR}",
    f"onnx:weights/mcunet_vww_80.onnx?size=80&{IMAGENET}&crop=0.875",
    f"onnx:weights/mtcnn_onet.onnx?size=48&{IMAGENET}",
    "onnx:weights/resnet8_cifar10.onnx?size=32&mean=0&std=0.00392157",
)
LARGER = (
    f"onnx:weights/mini_xception_fer_066.onnx?size=64&{IMAGENET}",
    f"onnx:weights/mini_xception_gender.onnx?size=64&{IMAGENET}",
    f"onnx:weights/mobilenetv1_050_160.onnx?size=160&{IMAGENET}&crop=0.875",
    f"onnx:weights/resnet56_cifar10.onnx?{CIFAR}",
    f"timm:mobilenetv1_100?checkpoint=weights/mobilenetv1_100_tf_q.safetensors&pad_type=same&{IMAGENET}&size=128",
    f"timm:mobilenetv2_100?checkpoint=weights/mobilenetv2_100_tf_q.safetensors&pad_type=same&{IMAGENET}&size=128",
    "torchvision:squeezenet1_1?checkpoint=weights/squeezenet1_1.safetensors&size=128",
)
STUDENTS = {
    "resnet-cifar10": "zoo:resnet-cifar10",
    "mobilenetv1_025": rooted(SMALL[0], ASSETS),
}
"""By the name that the results give them."""


def candidates() -> tuple[str, ...]:
    """The small ones: 14 of the zoo and 5 of the assets."""
    return (*find_models(ZOO), *(rooted(name, ASSETS) for name in SMALL))


def teachers() -> tuple[str, ...]:
    """All that may teach: the small ones, and those that take longer."""
    return (*candidates(), *(rooted(name, ASSETS) for name in LARGER))


def short(name: str) -> str:
    """What tables call a network: "resnet56_cifar10", or "zoo:vit-mnist"."""
    spec = ModelSpec.parse(name)
    if spec.source == "zoo":
        return name
    last = dict(spec.options).get("checkpoint", spec.name).rpartition("/")[2]
    return last.rpartition(".")[0] or last
