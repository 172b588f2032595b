"""Networks of transformers, built from configurations or of the assets: features as the library's own call."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audition.data import open_dataset
from audition.errors import InputError, ModelError, UnknownNameError
from audition.extraction import extract
from audition.models import Model, ModelSpec, open_model
from audition.models.registry import model_identity
from audition.ranking import rank

torch = pytest.importorskip("torch", reason="torch is not installed")
transformers = pytest.importorskip("transformers", reason="transformers is not installed")

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "cat", "sat", "on", "a", "mat", "dog", "ran", "far"]
WORDS += ["##s", "##ing", "sleep", "un"]
TEXTS = ["the cat sat", "a dog ran far on the mats", "unknown cats", "sleep", "the dog sat on the cat"]
SMALL = {"hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 24}
LAYERS = ("embeddings", "layer1", "layer2", "layer3")


def objects(values: list[Any]) -> np.ndarray[Any, Any]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def save(folder: Path, network: Any, tokenizer: Any = None) -> Path:
    torch.manual_seed(0)
    network.save_pretrained(folder)
    if tokenizer is not None:
        tokenizer.save_pretrained(folder)
    return folder


def word_pieces(**options: Any) -> Any:
    vocabulary = {word: place for place, word in enumerate(WORDS)}
    return transformers.BertTokenizer(vocab=vocabulary, model_max_length=20, **options)


def bert_config(**options: Any) -> Any:
    return transformers.BertConfig(
        vocab_size=len(WORDS), max_position_embeddings=20, initializer_range=0.5, **(SMALL | options)
    )


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    network = transformers.BertModel(bert_config(), add_pooling_layer=False)
    return save(tmp_path_factory.mktemp("hf") / "bert", network, word_pieces())


def own(folder: Path, texts: list[str], **options: Any) -> Iterator[tuple[Any, Any]]:
    """The library's own call: hidden states and last hidden state, a text at a time."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    network = transformers.AutoModel.from_pretrained(folder, dtype="float32").eval()
    for text in texts:
        with torch.no_grad():
            given = network(**tokenizer(text, return_tensors="pt", **options), output_hidden_states=True)
        yield [state[0].numpy() for state in given.hidden_states], given.last_hidden_state[0].numpy()


POOLINGS = {
    "mean": lambda tokens: tokens.mean(0),
    "max": lambda tokens: tokens.max(0),
    "cls": lambda tokens: tokens[0],
    "last": lambda tokens: tokens[-1],
}


@pytest.mark.parametrize("pool", POOLINGS)
def test_every_layer_and_pooling_is_as_the_library_gives_it(bert: Path, pool: str) -> None:
    model = open_model(f"hf:{bert}?pool={pool}")
    assert isinstance(model, Model)
    assert (model.kind, model.layers) == ("text", LAYERS)
    given = model.forward(objects(TEXTS))
    assert given.source_probabilities is None
    for row, (states, _) in enumerate(own(bert, TEXTS)):
        for layer, tokens in zip(LAYERS, states):
            assert np.allclose(given.features[layer][row], POOLINGS[pool](tokens), atol=1e-5)


def test_names_print_back_and_the_parameters_are_counted(bert: Path) -> None:
    model = open_model(f"hf:{bert}?num_hidden_layers=2&pool=cls")
    assert model.name == str(ModelSpec.parse(model.name)) == f"hf:{bert}?num_hidden_layers=2&pool=cls"
    assert model.layers == LAYERS[:3]
    whole = transformers.AutoModel.from_pretrained(bert, num_hidden_layers=2, add_pooling_layer=False)
    assert model.parameters == sum(weight.numel() for weight in whole.parameters())


def test_only_the_layers_that_are_asked_for(bert: Path) -> None:
    assert list(open_model(f"hf:{bert}").forward(objects(TEXTS), ["layer2"]).features) == ["layer2"]


def test_batches_and_order_do_not_change_what_comes(bert: Path) -> None:
    model = open_model(f"hf:{bert}")
    whole = model.forward(objects(TEXTS * 20)).features["layer3"]
    turned = model.forward(objects(TEXTS[::-1])).features["layer3"][::-1]
    assert np.allclose(whole[:5], turned, atol=1e-6)
    assert np.allclose(whole[-5:], turned, atol=1e-6)


def test_what_is_cut_is_counted(bert: Path) -> None:
    features = extract(f"hf:{bert}?max_length=6", open_dataset((TEXTS, list("ababa"))))
    assert features.notes == ("2 of 5 texts longer than 6 tokens were cut.",)
    assert extract(f"hf:{bert}", open_dataset((TEXTS, list("ababa")))).notes == ()
    cut = next(own(bert, TEXTS[1:2], truncation=True, max_length=6))[1].mean(0)
    assert np.allclose(features.layers["layer3"][1], cut, atol=1e-5)


def test_half_precision(bert: Path) -> None:
    exact, half = (
        open_model(f"hf:{bert}?precision={precision}").forward(objects(TEXTS)).features["layer3"]
        for precision in ("fp32", "bf16")
    )
    assert half.dtype == np.float32
    assert 0 < np.abs(exact - half).max() < 0.1


def test_a_trained_head_gives_source_probabilities_in_the_same_pass(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = transformers.BertForSequenceClassification(bert_config(num_labels=5)).eval()
    tokenizer = word_pieces()
    model = open_model(f"hf:{save(tmp_path / 'head', network, tokenizer)}")
    given = model.forward(objects(TEXTS))
    with torch.no_grad():
        inputs = tokenizer(TEXTS, padding=True, return_tensors="pt")
        wanted = network(**inputs).logits.softmax(1).numpy()
        hidden = network.bert(**inputs).last_hidden_state.numpy()
    assert np.allclose(given.source_probabilities, wanted, atol=1e-5)
    mask = inputs["attention_mask"].numpy()[..., None]
    assert np.allclose(given.features["layer3"], (hidden * mask).sum(1) / mask.sum(1), atol=1e-5)


@pytest.mark.parametrize("options", [{"num_labels": 1}, {"problem_type": "multi_label_classification"}])
def test_a_head_that_gives_no_classes_is_left_out(tmp_path: Path, options: dict[str, Any]) -> None:
    network = transformers.BertForSequenceClassification(bert_config(**options))
    model = open_model(f"hf:{save(tmp_path / 'head', network, word_pieces())}")
    assert model.forward(objects(TEXTS)).source_probabilities is None


def test_a_head_that_was_never_trained_is_left_out(bert: Path, tmp_path: Path) -> None:
    """Its configuration names a head, its weights hold none."""
    network = transformers.BertModel(bert_config(), add_pooling_layer=False)
    save(tmp_path / "bare", network, word_pieces())
    config = tmp_path / "bare" / "config.json"
    config.write_text(config.read_text().replace('"BertModel"', '"BertForSequenceClassification"'))
    model = open_model(f"hf:{tmp_path / 'bare'}")
    assert model.forward(objects(TEXTS)).source_probabilities is None
    assert model.layers == LAYERS


def test_a_decoder_gives_its_last_token_and_needs_no_padding_token(tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = transformers.GPT2Config(
        vocab_size=len(WORDS), n_embd=16, n_layer=3, n_head=2, n_positions=20, initializer_range=0.5
    )
    tokenizer = word_pieces(pad_token=None, eos_token="[SEP]")
    folder = save(tmp_path / "gpt", transformers.GPT2LMHeadModel(config), tokenizer)
    given = open_model(f"hf:{folder}").forward(objects(TEXTS))
    for row, (states, last) in enumerate(own(folder, TEXTS)):
        assert np.allclose(given.features["layer1"][row], states[1][-1], atol=1e-5)
        assert np.allclose(given.features["layer3"][row], last[-1], atol=1e-5)


def test_of_two_halves_the_encoder_is_taken(tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = transformers.T5Config(
        vocab_size=len(WORDS),
        d_model=16,
        d_kv=8,
        d_ff=24,
        num_layers=2,
        num_heads=2,
        decoder_start_token_id=0,
    )
    folder = save(tmp_path / "t5", transformers.T5ForConditionalGeneration(config), word_pieces())
    model = open_model(f"hf:{folder}")
    encoder = transformers.T5EncoderModel.from_pretrained(folder).eval()
    with torch.no_grad():
        last = encoder(**word_pieces()(TEXTS[0], return_tensors="pt", return_token_type_ids=False))
    assert model.layers == LAYERS[:3]
    given = model.forward(objects(TEXTS)).features["layer2"][0]
    assert np.allclose(given, last.last_hidden_state[0].mean(0), atol=1e-5)


SENTENCES = [("cats", "sat", "\u200d", "far"), ("the",), ("sleeping", "dogs", "ran")]


def test_a_vector_a_word_is_that_of_its_first_sub_word(bert: Path) -> None:
    model = open_model(f"hf:{bert}?pool=tokens")
    assert model.kind == "tokens"
    given = model.forward(objects(SENTENCES)).features["layer3"]
    (_, first), (_, second), (_, third) = own(bert, ["cats sat [UNK] far", "the", "sleeping dogs ran"])
    # [CLS] cat ##s sat [UNK] far [SEP]; the word that the tokenizer drops is read as an unknown one
    assert np.allclose(given[:4], first[[1, 3, 4, 5]], atol=1e-5)
    assert np.allclose(given[4], second[1], atol=1e-5)
    assert np.allclose(given[5:], third[[1, 3, 5]], atol=1e-5)


def test_no_word_of_a_long_sentence_is_lost(bert: Path) -> None:
    given = open_model(f"hf:{bert}?pool=tokens&max_length=5").forward(objects(SENTENCES))
    assert given.features["layer3"].shape == (8, 16)
    assert given.counted == {"sentences longer than 5 tokens were read in pieces": 2}


@pytest.fixture(scope="module")
def byte_level(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network whose words begin with a space, and whose positions begin behind that of the padding."""
    tokenizers = pytest.importorskip("tokenizers", reason="tokenizers is not installed")
    letters = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {
        piece: place for place, piece in enumerate(["<s>", "<pad>", "</s>", "<unk>", "<mask>", *letters])
    }
    torch.manual_seed(0)
    config = transformers.RobertaConfig(
        vocab_size=len(vocabulary),
        max_position_embeddings=30,
        type_vocab_size=1,
        initializer_range=0.5,
        **SMALL,
    )
    network = transformers.RobertaModel(config, add_pooling_layer=False)
    tokenizer = transformers.RobertaTokenizer(vocab=vocabulary, merges=[])
    return save(tmp_path_factory.mktemp("hf") / "roberta", network, tokenizer)


def test_words_that_begin_with_a_space(byte_level: Path) -> None:
    given = open_model(f"hf:{byte_level}?pool=tokens").forward(objects([("the", "cat"), ("a",)]))
    first, second = (last for _, last in own(byte_level, [" the cat", " a"]))
    assert np.allclose(given.features["layer3"], [first[1], first[5], second[1]], atol=1e-5)


def test_positions_behind_that_of_the_padding(byte_level: Path) -> None:
    given = open_model(f"hf:{byte_level}").forward(objects(["a" * 26, "a" * 27]))
    assert given.counted == {"texts longer than 28 tokens were cut": 1}
    with pytest.raises(InputError, match="takes at most 28 tokens"):
        open_model(f"hf:{byte_level}?max_length=29")


def test_a_network_that_counts_distances_has_no_longest_text(tmp_path: Path) -> None:
    config = transformers.XLNetConfig(vocab_size=len(WORDS), d_model=16, n_layer=2, n_head=2, d_inner=24)
    tokenizer = word_pieces()
    tokenizer.model_max_length = 10**30
    folder = save(tmp_path / "xlnet", transformers.XLNetModel(config), tokenizer)
    given = open_model(f"hf:{folder}").forward(objects(["the cat " * 300, "sleep"]))
    assert given.counted == {"texts longer than 512 tokens were cut": 1}
    assert given.features["layer2"].shape == (2, 16)


def test_token_data_from_the_file_to_the_ranking(bert: Path, tmp_path: Path) -> None:
    path = tmp_path / "t.conll"
    path.write_text("".join("the\tO\ncat\tANIMAL\n\na\tO\ndog\tANIMAL\nran\tO\n\n" for _ in range(4)))
    features = extract(f"hf:{bert}?pool=tokens", path)
    assert features.layers["layer3"].shape == (20, 16)
    assert features.labels[:5] == ("O", "ANIMAL", "O", "ANIMAL", "O")
    assert features.groups is not None
    assert [features.groups.count(group) for group in dict.fromkeys(features.groups)] == [2, 3] * 4
    ranking = rank([f"hf:{bert}?pool=tokens"], path, metrics="logme")
    assert ranking.rows[0].error is None
    with pytest.raises(InputError, match="takes texts but the data set 't' holds sentences of words"):
        extract(f"hf:{bert}", path)


def test_images_are_as_the_processor_and_the_network_give_them(tmp_path: Path, framework: Any) -> None:
    framework("PIL")
    framework("torchvision")
    torch.manual_seed(0)
    config = transformers.ViTConfig(image_size=16, patch_size=8, num_labels=4, initializer_range=0.5, **SMALL)
    network = transformers.ViTForImageClassification(config).eval()
    processor = transformers.ViTImageProcessor(size={"height": 16, "width": 16}, image_mean=[0.2, 0.5, 0.6])
    folder = save(tmp_path / "vit", network)
    processor.save_pretrained(folder)
    images = np.random.default_rng(0).integers(0, 256, (6, 20, 24, 3), dtype=np.uint8)
    data = open_dataset((images, list("ababab")))
    features = extract(f"hf:{folder}", data)
    with torch.no_grad():
        pixels = processor([item.decode() for item in data.items()], return_tensors="pt")
        given = network(**pixels, output_hidden_states=True)
        last = network.vit(**pixels).last_hidden_state
    assert features.source_probabilities is not None
    assert np.allclose(features.source_probabilities, given.logits.softmax(1), atol=1e-5)
    assert np.allclose(features.layers["layer1"], given.hidden_states[1][:, 0], atol=1e-5)
    assert np.allclose(features.layers["layer3"], last[:, 0], atol=1e-5)
    mean = extract(f"hf:{folder}?pool=mean", data).layers["layer3"]
    assert np.allclose(mean, last[:, 1:].mean(1), atol=1e-5)
    assert open_model(f"hf:{folder}").preprocess == open_model(f"hf:{folder}?pool=mean").preprocess


def test_maps_of_a_convolutional_network(tmp_path: Path, framework: Any) -> None:
    framework("PIL")
    framework("torchvision")
    torch.manual_seed(0)
    config = transformers.ResNetConfig(
        embedding_size=8, hidden_sizes=[8, 12], depths=[1, 1], layer_type="basic", num_labels=3
    )
    network = transformers.ResNetForImageClassification(config).eval()
    folder = save(tmp_path / "resnet", network)
    transformers.ConvNextImageProcessor(size={"shortest_edge": 32}).save_pretrained(folder)
    data = open_dataset(
        (np.random.default_rng(0).integers(0, 256, (4, 40, 30), dtype=np.uint8), list("abab"))
    )
    features = extract(f"hf:{folder}", data)
    processor = transformers.AutoImageProcessor.from_pretrained(folder)
    with torch.no_grad():
        pixels = processor([item.decode().convert("RGB") for item in data.items()], return_tensors="pt")
        given = network(**pixels, output_hidden_states=True)
    assert list(features.layers) == ["embeddings", "layer1", "layer2"]
    for values, maps in zip(features.layers.values(), given.hidden_states):
        assert np.allclose(values, maps.mean((2, 3)), atol=1e-5)
    assert features.source_probabilities is not None
    assert np.allclose(features.source_probabilities, given.logits.softmax(1), atol=1e-5)


@pytest.mark.parametrize("modality", ["text", "image"])
def test_each_half_of_a_model_of_texts_and_images(tmp_path: Path, framework: Any, modality: str) -> None:
    framework("PIL")
    framework("torchvision")
    torch.manual_seed(0)
    config = transformers.CLIPConfig(
        text_config={"vocab_size": len(WORDS), "max_position_embeddings": 20, "eos_token_id": 3, **SMALL},
        vision_config={"image_size": 16, "patch_size": 8, **SMALL},
        projection_dim=8,
    )
    network = transformers.CLIPModel(config).eval()
    folder = save(tmp_path / "clip", network, word_pieces())
    size = {"height": 16, "width": 16}
    processor = transformers.CLIPImageProcessor(size=size, crop_size=size)
    processor.save_pretrained(folder)
    model = open_model(f"hf:{folder}?modality={modality}")
    assert (model.kind, model.layers) == (modality, LAYERS)
    if modality == "text":
        with torch.no_grad():
            inputs = word_pieces()(TEXTS[0], return_tensors="pt", return_token_type_ids=False)
            wanted = network.text_model(**inputs).last_hidden_state.mean(1)
        given = model.forward(objects(TEXTS)).features["layer3"][:1]
    else:
        images = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), dtype=np.uint8)
        data = open_dataset((images, list("abab")))
        with torch.no_grad():
            pixels = processor([item.decode() for item in data.items()], return_tensors="pt")
            last = network.vision_model(**pixels).last_hidden_state
        wanted = last[:, 1:].mean(1)
        given = extract(f"{model.name}&pool=mean", data).layers["layer3"]
        assert np.allclose(extract(model, data).layers["layer3"], last[:, 0], atol=1e-5)
    assert np.allclose(given, wanted, atol=1e-5)


def test_a_head_that_labels_words(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = transformers.BertForTokenClassification(bert_config(num_labels=3)).eval()
    folder = save(tmp_path / "words", network, word_pieces())
    given = open_model(f"hf:{folder}?pool=tokens").forward(objects([("cats", "sat")])).source_probabilities
    with torch.no_grad():
        logits = network(**word_pieces()("cats sat", return_tensors="pt")).logits[0, [1, 3]]
    assert np.allclose(given, logits.softmax(1), atol=1e-5)
    assert open_model(f"hf:{folder}").forward(objects(TEXTS)).source_probabilities is None


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        (
            "num_hidden_layer=2",
            UnknownNameError,
            r"no option 'num_hidden_layer'.*Did you mean 'num_hidden_layers'\?",
        ),
        ("pool=men", UnknownNameError, r"no pooling 'men'\. Did you mean 'mean'\?"),
        ("size=32", UnknownNameError, "no option 'size'"),
        ("precision=fp8", UnknownNameError, r"no precision 'fp8'\. There are: bf16"),
        ("max_length=no", InputError, "max_length is a positive whole number of tokens; got 'no'"),
        ("max_length=21", InputError, "takes at most 20 tokens: lower max_length=21"),
        ("max_length=2", InputError, "needs at least 3 tokens"),
        ("modality=text", InputError, "takes one kind of data: leave modality=text out"),
        (
            "vocab_size=9",
            ModelError,
            r"do not fit its configuration: .* is \[17, 16\] where \[9, 16\]",
        ),
        ("num_hidden_layers=4", ModelError, r"layer\.3\.\S+ is missing; .* and \d+ more\."),
    ],
)
def test_options_that_cannot_be(bert: Path, options: str, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        open_model(f"hf:{bert}?{options}")


def test_folders_that_cannot_be(bert: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no folder '\./nowhere'"):
        open_model("hf:./nowhere")
    with pytest.raises(InputError, match="A folder has no revisions"):
        open_model(f"hf:{bert}@main")
    with pytest.raises(ModelError, match="cannot be loaded"):
        open_model(f"hf:{tmp_path}")


def test_damaged_weights(bert: Path, tmp_path: Path) -> None:
    for file in bert.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError, match="cannot be loaded: ") as caught:
        open_model(f"hf:{tmp_path}")
    assert "\n" not in str(caught.value)


def test_code_of_a_repository_is_never_run(bert: Path, tmp_path: Path) -> None:
    for file in bert.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = (tmp_path / "config.json").read_text().replace('"model_type": "bert"', '"model_type": "mine"')
    (tmp_path / "config.json").write_text(
        config.replace("{", '{"auto_map": {"AutoConfig": "mine.Config"},', 1)
    )
    (tmp_path / "mine.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(ModelError, match="brings code of its own, which is not run"):
        open_model(f"hf:{tmp_path}")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("offline", [True, False])
def test_a_hub_that_cannot_be_reached_is_one_sentence_at_once(
    monkeypatch: pytest.MonkeyPatch, offline: bool
) -> None:
    import huggingface_hub

    from audition.models.hf import load as hf_load

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", offline)
    monkeypatch.setattr(hf_load, "reachable", lambda endpoint: False)
    why = "HF_HUB_OFFLINE is set" if offline else "the hub cannot be reached"
    with pytest.raises(ModelError, match=f"hf:nobody/nothing@v1 is not in the cache and {why}"):
        open_model("hf:nobody/nothing@v1")


def test_the_identity_of_a_folder_is_that_of_its_files(bert: Path, tmp_path: Path) -> None:
    for file in bert.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    known = model_identity(f"hf:{bert}")
    assert known is not None
    assert known == model_identity(f"hf:{tmp_path}") == model_identity(open_model(f"hf:{bert}"))
    assert "transformers" in known.library
    (tmp_path / "README.md").write_text("words")
    assert known == model_identity(f"hf:{tmp_path}")
    (tmp_path / "tokenizer_config.json").write_text("{}")
    assert known != model_identity(f"hf:{tmp_path}")
    assert model_identity(f"st:{tmp_path}") is not None


def test_the_identity_of_a_name_on_the_hub_is_its_commit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import huggingface_hub

    from audition.models.hf import identity as hf_identity

    monkeypatch.setattr(hf_identity, "reachable", lambda address: False)
    commit = "0123456789abcdef0123456789abcdef01234567"
    pinned = model_identity(f"hf:some/name@{commit}")
    assert pinned is not None
    assert pinned.weights == f"some/name@{commit}"
    assert model_identity("hf:some/name") is None
    held = str(tmp_path / commit / "config.json")
    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", lambda *_, **__: held)
    assert model_identity("hf:some/name") == pinned


def test_real_encoders_on_real_texts(assets: Path) -> None:
    """Both encoders of the assets in one ranking, each as the library's own call gives it."""
    names = ["all-MiniLM-L6-v2_vocab7k", "paraphrase-MiniLM-L3-v2_vocab5k"]
    folders = [assets / "text" / "models" / name for name in names]
    data = open_dataset(assets / "text" / "data" / "sst2" / "train.csv", limit=200)
    assert (data.name, len(data)) == ("sst2/train (200 of 1500)", 200)
    texts = [item.decode() for item in data.items()][:4]
    for folder in folders:
        given = open_model(f"hf:{folder}").forward(objects(texts))
        for row, (states, _) in enumerate(own(folder, texts)):
            for values, tokens in zip(given.features.values(), states):
                assert np.allclose(values[row], tokens.mean(0), atol=1e-5)
    ranking = rank([f"hf:{folder}" for folder in folders], data)
    assert [row.error for row in ranking.rows] == [None, None]
    assert {row.columns for row in ranking.rows} == {384}
