#!/usr/bin/env python3
"""product.py M N K PREFIX: integer-valued bf16 operands of D = A B^T + bias and the exact result, as bare bytes.

Writes PREFIX.a.bin (MxK), PREFIX.b.bin (NxK), PREFIX.bias.bin (N) and PREFIX.d.bin (MxN, rounded once to bf16)."""
import array
import operator
import random
import struct
import sys


def bf16(value):
    bits = struct.unpack("<I", struct.pack("<f", value))[0]
    return (bits + 0x7FFF + (bits >> 16 & 1)) >> 16


def write(path, rows):
    with open(path, "wb") as out:
        for row in rows:
            array.array("H", map(bf16, row)).tofile(out)


def main():
    m, n, k = map(int, sys.argv[1:4])
    prefix = sys.argv[4]
    draw = random.Random(1).randint
    a = [[draw(-4, 4) for _ in range(k)] for _ in range(m)]
    b = [[draw(-4, 4) for _ in range(k)] for _ in range(n)]
    bias = [draw(-4, 4) for _ in range(n)]
    write(prefix + ".a.bin", a)
    write(prefix + ".b.bin", b)
    write(prefix + ".bias.bin", [bias])
    # Sums of integers below 2^24 are exact in f32.
    write(prefix + ".d.bin", ([sum(map(operator.mul, x, y)) + z for y, z in zip(b, bias)] for x in a))


main()
