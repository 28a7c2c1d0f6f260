"""What a machine has to have for a run, asked for before anything is measured."""

import importlib


class Refusal(SystemExit):
    """Ends the command with a message and status 1."""


def module(name: str, why: str, instead: str):
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise Refusal(f"{name} is missing ({error}): {why}; {instead}") from None


def torch_with_gpu(target: str):
    """torch, on a machine whose GPU runs code for `target`."""
    torch = module("torch", "the benchmarks hold their tensors in it", "install PyTorch with CUDA, or compile here with "
                   "benchmarks/build.py and measure on a machine that has it")  # fmt: skip
    if not torch.cuda.is_available():
        raise Refusal(f"torch {torch.__version__} sees no CUDA GPU; the benchmarks time a GPU, on other machines only benchmarks/build.py "
                      "and --draw work")  # fmt: skip
    major, minor = torch.cuda.get_device_capability()
    wanted = target.removeprefix("sm_")
    fits = wanted == f"{major}{minor}a" if wanted.endswith("a") else int(wanted) <= 10 * major + minor
    if not fits:
        raise Refusal(f"{torch.cuda.get_device_name()} is sm_{major}{minor}, it does not run code for {target}; compile for it with "
                      "--target")  # fmt: skip
    return torch


def peers(names) -> None:
    if "triton" in names:
        module("triton", "it is one of the peers", "install it, or leave it out with --peer cublaslt,torch,own")


def plotting() -> None:
    module("matplotlib", "it draws the plot", "install it, or pass --no-plot and draw later with --draw")
