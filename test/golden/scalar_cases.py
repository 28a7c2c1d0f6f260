"""Golden cases of ordinary instructions: arithmetic, conversions, bits, warp-wide exchanges."""
import re
import struct

import ptx

COUNT = 128  # inputs of each instruction, one a thread

F32_SPECIAL = [0x00000000, 0x80000000, 0x3F800000, 0xBF800000, 0x7F800000, 0xFF800000, 0x7FC00000, 0xFFC00001, 0x00000001,
               0x80000001, 0x007FFFFF, 0x00800000, 0x7F7FFFFF, 0xFF7FFFFF, 0x3F000000, 0x3FC00000, 0x40200000, 0xC0200000,
               0x4B000000, 0x4B800001, 0x4F000000, 0xCF000000, 0x4EFFFFFF, 0x43E00000, 0x43E80000, 0x43F00000, 0x47800000,
               0x477FE000, 0x477FF000, 0x33800000, 0x3F802000, 0x3F803000, 0x3F801000, 0x3F808000, 0x3F818000, 0x38800000,
               0x387FFFFF, 0x3B000000, 0x3A800000, 0x39FFFFFF, 0x42FE0000, 0x42FF0000, 0x43000000, 0xC3000000, 0xC3010000]


def f32_values(rng, spread=12):
    values = list(F32_SPECIAL)
    while len(values) < COUNT:
        values.append(struct.unpack("<I", struct.pack("<f", rng.gauss(0, 1) * 2.0 ** rng.randint(-spread, spread)))[0])
    return values


def u32_values(rng):
    values = [0, 1, 2, 31, 32, 33, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFE, 0x0000FFFF, 0x00FF00FF, 0x12345678]
    return values + [rng.getrandbits(rng.choice([5, 8, 16, 32])) for _ in range(COUNT - len(values))]


def half_pair_values(rng, special):
    values = [(a << 16) | b for a, b in zip(special, special[1:] + special[:1])]
    while len(values) < COUNT:
        values.append(rng.getrandbits(32))
    return values[:COUNT]


F16_SPECIAL = [0x0000, 0x8000, 0x3C00, 0xBC00, 0x7C00, 0xFC00, 0x7E00, 0x0001, 0x03FF, 0x0400, 0x7BFF, 0xFBFF, 0x3800, 0x4100]
BF16_SPECIAL = [0x0000, 0x8000, 0x3F80, 0xBF80, 0x7F80, 0xFF80, 0x7FC0, 0x0001, 0x007F, 0x0080, 0x7F7F, 0xFF7F, 0x3F00, 0x4020]

EXACT = {"mode": "exact"}


def near(rel, absolute=0.0, kind="f32"):
    return {"mode": "close", "type": kind, "rel": rel, "abs": absolute}


# Each entry: PTX text with {d} and {a} {b} {c}; 32-bit registers unless the text declares others in braces.
F32_UNARY = [
    ("abs.f32 {d}, {a};", EXACT), ("neg.f32 {d}, {a};", EXACT), ("abs.ftz.f32 {d}, {a};", EXACT),
    ("rcp.rn.f32 {d}, {a};", EXACT), ("sqrt.rn.f32 {d}, {a};", EXACT),
    ("rcp.approx.ftz.f32 {d}, {a};", near(2e-7)), ("rcp.approx.f32 {d}, {a};", near(2e-7, 1e-44)),
    ("ex2.approx.ftz.f32 {d}, {a};", near(3e-7)), ("ex2.approx.f32 {d}, {a};", near(3e-7, 1e-44)),
    ("lg2.approx.f32 {d}, {a};", near(5e-7, 2.5e-7)), ("lg2.approx.ftz.f32 {d}, {a};", near(5e-7, 2.5e-7)),
    ("sqrt.approx.f32 {d}, {a};", near(2e-7)), ("rsqrt.approx.f32 {d}, {a};", near(2.5e-7)),
    ("rsqrt.approx.ftz.f32 {d}, {a};", near(2.5e-7)), ("tanh.approx.f32 {d}, {a};", near(6e-4, 1e-44)),
    ("cvt.rni.f32.f32 {d}, {a};", EXACT), ("cvt.rzi.f32.f32 {d}, {a};", EXACT), ("cvt.rmi.f32.f32 {d}, {a};", EXACT),
    ("cvt.rpi.f32.f32 {d}, {a};", EXACT), ("cvt.rni.s32.f32 {d}, {a};", EXACT), ("cvt.rzi.s32.f32 {d}, {a};", EXACT),
    ("cvt.rmi.s32.f32 {d}, {a};", EXACT), ("cvt.rpi.s32.f32 {d}, {a};", EXACT), ("cvt.rzi.u32.f32 {d}, {a};", EXACT),
    ("cvt.rni.u32.f32 {d}, {a};", EXACT), ("cvt.rna.tf32.f32 {d}, {a};", EXACT), ("cvt.sat.f32.f32 {d}, {a};", EXACT),
    ("{{ .reg .b16 %h; cvt.rn.f16.f32 %h, {a}; cvt.u32.u16 {d}, %h; }}", EXACT),
    ("{{ .reg .b16 %h; cvt.rz.f16.f32 %h, {a}; cvt.u32.u16 {d}, %h; }}", EXACT),
    ("{{ .reg .b16 %h; cvt.rn.bf16.f32 %h, {a}; cvt.u32.u16 {d}, %h; }}", EXACT),
    ("{{ .reg .b16 %h; cvt.rn.relu.bf16.f32 %h, {a}; cvt.u32.u16 {d}, %h; }}", EXACT),
    ("{{ .reg .b64 %w; cvt.rzi.s64.f32 %w, {a}; cvt.u32.u64 {d}, %w; }}", EXACT),
    ("{{ .reg .b64 %w; .reg .b32 %l; cvt.f64.f32 %w, {a}; mov.b64 {{%l, {d}}}, %w; }}", EXACT),
    ("{{ .reg .f64 %w; cvt.f64.f32 %w, {a}; sqrt.rn.f64 %w, %w; cvt.rn.f32.f64 {d}, %w; }}", EXACT),
    ("{{ .reg .pred %p; testp.infinite.f32 %p, {a}; selp.u32 {d}, 1, 0, %p; }}", EXACT),
    ("{{ .reg .pred %p; testp.notanumber.f32 %p, {a}; selp.u32 {d}, 1, 0, %p; }}", EXACT),
]
F32_BINARY = [
    ("add.rn.f32 {d}, {a}, {b};", EXACT), ("sub.rn.f32 {d}, {a}, {b};", EXACT), ("mul.rn.f32 {d}, {a}, {b};", EXACT),
    ("add.ftz.f32 {d}, {a}, {b};", EXACT), ("mul.ftz.f32 {d}, {a}, {b};", EXACT), ("add.rz.f32 {d}, {a}, {b};", EXACT),
    ("add.rm.f32 {d}, {a}, {b};", EXACT), ("add.rp.f32 {d}, {a}, {b};", EXACT), ("mul.rz.f32 {d}, {a}, {b};", EXACT),
    ("add.sat.f32 {d}, {a}, {b};", EXACT),
    ("div.rn.f32 {d}, {a}, {b};", EXACT), ("div.full.f32 {d}, {a}, {b};", near(3e-7, 1e-37)),
    ("min.f32 {d}, {a}, {b};", EXACT), ("max.f32 {d}, {a}, {b};", EXACT), ("min.NaN.f32 {d}, {a}, {b};", EXACT),
    ("max.NaN.f32 {d}, {a}, {b};", EXACT), ("copysign.f32 {d}, {a}, {b};", EXACT),
    ("cvt.rn.bf16x2.f32 {d}, {a}, {b};", EXACT), ("cvt.rn.f16x2.f32 {d}, {a}, {b};", EXACT),
    ("cvt.rn.relu.bf16x2.f32 {d}, {a}, {b};", EXACT), ("cvt.rz.bf16x2.f32 {d}, {a}, {b};", EXACT),
    ("{{ .reg .b16 %h; cvt.rn.satfinite.e4m3x2.f32 %h, {a}, {b}; cvt.u32.u16 {d}, %h; }}", EXACT),
    ("{{ .reg .b16 %h; cvt.rn.satfinite.e5m2x2.f32 %h, {a}, {b}; cvt.u32.u16 {d}, %h; }}", EXACT),
    ("{{ .reg .b16 %h; cvt.rn.satfinite.relu.e4m3x2.f32 %h, {a}, {b}; cvt.u32.u16 {d}, %h; }}", EXACT),
] + [("{{ .reg .pred %%p; setp.%s.f32 %%p, {a}, {b}; selp.u32 {d}, 1, 0, %%p; }}" % c, EXACT)
     for c in "eq ne lt le gt ge equ neu ltu leu gtu geu num nan".split()]
F32_TERNARY = [("fma.rn.f32 {d}, {a}, {b}, {c};", EXACT), ("fma.rn.ftz.f32 {d}, {a}, {b}, {c};", EXACT),
               ("fma.rz.f32 {d}, {a}, {b}, {c};", EXACT), ("fma.rn.sat.f32 {d}, {a}, {b}, {c};", EXACT),
               ("slct.f32.s32 {d}, {a}, {b}, {c};", EXACT)]
INT_UNARY = [("not.b32 {d}, {a};", EXACT), ("neg.s32 {d}, {a};", EXACT), ("abs.s32 {d}, {a};", EXACT), ("popc.b32 {d}, {a};", EXACT),
             ("clz.b32 {d}, {a};", EXACT), ("brev.b32 {d}, {a};", EXACT), ("bfind.u32 {d}, {a};", EXACT), ("bfind.s32 {d}, {a};", EXACT),
             ("bfind.shiftamt.u32 {d}, {a};", EXACT), ("cnot.b32 {d}, {a};", EXACT),
             ("cvt.rn.f32.s32 {d}, {a};", EXACT), ("cvt.rn.f32.u32 {d}, {a};", EXACT), ("cvt.rz.f32.s32 {d}, {a};", EXACT),
             ("cvt.s32.s8 {d}, {a};", EXACT), ("cvt.u32.u8 {d}, {a};", EXACT), ("cvt.s32.s16 {d}, {a};", EXACT),
             ("cvt.sat.s8.s32 {d}, {a};", EXACT), ("cvt.sat.u8.s32 {d}, {a};", EXACT), ("cvt.sat.s16.s32 {d}, {a};", EXACT),
             ("{{ .reg .b16 %h; cvt.u16.u32 %h, {a}; cvt.rn.f16.s16 %h, %h; cvt.u32.u16 {d}, %h; }}", EXACT),
             ("{{ .reg .b64 %w; cvt.s64.s32 %w, {a}; shr.s64 %w, %w, 7; cvt.u32.u64 {d}, %w; }}", EXACT),
             ("{{ .reg .b64 %w; cvt.u64.u32 %w, {a}; mul.lo.u64 %w, %w, %w; mul.hi.u64 %w, %w, %w; cvt.u32.u64 {d}, %w; }}", EXACT)]
INT_BINARY = [("%s {d}, {a}, {b};" % op, EXACT) for op in
              "add.s32 sub.s32 mul.lo.s32 mul.hi.s32 mul.hi.u32 and.b32 or.b32 xor.b32 min.s32 max.s32 min.u32 max.u32 shl.b32 shr.u32 "
              "shr.s32 add.sat.s32 sub.sat.s32".split()] + [
    ("{{ .reg .b32 %%n; or.b32 %%n, {b}, 3; %s {d}, {a}, %%n; }}" % op, EXACT) for op in "div.s32 div.u32 rem.s32 rem.u32".split()] + [
    ("{{ .reg .b64 %w; .reg .b32 %l; mul.wide.s32 %w, {a}, {b}; mov.b64 {{%l, {d}}}, %w; }}", EXACT),
    ("{{ .reg .b64 %w; .reg .b32 %h; mul.wide.u32 %w, {a}, {b}; mov.b64 {{{d}, %h}}, %w; }}", EXACT),
    ("mul24.lo.u32 {d}, {a}, {b};", EXACT)] + [
    ("{{ .reg .pred %%p; setp.%s %%p, {a}, {b}; selp.u32 {d}, 7, 9, %%p; }}" % c, EXACT) for c in
    "eq.s32 ne.s32 lt.s32 le.s32 gt.s32 ge.s32 lt.u32 le.u32 gt.u32 ge.u32".split()]
INT_TERNARY = [("mad.lo.s32 {d}, {a}, {b}, {c};", EXACT), ("mad.hi.s32 {d}, {a}, {b}, {c};", EXACT), ("bfe.u32 {d}, {a}, {b}, {c};", EXACT),
               ("bfe.s32 {d}, {a}, {b}, {c};", EXACT), ("bfi.b32 {d}, {a}, {b}, {c}, 11;", EXACT), ("prmt.b32 {d}, {a}, {b}, {c};", EXACT),
               ("prmt.b32.f4e {d}, {a}, {b}, {c};", EXACT), ("prmt.b32.b4e {d}, {a}, {b}, {c};", EXACT), ("prmt.b32.rc8 {d}, {a}, {b}, {c};", EXACT),
               ("prmt.b32.rc16 {d}, {a}, {b}, {c};", EXACT), ("prmt.b32.ecl {d}, {a}, {b}, {c};", EXACT), ("prmt.b32.ecr {d}, {a}, {b}, {c};", EXACT),
               ("shf.l.wrap.b32 {d}, {a}, {b}, {c};", EXACT), ("shf.r.wrap.b32 {d}, {a}, {b}, {c};", EXACT),
               ("shf.l.clamp.b32 {d}, {a}, {b}, {c};", EXACT), ("shf.r.clamp.b32 {d}, {a}, {b}, {c};", EXACT),
               ("sad.s32 {d}, {a}, {b}, {c};", EXACT), ("dp4a.s32.s32 {d}, {a}, {b}, {c};", EXACT), ("dp4a.u32.u32 {d}, {a}, {b}, {c};", EXACT),
               ("dp4a.s32.u32 {d}, {a}, {b}, {c};", EXACT), ("slct.s32.s32 {d}, {a}, {b}, {c};", EXACT)] + [
    ("lop3.b32 {d}, {a}, {b}, {c}, %d;" % lut, EXACT) for lut in (0xEA, 0x80, 0xFE, 0x96, 0xCA, 0x6A, 0x1B)]
F16_BINARY = [("%s.f16x2 {d}, {a}, {b};" % op, EXACT) for op in "add.rn sub.rn mul.rn min max min.NaN max.NaN".split()] + [
    ("{{ .reg .b16 %h, %l; mov.b32 {{%l, %h}}, {a}; add.rn.f16 %l, %l, %h; cvt.u32.u16 {d}, %l; }}", EXACT),
    ("{{ .reg .b16 %h, %l; mov.b32 {{%l, %h}}, {a}; cvt.f32.f16 {d}, %h; }}", EXACT),
    ("{{ .reg .b16 %h, %l; mov.b32 {{%l, %h}}, {a}; cvt.rn.satfinite.e4m3x2.f16x2 %h, {a}; cvt.u32.u16 {d}, %h; }}", EXACT),
    ("{{ .reg .b16 %h, %l; mov.b32 {{%l, %h}}, {a}; cvt.rn.f16x2.e4m3x2 {d}, %h; }}", EXACT),
    ("{{ .reg .b16 %h, %l; mov.b32 {{%l, %h}}, {a}; cvt.rn.f16x2.e5m2x2 {d}, %h; }}", EXACT),
    ("{{ .reg .b16 %h, %l; mov.b32 {{%l, %h}}, {a}; cvt.rzi.s16.f16 %h, %l; cvt.s32.s16 {d}, %h; }}", EXACT),
    ("tanh.approx.f16x2 {d}, {a};", near(2e-3, 2e-3, "f16x2")), ("ex2.approx.f16x2 {d}, {a};", near(2e-3, 1e-7, "f16x2")),
    ("neg.f16x2 {d}, {a};", EXACT), ("abs.f16x2 {d}, {a};", EXACT)]
F16_TERNARY = [("fma.rn.f16x2 {d}, {a}, {b}, {c};", EXACT), ("fma.rn.relu.f16x2 {d}, {a}, {b}, {c};", EXACT)]
BF16_BINARY = [("%s.bf16x2 {d}, {a}, {b};" % op, EXACT) for op in "add.rn sub.rn mul.rn min max min.NaN max.NaN".split()] + [
    ("{{ .reg .b16 %h, %l; mov.b32 {{%l, %h}}, {a}; cvt.f32.bf16 {d}, %h; }}", EXACT),
    ("neg.bf16x2 {d}, {a};", EXACT), ("abs.bf16x2 {d}, {a};", EXACT)]
BF16_TERNARY = [("fma.rn.bf16x2 {d}, {a}, {b}, {c};", EXACT), ("fma.rn.relu.bf16x2 {d}, {a}, {b}, {c};", EXACT)]

WARP = [("shfl.sync.idx.b32 {d}, {a}, {b}, 31, -1;", EXACT), ("shfl.sync.up.b32 {d}, {a}, 3, 0, -1;", EXACT),
        ("shfl.sync.down.b32 {d}, {a}, 5, 31, -1;", EXACT), ("shfl.sync.bfly.b32 {d}, {a}, 6, 31, -1;", EXACT),
        ("shfl.sync.bfly.b32 {d}, {a}, 2, 0x181F, -1;", EXACT),
        ("{{ .reg .pred %p; shfl.sync.down.b32 {d}|%p, {a}, 9, 31, -1; selp.u32 {d}, {d}, 77, %p; }}", EXACT),
        ("{{ .reg .pred %p; setp.gt.s32 %p, {a}, 40; vote.sync.ballot.b32 {d}, %p, -1; }}", EXACT),
        ("{{ .reg .pred %p; setp.gt.s32 %p, {a}, 40; vote.sync.any.pred %p, %p, -1; selp.u32 {d}, 1, 0, %p; }}", EXACT),
        ("{{ .reg .pred %p; setp.gt.s32 %p, {a}, 40; vote.sync.all.pred %p, %p, -1; selp.u32 {d}, 1, 0, %p; }}", EXACT),
        ("{{ .reg .b32 %v; and.b32 %v, {a}, 3; match.any.sync.b32 {d}, %v, -1; }}", EXACT),
        ("redux.sync.add.s32 {d}, {a}, -1;", EXACT), ("redux.sync.min.s32 {d}, {a}, -1;", EXACT), ("redux.sync.max.u32 {d}, {a}, -1;", EXACT),
        ("redux.sync.and.b32 {d}, {a}, -1;", EXACT), ("redux.sync.or.b32 {d}, {a}, -1;", EXACT), ("redux.sync.xor.b32 {d}, {a}, -1;", EXACT),
        ("mov.u32 {d}, %laneid;", EXACT), ("mov.u32 {d}, %lanemask_lt;", EXACT), ("activemask.b32 {d};", EXACT),
        ("{{ .reg .pred %p; elect.sync {d}|%p, -1; selp.u32 {d}, 100, {d}, %p; }}", EXACT)]


FLOAT_RESULT = re.compile(r"\b(?:abs|neg|rcp|sqrt|add|sub|mul|div|min|max|fma)(?:\.\w+)*\.(f32|f16x2|bf16x2) {d}")
F32_CONVERSION = re.compile(r"\bcvt(?:\.\w+)*\.(?:tf32|f32)\.(?:f32|f64|f16|bf16) {d}")


def rule_of(text, rule):
    """Where an exact result is a float, its type is said, so that NaNs compare equal: their payloads are nowhere defined."""
    found = FLOAT_RESULT.search(text)
    kind = found[1] if found else "f32" if F32_CONVERSION.search(text) else None
    return {**rule, "type": kind} if rule == EXACT and kind else rule


def group(name, entries, inputs):
    """One kernel that runs every entry on COUNT inputs; entry i writes words [i * COUNT, (i+1) * COUNT) of the output."""
    names = "abc"[: len(inputs)]
    body = [ptx.load_words("%rd_" + n, ["%v_" + n], 1) for n in names]
    for i, (text, _) in enumerate(entries):
        body.append("  " + text.format(d="%v_d", **{n: "%v_" + n for n in "abc"}))
        body.append(f"  {{ .reg .b64 %a; mul.wide.u32 %a, %thread, 4; add.u64 %a, %a, %rd_out; st.global.b32 [%a+{4 * COUNT * i}], %v_d; }}")
    text = ptx.kernel(name, [(n, "u64") for n in names] + [("out", "u64")], "\n".join(body), COUNT,
                      regs="  .reg .b32 %v_a, %v_b, %v_c, %v_d;\n")
    pack = lambda words: struct.pack(f"<{len(words)}I", *words)
    return {"name": name, "ptx": text, "threads": COUNT,
            "buffers": {n: pack(v) for n, v in zip(names, inputs)},
            "params": list(names) + ["out"],
            "outputs": {"out": {"bytes": 4 * COUNT * len(entries),
                                "parts": [{"bytes": 4 * COUNT, "what": t, **rule_of(t, mode)} for t, mode in entries]}}}


def cases(rng):
    f, u = (lambda: f32_values(rng)), (lambda: u32_values(rng))
    shuffled = lambda v: rng.sample(v, len(v))
    h = lambda: shuffled(half_pair_values(rng, F16_SPECIAL))
    b = lambda: shuffled(half_pair_values(rng, BF16_SPECIAL))
    yield group("scalar_f32_unary", F32_UNARY, [f()])
    yield group("scalar_f32_binary", F32_BINARY, [f(), shuffled(f())])
    yield group("scalar_f32_ternary", F32_TERNARY, [f(), shuffled(f()), shuffled(f())])
    yield group("scalar_int_unary", INT_UNARY, [u()])
    yield group("scalar_int_binary", INT_BINARY, [u(), shuffled(u())])
    yield group("scalar_int_ternary", INT_TERNARY, [u(), shuffled(u()), shuffled(u())])
    yield group("scalar_f16_binary", F16_BINARY, [h(), h()])
    yield group("scalar_f16_ternary", F16_TERNARY, [h(), h(), h()])
    yield group("scalar_bf16_binary", BF16_BINARY, [b(), b()])
    yield group("scalar_bf16_ternary", BF16_TERNARY, [b(), b(), b()])
    yield group("warp_exchange", WARP, [u(), [rng.randrange(32) for _ in range(COUNT)]])
