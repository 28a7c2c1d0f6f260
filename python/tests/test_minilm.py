"""The example: its tokenizer, its text, its reference; the whole block is what scripts/demo runs."""

import encoder
import model
import numpy as np
import pytest
import weights

import mpgemm
from mpgemm import reference


def test_words_are_split_into_the_longest_known_pieces():
    vocabulary = {piece: i for i, piece in enumerate(["[UNK]", "[CLS]", "[SEP]", "un", "##believ", "##able", "!", "cafe"])}
    assert encoder.tokenize("Unbelievable café!", vocabulary) == [1, 3, 4, 5, 7, 6, 2]
    assert encoder.split_word("xyz", vocabulary) == ["[UNK]"]


def test_random_weights_say_that_they_are_random_and_stay_the_same():
    drawn, again = weights.Weights.random(), weights.Weights.random()
    assert not drawn.real and "random" in drawn.origin
    name = model.PARAMETERS["up_weight"]
    assert drawn[name].shape == (1536, 384)
    np.testing.assert_array_equal(drawn[name], again[name])


def test_activations_are_those_of_a_layer_norm():
    drawn = weights.Weights.random()
    x = encoder.mlp_input(encoder.tokenize("one two three", None), drawn)
    assert x.shape == (5, 384) and np.isfinite(x).all()


def test_safetensors_are_read_as_they_are_written(tmp_path):
    header = b'{"t":{"dtype":"F32","shape":[2,2],"data_offsets":[4,20]}}'
    data = np.arange(5, dtype=np.float32).tobytes()
    (tmp_path / "x.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + data)
    np.testing.assert_array_equal(weights.read_safetensors(tmp_path / "x.safetensors")("t"), [[1, 2], [3, 4]])


@pytest.mark.parametrize("element", ["bf16", "f16"])
@pytest.mark.parametrize("tokens", [7, None])
@pytest.mark.parametrize("target", ["sm_90a", "sm_80"])
def test_the_block_runs_within_its_bound(element, tokens, target):
    drawn = weights.Weights.random()
    values = model.parameters(drawn, element)
    x = np.random.default_rng(1).standard_normal((7, 384)).astype(model.DTYPES[element])
    artifact = mpgemm.compile(model.mlir_text(values, element, tokens), target)
    program = mpgemm.load(artifact, f"sim:arch={target}")
    steps = artifact.manifest["functions"][0]["steps"]
    assert len(steps) == 2, steps  # all else went into the two products
    most = 1 if tokens else 6  # for any number of tokens a launch chooses among a few kernels
    assert all(len({variant["kernel"] for variant in step["variants"]}) <= most for step in steps)
    reference.check(program.main(x), model.reference_of(x, values, element), name="y")
