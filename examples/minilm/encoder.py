"""What comes before the MLP block: tokens, embeddings and attention of layer 0, in NumPy.

The result, one row of 384 values a token, is what the MLP block of the real model sees for the sentence.
"""

import re
import unicodedata
import zlib

import numpy as np

from weights import HEADS, HIDDEN, VOCABULARY, Weights


def tokenize(sentence: str, vocabulary: dict[str, int] | None) -> list[int]:
    """WordPiece: words and punctuation in lower case without accents, the longest known piece first."""
    plain = unicodedata.normalize("NFD", sentence.lower())
    plain = "".join(c for c in plain if unicodedata.category(c) != "Mn")
    words = re.findall(r"\w+|[^\w\s]", plain)
    if vocabulary is None:  # random weights have no vocabulary: any fixed numbering will do
        return [101, *(1000 + zlib.crc32(word.encode()) % (VOCABULARY - 1000) for word in words), 102]
    pieces = ["[CLS]"]
    for word in words:
        pieces += split_word(word, vocabulary)
    return [vocabulary[piece] for piece in (*pieces, "[SEP]")]


def split_word(word: str, vocabulary: dict[str, int]) -> list[str]:
    """The pieces of a word, all but the first marked with ##; a word that cannot be split is unknown."""
    pieces, begin = [], 0
    while begin < len(word):
        prefix = "##" if begin else ""
        ends = range(len(word), begin, -1)
        end = next((end for end in ends if prefix + word[begin:end] in vocabulary), None)
        if end is None:
            return ["[UNK]"]
        pieces.append(prefix + word[begin:end])
        begin = end
    return pieces


def layer_norm(x: np.ndarray, weights: Weights, name: str) -> np.ndarray:
    centred = x - x.mean(axis=-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-12)
    return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def linear(x: np.ndarray, weights: Weights, name: str) -> np.ndarray:
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def mlp_input(tokens: list[int], weights: Weights) -> np.ndarray:
    """The activations that enter the MLP block of layer 0, as float32: tokens x 384."""
    count = len(tokens)
    x = weights["embeddings.word_embeddings.weight"][tokens]
    x = x + weights["embeddings.position_embeddings.weight"][:count]
    x = x + weights["embeddings.token_type_embeddings.weight"][0]
    x = layer_norm(x, weights, "embeddings.LayerNorm")

    name = "encoder.layer.0.attention"
    parts = [linear(x, weights, f"{name}.self.{part}") for part in ("query", "key", "value")]
    # tokens x 384 -> heads x tokens x 32
    query, key, value = (part.reshape(count, HEADS, HIDDEN // HEADS).swapaxes(0, 1) for part in parts)
    scores = query @ key.swapaxes(1, 2) / np.sqrt(HIDDEN // HEADS)
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    mixed = (shares @ value).swapaxes(0, 1).reshape(count, HIDDEN)
    return layer_norm(x + linear(mixed, weights, f"{name}.output.dense"), weights, f"{name}.output.LayerNorm")
