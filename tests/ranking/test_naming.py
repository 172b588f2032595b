"""Long names are shortened to what tells them apart."""

from audition.ranking.naming import short_names

CHECKPOINT = "timm:mobilenetv2_100?checkpoint=/a/long/way/to/the/weights/{}.safetensors&pad_type=same"


def test_files_lose_their_folders_and_names_their_options():
    names = [CHECKPOINT.format("tf"), CHECKPOINT.format("keras"), "zoo:cnn-mnist"]
    names.append("onnx:/a/long/way/to/resnet20_cifar10.onnx?size=32&mean=0.485,0.456,0.406")
    assert list(short_names(names).values()) == [
        "timm:mobilenetv2_100 (tf)",
        "timm:mobilenetv2_100 (keras)",
        "zoo:cnn-mnist",
        "onnx:resnet20_cifar10.onnx",
    ]


def test_files_that_are_called_as_their_architecture():
    name = "timm:mobilenetv2_100?checkpoint=weights/mobilenetv2_100{}.safetensors&mean=0.5"
    shown = short_names([name.format("_inat_birds_q"), name.format("")])
    assert list(shown.values()) == [
        "timm:mobilenetv2_100 (inat_birds_q)",
        "timm:mobilenetv2_100 (mobilenetv2_100)",
    ]


def test_names_that_would_be_one_keep_what_tells_them_apart():
    here, there = CHECKPOINT.format("tf"), CHECKPOINT.format("tf").replace("same", "symmetric")
    assert list(short_names([here, there]).values()) == [
        "timm:mobilenetv2_100 (tf)?pad_type=same",
        "timm:mobilenetv2_100 (tf)?pad_type=symmetric",
    ]


def test_folders_lose_the_way_to_them():
    names = [
        "hf:../a/long/way/to/the/models/encoder",
        "hf:../a/long/way/to/the/models/encoder?num_hidden_layers=2",
    ]
    assert list(short_names(names).values()) == ["hf:encoder", "hf:encoder?num_hidden_layers=2"]
    assert (
        short_names([names[0], "hf:organisation/a-name-that-is-longer-than-most"])[names[0]] == "hf:encoder"
    )


def test_names_that_nothing_short_tells_apart_stay_whole():
    here, there = CHECKPOINT.format("tf"), CHECKPOINT.format("tf").replace("long", "short")
    assert short_names([here, there]) == {here: here, there: there}


def test_a_name_that_is_no_name_stays():
    name = "a network of the user's own, with a long and winding name: it has no source?"
    assert short_names([name]) == {name: name}
