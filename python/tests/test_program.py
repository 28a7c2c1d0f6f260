"""Loading and calling programs, on the simulator; on a GPU where there is one."""

import gc
import threading

import numpy as np
import pytest

import mpgemm


def devices():
    try:
        has_gpu = mpgemm.cuda_device_count() > 0
    except mpgemm.Error:
        has_gpu = False
    reason = "needs a GPU"
    return ["sim:sms=2", pytest.param("cuda", marks=pytest.mark.skipif(not has_gpu, reason=reason))]


@pytest.fixture(params=devices())
def program(request, vector_add):
    return mpgemm.load(vector_add, request.param)


def values(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def test_numpy_arrays_in_numpy_array_out(program):
    x, y = values(37, 4), values(37, 4, seed=1)
    result = program.main(x, y)
    assert isinstance(result, np.ndarray) and result.dtype == np.float32
    np.testing.assert_array_equal(result, x + y + y)


def test_symbolic_sizes_may_change_between_calls(program):
    for rows in (3, 300, 1, 65):
        x, y = values(rows, 4), values(rows, 4, seed=1)
        np.testing.assert_array_equal(program.main(x, y), x + y + y)


def test_no_rows_are_no_error(program):
    assert program.main(values(0, 4), values(0, 4)).shape == (0, 4)


def test_arrays_that_are_not_contiguous_are_copied_in_order(program):
    x, y = values(4, 8).T, values(16, 4)[::2]
    np.testing.assert_array_equal(program.main(x, y), x + y + y)


def test_an_argument_that_the_function_writes_is_written_in_place(program):
    accumulator, x = values(50), values(50, seed=1)
    expected = accumulator + x
    result = program.accumulate(accumulator, x)
    assert result is accumulator
    np.testing.assert_array_equal(accumulator, expected)


def test_constants_of_the_artifact_and_its_init_function_are_used(program):
    x = values(8)
    first = program.plus_twice(np.zeros(8, np.float32))
    assert first.any()
    np.testing.assert_array_equal(program.plus_twice(x), x + first)


def test_result_shapes_are_computed_from_expressions(program):
    assert program.pad.result_shapes((5,)) == [(9,)]
    padded = program.pad(np.arange(3, dtype=np.float32))
    np.testing.assert_array_equal(padded, [0, 0, 0, 0, 0, 1, 2])


def test_device_arrays_stay_on_the_device(program):
    x, y = values(10, 4), values(10, 4, seed=1)
    result = program.main(program.device.put(x), program.device.put(y))
    assert isinstance(result, mpgemm.DeviceArray)
    np.testing.assert_array_equal(result.numpy(), x + y + y)
    again = program.main(result, program.device.put(y))
    np.testing.assert_array_equal(again.numpy(), x + y + y + y + y)


def test_dlpack_objects_on_the_host_are_read(program):
    class Wrapped:
        def __init__(self, array):
            self.array = array

        def __dlpack__(self, **options):
            return self.array.__dlpack__(**options)

        def __dlpack_device__(self):
            return self.array.__dlpack_device__()

    x, y = values(6, 4), values(6, 4, seed=1)
    np.testing.assert_array_equal(program.main(Wrapped(x), y), x + y + y)


def test_device_arrays_can_be_read_through_dlpack(vector_add):
    program = mpgemm.load(vector_add, "sim")
    x = values(6, 4)
    np.testing.assert_array_equal(np.from_dlpack(program.device.put(x)), x)


def test_graph_launches_give_the_same_bits(program):
    x, y = values(33, 4), values(33, 4, seed=1)
    for _ in range(3):
        np.testing.assert_array_equal(program.main(x, y, graph=True), program.main(x, y))


def test_threads_share_a_program(program):
    wrong = []

    def work(seed):
        for round_ in range(5):
            x, y = values(20 + seed, 4, seed=seed), values(20 + seed, 4, seed=round_)
            if not np.array_equal(program.main(x, y), x + y + y):
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_functions_outlive_the_name_of_their_program(vector_add):
    main = mpgemm.load(vector_add, "sim").main
    gc.collect()
    x = values(2, 4)
    np.testing.assert_array_equal(main(x, x), 3 * x)


def test_kernels_and_manifest_are_described(program):
    assert program.kernels[0].name == "add_scaled" and program.kernels[0].block == (128, 1, 1)
    assert program.manifest["format"] == 1
    assert str(program.main.arguments[0]) == "x: s0x4xf32"


# What is refused, and how it is said ------------------------------------------------------------------------


def test_a_missing_artifact_is_named(tmp_path):
    with pytest.raises(mpgemm.Error, match="nowhere.ptx"):
        mpgemm.load(tmp_path / "nowhere.ptx", "sim")


def test_a_truncated_artifact_is_refused(vector_add, tmp_path):
    text = vector_add.read_text()
    (tmp_path / "cut.ptx").write_text(text[: len(text) - 40])
    with pytest.raises(mpgemm.Error) as caught:
        mpgemm.load(tmp_path / "cut.ptx", "sim")
    assert caught.value.status == "invalid artifact"


def test_an_unknown_device_is_refused(vector_add):
    with pytest.raises(mpgemm.Error, match="sms=none"):
        mpgemm.load(vector_add, "sim:sms=none")


def test_a_missing_gpu_is_explained(vector_add):
    if mpgemm.cuda_device_count():
        pytest.skip("this machine has a GPU: CUDA is there")
    with pytest.raises(mpgemm.Error) as caught:
        mpgemm.load(vector_add, "cuda")
    assert "cuda" in str(caught.value).lower()


def test_a_wrong_type_names_both_types(program):
    with pytest.raises(mpgemm.Error, match="f32.*f64|f64.*f32"):
        program.main(np.zeros((2, 4)), values(2, 4))


def test_a_wrong_shape_names_the_argument(program):
    with pytest.raises(mpgemm.Error, match="'?x'?.*4|4.*'?x'?"):
        program.main(values(2, 5), values(2, 5))


def test_sizes_that_disagree_are_refused(program):
    with pytest.raises(mpgemm.Error, match="s0"):
        program.main(values(2, 4), values(3, 4))


def test_the_number_of_arguments_is_checked(program):
    with pytest.raises(TypeError, match="takes 2 arguments.*got 1"):
        program.main(values(2, 4))


def test_things_that_are_no_arrays_are_refused(program):
    with pytest.raises(TypeError, match="argument 1 .'y'. of main is a list"):
        program.main(values(2, 4), [1.0])


def test_an_unknown_function_lists_the_known(program):
    with pytest.raises(KeyError, match="main, plus_twice"):
        program["forward"]
    with pytest.raises(AttributeError, match="main, plus_twice"):
        program.forward
    with pytest.raises(TypeError, match="name one"):
        program(values(2, 4))


def test_a_failed_assert_carries_its_message(program):
    with pytest.raises(mpgemm.Error, match="too many rows"):
        program.main.result_shapes((1000001, 4), (1000001, 4))
        big = np.zeros((1000001, 4), np.float32)
        program.main(big, big)


def test_the_library_is_not_looked_for_elsewhere_than_named(monkeypatch, tmp_path):
    from mpgemm import _locate

    monkeypatch.setenv("MPGEMM_BUILD_DIR", str(tmp_path))
    with pytest.raises(mpgemm.LibraryNotFound, match="MPGEMM_BUILD_DIR"):
        _locate.runtime_library()


def test_layers_are_observed_behind_their_step(program):
    assert program.main.layers == ["main.0", "main.1"]
    assert program.plus_twice.layers == []
    x, y = values(5, 4), values(5, 4, seed=1)
    seen = []
    result = program.main(x, y, observe=seen.append)
    np.testing.assert_array_equal(result, x + y + y)
    assert [layer.name for layer in seen] == ["main.0", "main.1"]
    np.testing.assert_array_equal(seen[0].a.numpy(), x)
    np.testing.assert_array_equal(seen[0].b.numpy(), y)
    assert seen[1].b is None
    np.testing.assert_array_equal(seen[0].results[0].codes, x + y)
    np.testing.assert_array_equal(seen[1].results[0].codes, result)


def test_what_an_observer_raises_ends_the_call(program):
    def look(layer):
        raise KeyError(layer.name)

    with pytest.raises(KeyError, match="main.0"):
        program.main(values(5, 4), values(5, 4), observe=look)
    with pytest.raises(mpgemm.Error, match="inside a CUDA graph"):
        program.main(values(5, 4), values(5, 4), observe=look, graph=True)
    x, y = values(2, 4), values(2, 4)
    np.testing.assert_array_equal(program.main(x, y), x + y + y)


def test_codes_are_multiplied_by_the_scale_of_their_group():
    from mpgemm._observe import Values

    codes = np.array([[1, 2, 3, 4], [5, 6, 7, 8]], np.int8)
    scale = np.array([[10, 0.5]], np.float32)
    np.testing.assert_array_equal(Values(codes, scale).numpy(), [[10, 20, 1.5, 2], [50, 60, 3.5, 4]])
