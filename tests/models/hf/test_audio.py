"""Audio networks of transformers, built from configurations: features as the library's own call, a clip at a time."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audition.data import open_dataset
from audition.data.audio import Sound
from audition.errors import InputError, ModelError, UnknownNameError
from audition.extraction import extract
from audition.models import Model, ModelSpec, open_model
from audition.models.hf.audio_clips import resampled
from audition.models.registry import model_identity
from audition.ranking import rank

torch = pytest.importorskip("torch", reason="torch is not installed")
transformers = pytest.importorskip("transformers", reason="transformers is not installed")

RATE = 16000
LENGTHS = (16000, 9000, 4000, 15000, 12345, 8000)
LAYERS = ("embeddings", "layer1", "layer2")
SMALL = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "initializer_range": 0.5,
}
WAVES = SMALL | {
    "conv_dim": (8, 8),
    "conv_stride": (5, 4),
    "conv_kernel": (10, 8),
    "num_feat_extract_layers": 2,
    "num_conv_pos_embeddings": 8,
    "num_conv_pos_embedding_groups": 2,
    "classifier_proj_size": 8,
}
NEEDED = 45  # samples, by the kernels and strides above


def sounds(lengths: tuple[int, ...] = LENGTHS, rate: int = RATE) -> list[Sound]:
    rng = np.random.default_rng(0)
    return [Sound(rng.standard_normal(length, dtype=np.float32) / 10, rate) for length in lengths]


def batch(model: Model, clips: list[Sound]) -> Any:
    return np.stack([model.preprocess(clip) for clip in clips])


def save(folder: Path, make: Callable[[Any], Any], config: Any, extractor: Any) -> Path:
    torch.manual_seed(0)
    network = make(config).eval()
    with torch.no_grad():  # some begin as zeros, and a vector of zeros would hide mistakes
        for weight in network.parameters():
            weight.add_(0.05 * torch.randn_like(weight))
    network.save_pretrained(folder)
    extractor.save_pretrained(folder)
    return folder


def wave_network(folder: Path, family: str, norm: str, head: str = "Model", **options: Any) -> Path:
    config = getattr(transformers, f"{family}Config")(
        feat_extract_norm=norm, do_stable_layer_norm=norm == "layer", **(WAVES | options)
    )
    extractor = transformers.Wav2Vec2FeatureExtractor(return_attention_mask=norm == "layer")
    return save(folder, getattr(transformers, f"{family}{head}"), config, extractor)


def whisper(folder: Path, head: str = "Model", **options: Any) -> Path:
    config = transformers.WhisperConfig(
        d_model=16,
        encoder_layers=2,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=24,
        decoder_ffn_dim=24,
        num_mel_bins=20,
        max_source_positions=50,
        vocab_size=30,
        max_target_positions=8,
        classifier_proj_size=8,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=1,
        init_std=0.5,
        **options,
    )
    extractor = transformers.WhisperFeatureExtractor(feature_size=20, chunk_length=1)
    return save(folder, getattr(transformers, f"Whisper{head}"), config, extractor)


def spectrogram_transformer(folder: Path, head: str = "Model", **options: Any) -> Path:
    config = transformers.ASTConfig(
        patch_size=8, frequency_stride=4, time_stride=4, max_length=64, num_mel_bins=24, **(SMALL | options)
    )
    extractor = transformers.ASTFeatureExtractor(num_mel_bins=24, max_length=64)
    return save(folder, getattr(transformers, f"AST{head}"), config, extractor)


@pytest.fixture(scope="module")
def wav2vec2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wave_network(tmp_path_factory.mktemp("hf") / "wav2vec2", "Wav2Vec2", "layer")


def own(folder: Path, clips: list[Sound]) -> Iterator[tuple[Any, Any]]:
    """The library's own call, a clip at a time without padding: hidden states, and the last in place of its own."""
    extractor = transformers.AutoFeatureExtractor.from_pretrained(folder)
    network = transformers.AutoModel.from_pretrained(folder, dtype="float32").eval()
    network = network.get_encoder() if network.config.is_encoder_decoder else network
    for clip in clips:
        inputs = extractor(clip.samples, sampling_rate=RATE, return_tensors="pt")
        with torch.no_grad():
            given = network(inputs[network.main_input_name], output_hidden_states=True)
        yield [*(state[0] for state in given.hidden_states[:-1]), given.last_hidden_state[0]], given


POOLINGS: dict[str, Callable[[Any], Any]] = {
    "mean": lambda frames: frames.mean(0),
    "max": lambda frames: frames.amax(0),
    "last": lambda frames: frames[-1],
}


@pytest.mark.parametrize("norm", ["layer", "group"])
@pytest.mark.parametrize("family", ["Wav2Vec2", "Hubert", "WavLM", "UniSpeechSat"])
def test_waveforms_of_any_length_are_as_each_alone(tmp_path: Path, family: str, norm: str) -> None:
    """Padded and masked together, or clips of one length together: never as the padding would have it."""
    folder = wave_network(tmp_path / "waves", family, norm)
    model = open_model(f"hf:{folder}")
    assert isinstance(model, Model)
    assert (model.kind, model.layers) == ("audio", LAYERS)
    given = model.forward(batch(model, sounds()))
    assert given.source_probabilities is None
    for row, (states, _) in enumerate(own(folder, sounds())):
        for layer, frames in zip(LAYERS, states):
            assert np.allclose(given.features[layer][row], frames.mean(0), atol=1e-5)


@pytest.mark.parametrize("pool", POOLINGS)
def test_poolings_of_waveforms(wav2vec2: Path, pool: str) -> None:
    model = open_model(f"hf:{wav2vec2}?pool={pool}")
    given = model.forward(batch(model, sounds()))
    for row, (states, _) in enumerate(own(wav2vec2, sounds())):
        for layer, frames in zip(LAYERS, states):
            assert np.allclose(given.features[layer][row], POOLINGS[pool](frames), atol=1e-5)


def test_padding_is_used_and_would_be_seen(wav2vec2: Path) -> None:
    """The test above tests something: these clips do go together, and unmasked they differ."""
    model = open_model(f"hf:{wav2vec2}")
    pieces = list(model.feed.pieces(batch(model, sounds())))  # type: ignore[attr-defined]
    assert [piece.rows.tolist() for piece in pieces] == [[0, 3], [4], [1, 5], [2]]
    with torch.no_grad():
        values = pieces[0].inputs["input_values"]
        unmasked = model.module(values).last_hidden_state[1]  # type: ignore[attr-defined]
    ((alone, _),) = own(wav2vec2, sounds()[3:4])
    assert (unmasked.mean(0) - alone[-1].mean(0)).abs().max() > 0.01


@pytest.mark.parametrize("pool", POOLINGS)
@pytest.mark.parametrize("head", ["Model", "ForConditionalGeneration"])
def test_whisper_is_pooled_where_there_is_sound(tmp_path: Path, pool: str, head: str) -> None:
    folder = whisper(tmp_path / "whisper", head)
    model = open_model(f"hf:{folder}?pool={pool}")
    clips = sounds((16000, 9000, 1, 319, 320, 321))
    given = model.forward(batch(model, clips))
    assert (model.kind, model.layers) == ("audio", LAYERS)
    extractor = transformers.AutoFeatureExtractor.from_pretrained(folder)
    encoder = transformers.WhisperModel.from_pretrained(folder).get_encoder()
    for row, (clip, (states, _)) in enumerate(zip(clips, own(folder, clips))):
        mask = extractor(clip.samples, sampling_rate=RATE, return_attention_mask=True)["attention_mask"][0]
        heard = int(encoder._get_feat_extract_output_lengths(torch.tensor(int(sum(mask)))))
        for layer, frames in zip(LAYERS, states):
            assert np.allclose(given.features[layer][row], POOLINGS[pool](frames[:heard]), atol=1e-5)


def test_only_the_encoder_of_whisper_is_run(tmp_path: Path) -> None:
    folder = whisper(tmp_path / "whisper")
    encoder = transformers.WhisperModel.from_pretrained(folder).get_encoder()
    model = open_model(f"hf:{folder}")
    assert model.parameters == sum(weight.numel() for weight in encoder.parameters())  # type: ignore[attr-defined]


def test_a_spectrogram_transformer_gives_what_its_head_sees(tmp_path: Path) -> None:
    folder = spectrogram_transformer(tmp_path / "ast")
    model, mean = open_model(f"hf:{folder}"), open_model(f"hf:{folder}?pool=mean")
    assert model.preprocess == mean.preprocess
    given, of_patches = (each.forward(batch(each, sounds())).features for each in (model, mean))
    for row, (states, whole) in enumerate(own(folder, sounds())):
        assert np.allclose(given["layer2"][row], whole.pooler_output[0], atol=1e-5)
        assert np.allclose(given["layer1"][row], states[1][:2].mean(0), atol=1e-5)
        frames = 1 + (min(LENGTHS[row], 63 * 160 + 400) - 400) // 160
        patches = states[2][2:].reshape(5, 15, 16)[:, : -(-frames // 4)]  # those that begin in the sound
        assert np.allclose(of_patches["layer2"][row], patches.mean((0, 1)), atol=1e-5)


def test_empty_filters_of_the_well_known_networks_are_no_matter(tmp_path: Path) -> None:
    config = transformers.ASTConfig(max_length=64, **SMALL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        extractor = transformers.ASTFeatureExtractor(max_length=64)
    model = open_model(f"hf:{save(tmp_path / 'ast', transformers.ASTModel, config, extractor)}")
    assert model.forward(batch(model, sounds((9000,)))).features["layer2"].shape == (1, 16)


@pytest.mark.parametrize("family", ["Wav2Vec2", "WavLM"])
def test_the_head_of_a_classifier_gives_source_probabilities(tmp_path: Path, family: str) -> None:
    folder = wave_network(tmp_path / "head", family, "layer", "ForSequenceClassification", num_labels=5)
    check_head(folder, transformers.AutoModelForAudioClassification.from_pretrained(folder).eval())


def test_the_heads_of_spectrograms_give_source_probabilities(tmp_path: Path) -> None:
    for make in (spectrogram_transformer, whisper):
        folder = make(tmp_path / make.__name__, "ForAudioClassification", num_labels=5)
        check_head(folder, transformers.AutoModelForAudioClassification.from_pretrained(folder).eval())


def check_head(folder: Path, network: Any) -> None:
    model = open_model(f"hf:{folder}")
    given = model.forward(batch(model, sounds()))
    assert model.layers == LAYERS
    assert given.source_probabilities is not None
    extractor = transformers.AutoFeatureExtractor.from_pretrained(folder)
    for row, clip in enumerate(sounds()):
        inputs = extractor(clip.samples, sampling_rate=RATE, return_tensors="pt")
        with torch.no_grad():
            wanted = network(inputs[network.main_input_name]).logits[0].softmax(0)
        assert np.allclose(given.source_probabilities[row], wanted, atol=1e-5)


def test_a_checkpoint_without_the_vector_that_only_training_uses(tmp_path: Path) -> None:
    """As the well-known ones that were made for the recognition of speech."""
    folder = wave_network(tmp_path / "ctc", "Wav2Vec2", "group", "ForCTC", vocab_size=9)
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    del weights["wav2vec2.masked_spec_embed"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    assert open_model(f"hf:{folder}").layers == LAYERS


def test_another_rate_is_resampled(wav2vec2: Path) -> None:
    from scipy.signal import resample_poly

    model = open_model(f"hf:{wav2vec2}")
    high = sounds((22050,), 44100)[0]
    low = Sound(np.asarray(resample_poly(high.samples, 160, 441), dtype=np.float32), RATE)
    one, other = (model.forward(batch(model, [clip])).features["layer2"] for clip in (high, low))
    assert np.array_equal(one, other)


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 48000, 44099])
def test_a_tone_keeps_its_pitch(rate: int) -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(rate) / rate).astype(np.float32)
    made = resampled(tone, rate, RATE)
    assert (made.dtype, len(made)) == (np.float32, RATE)
    wanted = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    assert np.abs(made - wanted)[400:-400].max() < 0.01


def test_what_is_cut_and_what_is_filled_up_is_counted(wav2vec2: Path) -> None:
    model = open_model(f"hf:{wav2vec2}?max_seconds=0.25")
    clips = sounds((16000, 4000, 4001, NEEDED, NEEDED - 1))
    given = model.forward(batch(model, clips))
    assert given.counted == {
        "sounds longer than 0.25 seconds were cut": 2,
        "sounds shorter than 0.0028125 seconds were filled up with silence": 1,
    }
    cut = [Sound(clip.samples[:4000], RATE) for clip in clips[:4]]
    cut.append(Sound(np.pad(clips[4].samples, (0, 1)), RATE))
    for row, (states, _) in enumerate(own(wav2vec2, cut)):
        assert np.allclose(given.features["layer2"][row], states[-1].mean(0), atol=1e-5)


def test_what_a_window_does_not_hold_is_cut(tmp_path: Path) -> None:
    model = open_model(f"hf:{whisper(tmp_path / 'whisper')}")
    given = model.forward(batch(model, sounds((16000, 16001))))
    assert given.counted["sounds longer than 1 seconds were cut"] == 1
    short = open_model(f"hf:{tmp_path / 'whisper'}?max_seconds=0.5")
    whole, half = sounds((16000,)), [Sound(sounds((16000,))[0].samples[:8000], RATE)]
    one, other = short.forward(batch(short, whole)), model.forward(batch(model, half))
    assert np.array_equal(one.features["layer2"], other.features["layer2"])


def test_batches_and_order_do_not_change_what_comes(wav2vec2: Path) -> None:
    model = open_model(f"hf:{wav2vec2}")
    clips = sounds()
    whole = model.forward(batch(model, clips * 7)).features["layer2"]
    turned = model.forward(batch(model, clips[::-1])).features["layer2"][::-1]
    assert np.allclose(whole[:6], turned, atol=1e-6)
    assert np.allclose(whole[-6:], turned, atol=1e-6)


def test_networks_of_one_extractor_share_what_is_decoded(wav2vec2: Path, tmp_path: Path) -> None:
    other = wave_network(tmp_path / "hubert", "Hubert", "layer")
    same, cut = open_model(f"hf:{other}"), open_model(f"hf:{other}?max_seconds=2")
    assert open_model(f"hf:{wav2vec2}").preprocess == same.preprocess != cut.preprocess
    assert hash(open_model(f"hf:{wav2vec2}?pool=max").preprocess) == hash(same.preprocess)


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ("pool=cls", UnknownNameError, r"no pooling 'cls'\. There are: last, max, mean"),
        (
            "max_length=9",
            InputError,
            "sounds, which have no length in tokens: give max_seconds, not max_length",
        ),
        ("max_seconds=long", InputError, "max_seconds is a positive number of seconds; got 'long'"),
        ("max_seconds=0", InputError, "max_seconds is a positive number of seconds; got 0"),
        ("max_seconds=0.001", InputError, "needs at least 0.0028125 seconds: raise max_seconds=0.001"),
        ("num_hidden_layer=1", UnknownNameError, "Did you mean 'num_hidden_layers'"),
        ("max_second=1", UnknownNameError, "Did you mean 'max_seconds'"),
    ],
)
def test_options_that_cannot_be(wav2vec2: Path, options: str, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        open_model(f"hf:{wav2vec2}?{options}")


def test_seconds_of_a_network_that_hears_nothing(tmp_path: Path) -> None:
    network = transformers.BertModel(transformers.BertConfig(vocab_size=9, **SMALL), add_pooling_layer=False)
    network.save_pretrained(tmp_path)
    with pytest.raises(
        InputError, match="takes texts, which have no length in seconds: leave max_seconds out"
    ):
        open_model(f"hf:{tmp_path}?max_seconds=3")


def test_more_seconds_than_a_window_holds(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="takes at most 1 seconds: lower max_seconds=1.5"):
        open_model(f"hf:{whisper(tmp_path / 'whisper')}?max_seconds=1.5")


def test_extractors_that_cannot_be_used(wav2vec2: Path, tmp_path: Path) -> None:
    for file in wav2vec2.iterdir():
        shutil.copy(file, tmp_path)
    (tmp_path / "preprocessor_config.json").unlink()
    with pytest.raises(ModelError, match="cannot be loaded: "):
        open_model(f"hf:{tmp_path}")
    transformers.SeamlessM4TFeatureExtractor().save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="what a SeamlessM4TFeatureExtractor makes: there is no adapter"):
        open_model(f"hf:{tmp_path}")


def test_names_print_back(wav2vec2: Path) -> None:
    name = f"hf:{wav2vec2}?max_seconds=2.5&pool=max"
    assert open_model(name).name == str(ModelSpec.parse(name)) == name


def test_half_precision(wav2vec2: Path) -> None:
    exact, half = (open_model(f"hf:{wav2vec2}?precision={precision}") for precision in ("fp32", "bf16"))
    one, other = (model.forward(batch(model, sounds())).features["layer2"] for model in (exact, half))
    assert other.dtype == np.float32
    assert 0 < np.abs(one - other).max() < 0.2


@pytest.fixture
def tones(tmp_path: Path) -> Path:
    """Two classes of noisy tones, low and high, as files of several formats, rates and lengths."""
    soundfile = pytest.importorskip("soundfile", reason="soundfile is not installed")
    rng = np.random.default_rng(0)
    for label, pitch in (("low 🎻", 220), ("high", 1760)):
        (tmp_path / "tones" / label).mkdir(parents=True)
        for place in range(24):
            rate = (16000, 8000, 22050)[place % 3]
            time = np.arange(int(rate * rng.uniform(0.2, 0.5))) / rate
            wave = 0.3 * np.sin(2 * np.pi * pitch * time) + 0.02 * rng.standard_normal(len(time))
            suffix = ("wav", "flac")[place % 2]
            soundfile.write(tmp_path / "tones" / label / f"{place:02}.{suffix}", wave, rate)
    return tmp_path / "tones"


def test_a_ranking_of_a_folder_of_sounds(wav2vec2: Path, tones: Path, tmp_path: Path) -> None:
    names = [f"hf:{wav2vec2}?max_seconds=0.4", f"hf:{whisper(tmp_path / 'whisper')}"]
    ranking = rank(names, tones, metrics=["logme", "knn_accuracy"])
    assert [row.error for row in ranking.rows] == [None, None]
    assert {row.columns for row in ranking.rows} == {16}
    assert all(row.scores["knn_accuracy"] > 0.9 for row in ranking.rows)
    cut = next(row for row in ranking.rows if "max_seconds" in row.model)
    assert any("of 48 sounds longer than 0.4 seconds were cut." in note for note in cut.notes)


def test_features_are_kept_until_a_file_or_a_length_changes(
    wav2vec2: Path, tones: Path, tmp_path: Path
) -> None:
    soundfile = pytest.importorskip("soundfile", reason="soundfile is not installed")
    name, cache = f"hf:{wav2vec2}", tmp_path / "cache"
    first = extract(name, tones, cache=cache).layers["layer2"][:]
    again = extract(name, tones, cache=cache)
    assert again.seconds == 0
    assert np.array_equal(again.layers["layer2"][:], first)
    shorter = extract(f"{name}?max_seconds=0.1", tones, cache=cache).layers["layer2"][:]
    assert np.abs(shorter - first).max() > 1e-3
    soundfile.write(tones / "high" / "00.wav", np.zeros(8000), RATE)
    changed = np.abs(extract(name, tones, cache=cache).layers["layer2"][:] - first).max(1) > 1e-6
    assert changed.tolist() == [True] + [False] * 47


def test_the_identity_hangs_on_the_extractor(wav2vec2: Path, tmp_path: Path) -> None:
    for file in wav2vec2.iterdir():
        shutil.copy(file, tmp_path)
    assert model_identity(f"hf:{tmp_path}") == model_identity(f"hf:{wav2vec2}")
    transformers.Wav2Vec2FeatureExtractor(do_normalize=False).save_pretrained(tmp_path)
    assert model_identity(f"hf:{tmp_path}") != model_identity(f"hf:{wav2vec2}")


def test_other_kinds_of_data_are_refused(wav2vec2: Path, tones: Path) -> None:
    with pytest.raises(InputError, match="takes sounds but the data set 'arrays' holds texts"):
        extract(f"hf:{wav2vec2}", (["a", "b"], [0, 1]))
    with pytest.raises(InputError, match="takes images but the data set 'tones' holds sounds"):
        extract("zoo:resnet-mnist", open_dataset(tones))


@pytest.mark.parametrize("truncation", ["rand_trunc", "fusion"])
def test_the_half_of_clap_that_hears(tmp_path: Path, truncation: str) -> None:
    audio = {
        "hidden_size": 32,
        "depths": [1, 1],
        "num_attention_heads": [2, 2],
        "patch_embeds_hidden_size": 16,
        "spec_size": 64,
        "num_mel_bins": 16,
        "window_size": 4,
        "enable_fusion": truncation == "fusion",
        "aff_block_r": 2,
    }
    text = {"vocab_size": 20, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = transformers.ClapConfig(text_config=text, audio_config=audio)
    extractor = transformers.ClapFeatureExtractor(
        feature_size=16,
        sampling_rate=8000,
        max_length_s=2,
        hop_length=80,
        frequency_max=4000,
        truncation=truncation,
    )
    folder = save(tmp_path / "clap", transformers.ClapModel, config, extractor)
    network = transformers.ClapModel.from_pretrained(folder).eval().audio_model
    model = open_model(f"hf:{folder}")
    assert (model.kind, model.layers) == ("audio", LAYERS)
    clips = sounds((16000, 9000, 500), 8000)
    given = model.forward(batch(model, clips))
    for row, clip in enumerate(clips):
        with torch.no_grad():
            inputs = extractor(clip.samples, sampling_rate=8000, return_tensors="pt")
            whole = network(**inputs, output_hidden_states=True)
        assert np.allclose(given.features["layer2"][row], whole.pooler_output[0], atol=1e-5)
        assert np.allclose(given.features["layer1"][row], whole.hidden_states[1][0].mean((1, 2)), atol=1e-5)
