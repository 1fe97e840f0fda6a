"""Models as files: the same model comes back, and bad files are refused in words."""

from __future__ import annotations

import io
import json
import pickle
import re
import zipfile

import numpy as np
import pytest

import nnlib as nn
from nnlib.models import load_model


def data(n=60):
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, 4)), rng.integers(0, 3, n)


def trained(optimizer="adam", **options):
    model = nn.Sequential(
        [
            nn.Input((4,)),
            nn.Flatten(),
            nn.Dense(
                5,
                "tanh",
                name="hidden",
                kernel_initializer=nn.initializers.HeNormal(seed=np.random.default_rng(1)),
                kernel_regularizer=nn.regularizers.L1L2(0.1, 0.2),
            ),
            nn.Dropout(0.25),
            nn.Dense(3, use_bias=False),
            nn.Activation("softmax"),
        ],
        name="mine",
        seed=0,
        **options,
    )
    metrics = ["accuracy", nn.metrics.SparseCategoricalAccuracy(name="right")]
    model.compile(optimizer, nn.losses.SparseCategoricalCrossentropy(), metrics=metrics)
    model.fit(*data(), verbose=0)
    return model


OPTIMIZERS = [
    "sgd",
    nn.SGD(0.1, momentum=0.9, nesterov=True),
    nn.RMSprop(centered=True, momentum=0.5),
    nn.Adam(amsgrad=True),
    nn.Adagrad(),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: getattr(o, "__class__", o).__name__)
def test_the_same_model_comes_back_and_trains_on(optimizer, dtype, tmp_path):
    if not isinstance(optimizer, str):
        options = {
            n: getattr(optimizer, n) for n in ("learning_rate", "momentum") if hasattr(optimizer, n)
        }
        optimizer = type(optimizer)(**options)
    model, path = trained(optimizer, dtype=dtype), tmp_path / "model.npz"
    model.save(path)
    again, (x, y) = load_model(path), data()
    assert (again.name, again.dtype) == ("mine", np.dtype(dtype))
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]
    np.testing.assert_array_equal(again.predict(x), model.predict(x))
    assert again.evaluate(x, y, verbose=0) == model.evaluate(x, y, verbose=0)
    assert again.layers[1].kernel_regularizer.l2 == 0.2
    assert again.optimizer.iterations == model.optimizer.iterations == 2
    # without dropout, whose next mask is not part of the file, training goes on alike
    for m in (model, again):
        m.layers[2].rate = 0.0
        m.fit(x, y, epochs=3, shuffle=False, verbose=0)
    np.testing.assert_array_equal(again.parameters, model.parameters)


def test_a_model_that_was_not_compiled(tmp_path):
    model = nn.Sequential([nn.Input((2,)), nn.Dense(1)])
    model.save(str(tmp_path / "m.npz"))
    again = load_model(str(tmp_path / "m.npz"))
    np.testing.assert_array_equal(again.parameters, model.parameters)
    assert not again.compiled


class Mine(nn.layers.Flatten):
    pass


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (lambda: nn.Sequential([nn.Input((2,)), Mine()]), "is not part of nnlib, so a file cannot"),
        (lambda: trained(nn.SGD(lambda step: 0.1)), "is not part of nnlib, so a file cannot"),
        (lambda: nn.Sequential([nn.Dense(1)]), "has no weights to save before it knows its input"),
    ],
)
def test_what_cannot_be_saved_is_said(model, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        model().save(tmp_path / "m.npz")
    assert not (tmp_path / "m.npz").exists()


def config_of(path):
    with np.load(path) as archive:
        arrays = dict(archive)
    return json.loads(str(arrays["config"])), arrays


RUN: list[str] = []


class Bomb:
    """Unpickling it runs code, which leaves a mark."""

    def __reduce__(self):
        return (exec, (f"import sys; sys.modules[{__name__!r}].RUN.append('code')",))


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "good.npz"
    trained().save(path)
    return path


def test_every_cut_of_a_file_is_refused(good, tmp_path):
    whole = good.read_bytes()
    for size in range(0, len(whole) - 1, 97):
        (tmp_path / "cut.npz").write_bytes(whole[:size])
        with pytest.raises(
            ValueError, match=r"cut.npz' is damaged, or not a model that nnlib saved"
        ):
            load_model(tmp_path / "cut.npz")


def test_every_flipped_byte_is_refused_or_harmless(good, tmp_path):
    whole = good.read_bytes()
    for place in range(0, len(whole), 211):
        (tmp_path / "bad.npz").write_bytes(
            whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]
        )
        try:
            load_model(tmp_path / "bad.npz")
        except ValueError as error:
            assert "is damaged, or not a model that nnlib saved" in str(error)  # noqa: PT017


def foreign_files():
    npy, npz, pickled = io.BytesIO(), io.BytesIO(), io.BytesIO()
    np.save(npy, np.ones(3))
    np.savez(npz, a=np.ones(3))
    np.savez(pickled, config=np.array([Bomb()], dtype=object))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.npy", bytes(10_000_000))
    return {
        "text": b"hello",
        "empty": b"",
        "npy": npy.getvalue(),
        "npz": npz.getvalue(),
        "pickle": pickle.dumps(Bomb()),
        "pickle inside": pickled.getvalue(),
        "a bomb": packed.getvalue(),
    }


def test_a_compressed_file_is_refused_before_it_can_grow(good, tmp_path):
    _, arrays = config_of(good)
    np.savez_compressed(tmp_path / "packed.npz", **arrays)
    with pytest.raises(ValueError, match="it is compressed"):
        load_model(tmp_path / "packed.npz")


@pytest.mark.parametrize("kind", list(foreign_files()))
def test_foreign_files_are_refused(kind, tmp_path):
    path = tmp_path / "foreign"
    path.write_bytes(foreign_files()[kind])
    with pytest.raises(ValueError, match="foreign' is damaged, or not a model that nnlib saved"):
        load_model(path)
    assert RUN == []


def test_the_bomb_would_go_off():
    pickle.loads(pickle.dumps(Bomb()))
    assert RUN.pop() == "code"


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.update(format="nnlib model 99"),
        lambda c: c.update(layers=[{"class": "os.system", "command": "true"}]),
        lambda c: c.update(layers=[{"class": "layers.Dense", "units": 10**15}]),
        lambda c: c.update(layers=[{"class": "layers.Dense", "units": 4}]),
        lambda c: c.update(layers=["dense"]),
        lambda c: c.update(layers=3),
        lambda c: c.update(input_shape=[None, "a"]),
        lambda c: c.update(dtype="object"),
        lambda c: c.pop("name"),
        lambda c: c["training"].update(optimizer={"class": "layers.Dense", "units": 3}),
        lambda c: c["training"].update(iterations="many"),
        lambda c: c["training"].update(loss=None),
        lambda c: c["layers"][1].update(unknown=1),
    ],
)
def test_a_description_that_makes_no_sense_is_refused(change, good, tmp_path):
    config, arrays = config_of(good)
    change(config)
    arrays["config"] = np.array(json.dumps(config))
    np.savez(tmp_path / "odd.npz", **arrays)
    with pytest.raises(ValueError, match=r"odd.npz' is damaged, or not a model that nnlib saved"):
        load_model(tmp_path / "odd.npz")


def test_a_missing_file():
    with pytest.raises(FileNotFoundError, match=re.escape("there is no file 'nowhere.npz'")):
        load_model("nowhere.npz")
