"""torch tensors and DLPack objects on a GPU: used where they are, on the caller's stream."""

import importlib.util

import numpy as np
import pytest

import mpgemm

torch = None  # optional: the package itself never imports it
if importlib.util.find_spec("torch"):
    import torch

on_gpu = pytest.mark.skipif(torch is None or not torch.cuda.is_available(), reason="needs a GPU and torch")

PRODUCT = """
func.func @main(%a: tensor<?x64xbf16>, %b: tensor<64x48xbf16>) -> tensor<?x48xbf16> {
  %d = mpgemm.matmul(%a : tensor<?x64xbf16>, %b : tensor<64x48xbf16>) accumulate <f32> -> tensor<?x48xbf16>
  return %d : tensor<?x48xbf16>
}
"""


@pytest.fixture
def program(vector_add):
    return mpgemm.load(vector_add, "cuda")


@on_gpu
def test_cuda_tensors_in_cuda_tensor_out(program):
    x, y = torch.randn(33, 4, device="cuda"), torch.randn(33, 4, device="cuda")
    result = program.main(x, y)
    assert isinstance(result, torch.Tensor) and result.device == x.device
    assert torch.equal(result, x + y + y)


@on_gpu
def test_an_inout_tensor_is_written_where_it_is(program):
    accumulator, x = torch.randn(50, device="cuda"), torch.randn(50, device="cuda")
    expected, address = accumulator + x, accumulator.data_ptr()
    result = program.accumulate(accumulator, x)
    assert result.data_ptr() == address and torch.equal(result, expected)


@on_gpu
def test_calls_are_ordered_on_the_current_stream(program):
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        x = torch.ones(100000, 4, device="cuda")
        for _ in range(20):  # each reads what the one before wrote
            x = program.main(x, torch.ones_like(x))
        total = x.sum()
    stream.synchronize()
    assert total.item() == 41 * 400000


@on_gpu
def test_calls_can_be_captured_into_a_graph_of_torch(program):
    x, y = torch.randn(33, 4, device="cuda"), torch.randn(33, 4, device="cuda")
    program.main(x, y)  # makes the context large enough: nothing is allocated inside the capture
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        result = program.main(x, y)
    x.add_(1)
    graph.replay()
    torch.cuda.synchronize()
    assert torch.equal(result, x + y + y)


@on_gpu
def test_bf16_tensors_go_without_a_detour():
    program = mpgemm.load(mpgemm.compile(PRODUCT, "sm_80"), "cuda")
    a = torch.randint(-3, 4, (37, 64), device="cuda").to(torch.bfloat16)
    b = torch.randint(-3, 4, (64, 48), device="cuda").to(torch.bfloat16)
    got = program(a, b)
    assert got.dtype == torch.bfloat16
    assert torch.equal(got, (a.float() @ b.float()).to(torch.bfloat16))


@on_gpu
def test_tensors_that_are_not_dense_are_refused(program):
    x = torch.randn(4, 33, device="cuda").T
    with pytest.raises(ValueError, match="contiguous"):
        program.main(x, x)


@on_gpu
def test_tensors_of_another_device_are_refused(vector_add):
    simulated = mpgemm.load(vector_add, "sim")
    x = torch.randn(3, 4, device="cuda")
    with pytest.raises(ValueError, match="cuda:0.*sim"):
        simulated.main(x, x)


@on_gpu
def test_device_arrays_become_tensors_through_dlpack(program):
    x = np.random.default_rng(0).standard_normal((9, 4)).astype(np.float32)
    array = program.device.put(x)
    program.device.synchronize()
    tensor = torch.from_dlpack(array)
    assert tensor.data_ptr() == array.address
    del array
    np.testing.assert_array_equal(tensor.cpu().numpy(), x)


@on_gpu
def test_dlpack_objects_on_the_gpu_are_used_in_place(program):
    class Wrapped:
        def __init__(self, tensor):
            self.tensor = tensor

        def __dlpack__(self, **options):
            return self.tensor.__dlpack__(**options)

        def __dlpack_device__(self):
            return self.tensor.__dlpack_device__()

    x, y = torch.randn(9, 4, device="cuda"), torch.randn(9, 4, device="cuda")
    result = program.main(Wrapped(x), Wrapped(y))
    assert isinstance(result, mpgemm.DeviceArray)
    np.testing.assert_array_equal(result.numpy(), (x + y + y).cpu().numpy())


@pytest.mark.skipif(torch is None, reason="torch is only on machines with a GPU")
def test_cpu_tensors_are_copied_and_come_back_as_cpu_tensors():
    program = mpgemm.load(mpgemm.compile(PRODUCT, "sm_80"), "sim:arch=sm_80")
    a = torch.randint(-3, 4, (5, 64)).to(torch.bfloat16)
    b = torch.randint(-3, 4, (64, 48)).to(torch.bfloat16)
    got = program(a, b)
    assert got.dtype == torch.bfloat16 and torch.equal(got, (a.float() @ b.float()).to(torch.bfloat16))
