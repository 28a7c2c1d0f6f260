"""Golden cases of the matrix instructions: mma.sync, wgmma, ldmatrix, stmatrix."""
import struct

import ptx

# name -> (bits, draws a random code, draws a code of a small integer)


def float_to_code(value, exponent_bits, mantissa_bits):
    """Truncating encoder that is exact for the values drawn here; any code would do, these are just ordinary numbers."""
    bits = struct.unpack("<I", struct.pack("<f", value))[0]
    sign, exponent, mantissa = bits >> 31, (bits >> 23) & 255, bits & 0x7FFFFF
    bias = (1 << (exponent_bits - 1)) - 1
    biased = exponent - 127 + bias
    if value == 0 or biased <= 0:
        return sign << (exponent_bits + mantissa_bits)
    return (sign << (exponent_bits + mantissa_bits)) | (biased << mantissa_bits) | (mantissa >> (23 - mantissa_bits))


FORMATS = {"f16": (16, 5, 10), "bf16": (16, 8, 7), "tf32": (32, 8, 23), "e4m3": (8, 4, 3), "e5m2": (8, 5, 2)}


def codes(rng, kind, count, integers):
    if kind in ("s8", "u8"):
        return bytes(rng.randrange(256) for _ in range(count))
    bits, exponent, mantissa = FORMATS[kind]
    draw = (lambda: float(rng.randint(-3, 3))) if integers else (lambda: max(-8.0, min(8.0, rng.gauss(0, 1))))
    values = [float_to_code(draw(), exponent, mantissa) for _ in range(count)]
    return b"".join(v.to_bytes(bits // 8, "little") for v in values)


def accumulators(rng, kind, count, integers):
    if kind == "s32":
        return struct.pack(f"<{count}i", *[rng.randint(-1000, 1000) for _ in range(count)])
    draw = (lambda: float(rng.randint(-9, 9))) if integers else (lambda: rng.gauss(0, 1))
    if kind == "f16":
        return b"".join(float_to_code(draw(), 5, 10).to_bytes(2, "little") for _ in range(count))
    return struct.pack(f"<{count}f", *[draw() for _ in range(count)])


def compare(acc, kind, integers, wgmma):
    """What a result may differ by. Integer-valued and s32 results match to the bit, and so does fp8 in wgmma, whose short
    accumulator shows in every sum. Otherwise the hardware aligns the terms of an instruction to the largest, truncates them 25
    fraction bits below it and the sum to f32, where the simulator rounds after each term: up to 2^-23 of the largest partial
    sum (below 64 here) for each of up to 16 terms. f16 results come from such sums by one rounding to nearest."""
    if acc == "s32" or integers or (wgmma and kind in ("e4m3", "e5m2")):
        return {"mode": "exact"}
    if acc == "f16":
        return {"mode": "close", "type": "f16x2", "rel": 2.0 ** -10, "abs": 2.0 ** -24}
    return {"mode": "close", "type": "f32", "rel": 0.0, "abs": 32 * 2.0 ** -22}


def mma_sync(rng, m, n, k, acc, a, b, integers, target="sm_80"):
    bits = 8 if a in ("s8", "u8", "e4m3", "e5m2") else 32 if a == "tf32" else 16
    regs_a, regs_b = m * k * bits // 1024, n * k * bits // 1024
    regs_c = m * n * (16 if acc == "f16" else 32) // 1024
    name = f"mma_m{m}n{n}k{k}_{acc}_{a}_{b}" + ("_int" if integers else "")
    op = f"mma.sync.aligned.m{m}n{n}k{k}.row.col.{acc}.{a}.{b}.{acc}"
    body = "\n".join([
        ptx.load_words("%rd_a", [f"%a{i}" for i in range(regs_a)], regs_a),
        ptx.load_words("%rd_b", [f"%b{i}" for i in range(regs_b)], regs_b),
        ptx.load_words("%rd_c", [f"%c{i}" for i in range(regs_c)], regs_c),
        f"  {op} {ptx.braces('%d', regs_c)}, {ptx.braces('%a', regs_a)}, {ptx.braces('%b', regs_b)}, {ptx.braces('%c', regs_c)};",
        ptx.store_words("%rd_d", [f"%d{i}" for i in range(regs_c)], regs_c)])
    text = ptx.kernel(name, [(x, "u64") for x in "abcd"], body, 32, target,
                      regs="  .reg .b32 %a<8>, %b<8>, %c<8>, %d<8>;\n")
    count = lambda regs: regs * 32 * 32 // bits
    return {"name": name, "ptx": text, "threads": 32, "params": list("abcd"),
            "buffers": {"a": codes(rng, a, count(regs_a), integers), "b": codes(rng, b, count(regs_b), integers),
                        "c": accumulators(rng, acc, m * n, integers)},
            "outputs": {"d": {"bytes": 128 * regs_c, **compare(acc, a, integers, False)}}}


SWIZZLE_MODE = {0: 0, 128: 1, 64: 2, 32: 3}


def wgmma(rng, n, acc, a, b, integers, swizzle=128, a_from="shared", trans_a=0, trans_b=0, lbo=1, sbo=64, scale_d=1, negate_a=1,
          negate_b=1, tag=""):
    """One wgmma m64nNk(32 bytes) over operand tiles of raw shared memory. The layout of the operands is whatever the descriptor
    says of random bytes, so a wrong reading of any descriptor field shows."""
    bits = 8 if a in ("s8", "u8", "e4m3", "e5m2") else 32 if a == "tf32" else 16
    k = 256 // bits
    regs_d = n // 2 if acc != "f16" else n // 4
    name = f"wgmma_m64n{n}k{k}_{acc}_{a}_{b}_sw{swizzle}" + ("_rs" if a_from == "registers" else "") + \
        ("_ta" if trans_a else "") + ("_tb" if trans_b else "") + tag + ("_int" if integers else "")
    bytes_a, bytes_b = 16384, 16384 if n <= 64 else 128 * n
    desc = (lbo << 16) | (sbo << 32) | (SWIZZLE_MODE[swizzle] << 62)
    scales = f", {negate_a}, {negate_b}" if acc in ("f32", "f16") else ""
    majors = ""
    if bits == 16:
        majors = f", {trans_b}" if a_from == "registers" else f", {trans_a}, {trans_b}"
    a_operand = ptx.braces("%a", 4) if a_from == "registers" else "%desc_a"
    body = "\n".join([
        ptx.copy_to_shared("%rd_a", bytes_a // 4, 128), ptx.copy_to_shared("%rd_b", bytes_b // 4, 128, bytes_a),
        ptx.load_words("%rd_c", [f"%d{i}" for i in range(regs_d)], regs_d),
        ptx.load_words("%rd_a", [f"%a{i}" for i in range(4)], 4),
        "  fence.proxy.async.shared::cta; bar.sync 0;",
        f"  {{ .reg .b32 %x; shr.u32 %x, %smem, 4; and.b32 %x, %x, 0x3FFF; cvt.u64.u32 %desc_a, %x; or.b64 %desc_a, %desc_a, {desc};",
        f"    add.u32 %x, %smem, {bytes_a}; shr.u32 %x, %x, 4; and.b32 %x, %x, 0x3FFF; cvt.u64.u32 %desc_b, %x; or.b64 %desc_b, %desc_b, {desc}; }}",
        f"  .reg .pred %sd; setp.ne.u32 %sd, {scale_d}, 0;",
        "  wgmma.fence.sync.aligned;",
        f"  wgmma.mma_async.sync.aligned.m64n{n}k{k}.{acc}.{a}.{b} {ptx.braces('%d', regs_d)}, {a_operand}, %desc_b, %sd{scales}{majors};",
        "  wgmma.commit_group.sync.aligned;", "  wgmma.wait_group.sync.aligned 0;",
        ptx.store_words("%rd_d", [f"%d{i}" for i in range(regs_d)], regs_d)])
    shared = bytes_a + bytes_b
    text = ptx.kernel(name, [(x, "u64") for x in "abcd"], body, 128, "sm_90a", shared,
                      regs="  .reg .b32 %d<128>, %a<4>; .reg .b64 %desc_a, %desc_b;\n")
    per_byte = 8 / bits
    return {"name": name, "ptx": text, "threads": 128, "params": list("abcd"), "shared": shared,
            "buffers": {"a": codes(rng, a, int(bytes_a * per_byte), integers), "b": codes(rng, b, int(bytes_b * per_byte), integers),
                        "c": accumulators(rng, acc, 64 * n, integers)},
            "outputs": {"d": {"bytes": 512 * regs_d, **compare(acc, a, integers, True)}}}


def matrix_load(rng, count, trans):
    name = f"ldmatrix_x{count}" + ("_trans" if trans else "")
    t = ".trans" if trans else ""
    body = "\n".join([
        ptx.copy_to_shared("%rd_a", 1024, 32),
        ptx.load_words("%rd_rows", ["%row"], 1),
        "  add.u32 %row, %row, %smem;",
        f"  ldmatrix.sync.aligned.m8n8.x{count}{t}.shared.b16 {ptx.braces('%d', count)}, [%row];",
        ptx.store_words("%rd_d", [f"%d{i}" for i in range(count)], count)])
    text = ptx.kernel(name, [("a", "u64"), ("rows", "u64"), ("d", "u64")], body, 32, "sm_80", 4096, regs="  .reg .b32 %row, %d<4>;\n")
    rows = [16 * r for r in rng.sample(range(256), 32)]
    return {"name": name, "ptx": text, "threads": 32, "params": ["a", "rows", "d"], "shared": 4096,
            "buffers": {"a": rng.randbytes(4096), "rows": struct.pack("<32I", *rows)},
            "outputs": {"d": {"bytes": 128 * count, "mode": "exact"}}}


def matrix_store(rng, count, trans):
    name = f"stmatrix_x{count}" + ("_trans" if trans else "")
    t = ".trans" if trans else ""
    body = "\n".join([
        ptx.copy_to_shared("%rd_zero", 1024, 32),
        ptx.load_words("%rd_rows", ["%row"], 1),
        ptx.load_words("%rd_a", [f"%d{i}" for i in range(count)], count),
        "  add.u32 %row, %row, %smem;",
        f"  stmatrix.sync.aligned.m8n8.x{count}{t}.shared.b16 [%row], {ptx.braces('%d', count)};",
        ptx.copy_from_shared("%rd_out", 1024, 32)])
    text = ptx.kernel(name, [("a", "u64"), ("rows", "u64"), ("zero", "u64"), ("out", "u64")], body, 32, "sm_90a", 4096,
                      regs="  .reg .b32 %row, %d<4>;\n")
    rows = [16 * r for r in rng.sample(range(256), 32)]
    return {"name": name, "ptx": text, "threads": 32, "params": ["a", "rows", "zero", "out"], "shared": 4096,
            "buffers": {"a": rng.randbytes(128 * count), "rows": struct.pack("<32I", *rows), "zero": bytes(4096)},
            "outputs": {"out": {"bytes": 4096, "mode": "exact"}}}


def cases(rng):
    for integers in (False, True):
        for acc, kind in (("f32", "f16"), ("f16", "f16"), ("f32", "bf16")):
            for k in (8, 16):
                yield mma_sync(rng, 16, 8, k, acc, kind, kind, integers)
        for k in (4, 8):
            yield mma_sync(rng, 16, 8, k, "f32", "tf32", "tf32", integers)
        for a, b in (("e4m3", "e4m3"), ("e4m3", "e5m2"), ("e5m2", "e5m2")):
            yield mma_sync(rng, 16, 8, 32, "f32", a, b, integers, "sm_89")
    for k in (16, 32):
        for a, b in (("s8", "s8"), ("u8", "u8"), ("s8", "u8")):
            yield mma_sync(rng, 16, 8, k, "s32", a, b, True)

    for n in (8, 24, 64):
        yield wgmma(rng, n, "f32", "bf16", "bf16", True)
    for integers in (False, True):
        yield wgmma(rng, 16, "f32", "f16", "f16", integers)
        yield wgmma(rng, 16, "f16", "f16", "f16", integers)
        yield wgmma(rng, 16, "f32", "bf16", "bf16", integers, a_from="registers")
        yield wgmma(rng, 16, "f32", "tf32", "tf32", integers)
        for a, b in (("e4m3", "e4m3"), ("e5m2", "e4m3"), ("e4m3", "e5m2"), ("e5m2", "e5m2")):
            yield wgmma(rng, 16, "f32", a, b, integers)
    yield wgmma(rng, 256, "f32", "bf16", "bf16", True, scale_d=0, tag="_zero")
    yield wgmma(rng, 16, "f32", "bf16", "bf16", True, scale_d=0, negate_a=-1, tag="_zero_nega")
    yield wgmma(rng, 16, "f32", "bf16", "bf16", True, negate_b=-1, tag="_negb")
    for a, b in (("s8", "s8"), ("u8", "u8"), ("s8", "u8"), ("u8", "s8")):
        yield wgmma(rng, 16, "s32", a, b, True)
    for a, b in (("s8", "s8"), ("e4m3", "e4m3"), ("f16", "f16")):
        yield wgmma(rng, 16, "s32" if a == "s8" else "f32", a, b, True, a_from="registers")
    # Every swizzle in both majors, with leading and stride byte offsets that differ (units of 16 bytes).
    for swizzle in (0, 32, 64, 128):
        for trans_a, trans_b in ((0, 0), (1, 0), (0, 1), (1, 1)):
            atom = max(swizzle // 2, 8)  # an eight-row atom, in units of 16 bytes
            yield wgmma(rng, 64, "f32", "bf16", "bf16", True, swizzle, trans_a=trans_a, trans_b=trans_b,
                        lbo=2 * atom, sbo=atom, tag="_strides")
            yield wgmma(rng, 64, "f32", "bf16", "bf16", True, swizzle, trans_a=trans_a, trans_b=trans_b,
                        lbo=atom, sbo=2 * atom, tag="_strides2")
    for count in (1, 2, 4):
        for trans in (False, True):
            yield matrix_load(rng, count, trans)
            yield matrix_store(rng, count, trans)
