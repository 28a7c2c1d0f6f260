"""Golden cases of asynchronous copies and barriers: TMA, bulk copies, cp.async, mbarrier, clusters."""
import struct

import ptx

ELEMENT_BYTES = {"U8": 1, "U16": 2, "U32": 4, "BF16": 2, "F16": 2, "F32": 4}


def tensor_map(buffer, kind, sizes, box, swizzle=0, pad=0, nan_fill=False):
    """Dense map over `buffer` whose rows are padded by `pad` bytes; innermost dimension first."""
    strides, stride = [], sizes[0] * ELEMENT_BYTES[kind] + pad
    for size in sizes[1:]:
        strides.append(stride)
        stride *= size
    return {"tensormap": buffer, "type": kind, "sizes": sizes, "strides": strides, "box": box, "swizzle": swizzle,
            "nan_fill": nan_fill}, stride


def coordinates(values):
    return "{" + ", ".join(str(v) for v in values) + "}"


def product(values):
    out = 1
    for v in values:
        out *= v
    return out


# The innermost coordinate of a tiled copy must lie on a multiple of 16 bytes: an H200 raises an illegal
# instruction otherwise (seen with starts of 40, 28 and 232 bytes, without swizzle).
def tma_load(rng, name, kind, sizes, box, start, swizzle=0, pad=0, nan_fill=False, pitch=None):
    """`pitch`: distance in bytes of the rows in shared memory where it is not the row's own size; the gaps read as zeros."""
    rank = len(sizes)
    tmap, total = tensor_map("a", kind, sizes, box, swizzle, pad, nan_fill)
    size = product(box) * ELEMENT_BYTES[kind]
    seen = size if pitch is None else product(box[1:]) * pitch
    shared = (seen + 1023) // 1024 * 1024 + 1024
    barrier = shared - 1024
    clear = [ptx.clear_shared(seen // 4, 32), "  fence.proxy.async.shared::cta; bar.sync 0;"] if pitch else []
    body = "\n".join([
        f"  .reg .b32 %bar; add.u32 %bar, %smem, {barrier}; .reg .pred %first; setp.eq.u32 %first, %thread, 0;",
        *clear,
        "  @%first mbarrier.init.shared::cta.b64 [%bar], 1;", "  @%first fence.mbarrier_init.release.cluster;", "  bar.sync 0;",
        f"  @%first mbarrier.arrive.expect_tx.shared::cta.b64 _, [%bar], {size};",
        f"  @%first cp.async.bulk.tensor.{rank}d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%smem], "
        f"[%rd_map, {coordinates(start)}], [%bar];",
        ptx.wait_parity("%bar", 0, ""), ptx.copy_from_shared("%rd_out", seen // 4, 32)])
    text = ptx.kernel(name, [("map", "tensormap"), ("out", "u64")], body, 32, "sm_90a", shared)
    return {"name": name, "ptx": text, "threads": 32, "shared": shared, "params": [tmap, "out"],
            "buffers": {"a": rng.randbytes((total + 15) // 16 * 16)}, "outputs": {"out": {"bytes": seen, "mode": "exact"}}}


def tma_store(rng, name, kind, sizes, box, start, swizzle=0, pad=0, reduce=False):
    rank = len(sizes)
    tmap, total = tensor_map("out", kind, sizes, box, swizzle, pad)
    total = (total + 15) // 16 * 16
    size = product(box) * ELEMENT_BYTES[kind]
    shared = (size + 1023) // 1024 * 1024
    op = f"cp.reduce.async.bulk.tensor.{rank}d.global.shared::cta.add.tile.bulk_group" if reduce else \
        f"cp.async.bulk.tensor.{rank}d.global.shared::cta.tile.bulk_group"
    body = "\n".join([
        ptx.copy_to_shared("%rd_a", size // 4, 32), "  fence.proxy.async.shared::cta; bar.sync 0;",
        "  .reg .pred %first; setp.eq.u32 %first, %thread, 0;",
        f"  @%first {op} [%rd_map, {coordinates(start)}], [%smem];",
        "  @%first cp.async.bulk.commit_group;", "  @%first cp.async.bulk.wait_group 0;"])
    text = ptx.kernel(name, [("map", "tensormap"), ("a", "u64")], body, 32, "sm_90a", shared)
    words = [rng.randint(-50, 50) for _ in range(total // 4)]
    values = struct.pack(f"<{len(words)}i", *words)
    source = struct.pack(f"<{size // 4}i", *[rng.randint(-50, 50) for _ in range(size // 4)])
    return {"name": name, "ptx": text, "threads": 32, "shared": shared, "params": [tmap, "a"],
            "buffers": {"a": source}, "outputs": {"out": {"bytes": total, "initial": values, "mode": "exact"}}}


def bulk_copies(rng):
    body = "\n".join([
        "  .reg .b32 %bar, %half; add.u32 %bar, %smem, 4096; add.u32 %half, %smem, 1024; .reg .pred %first; setp.eq.u32 %first, %thread, 0;",
        "  @%first mbarrier.init.shared::cta.b64 [%bar], 1;", "  @%first fence.mbarrier_init.release.cluster;", "  bar.sync 0;",
        "  @%first mbarrier.arrive.expect_tx.shared::cta.b64 _, [%bar], 1536;",
        "  @%first cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%half], [%rd_a], 1024, [%bar];",
        "  @%first cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%smem], [%rd_a+2048], 512, [%bar];",
        ptx.wait_parity("%bar", 0, "a"),
        "  fence.proxy.async.shared::cta; bar.sync 0;",
        "  @%first cp.async.bulk.global.shared::cta.bulk_group [%rd_out], [%half], 1024;",
        "  @%first cp.async.bulk.global.shared::cta.bulk_group [%rd_out+1024], [%smem], 512;",
        "  @%first cp.async.bulk.commit_group;", "  @%first cp.async.bulk.wait_group 0;"])
    text = ptx.kernel("bulk_copies", [("a", "u64"), ("out", "u64")], body, 32, "sm_90a", 8192)
    return {"name": "bulk_copies", "ptx": text, "threads": 32, "shared": 8192, "params": ["a", "out"],
            "buffers": {"a": rng.randbytes(4096)}, "outputs": {"out": {"bytes": 1536, "mode": "exact"}}}


def cp_async(rng, size, cache, zfill):
    name = f"cp_async_{cache}_{size}" + ("_zfill" if zfill else "")
    words = size // 4
    source = ", %n" if zfill else ""
    body = "\n".join([
        "  .reg .b32 %s, %n; .reg .b64 %g;",
        f"  mul.lo.u32 %s, %thread, {size}; add.u32 %s, %s, %smem; mul.wide.u32 %g, %thread, {size}; add.u64 %g, %g, %rd_a;",
        f"  rem.u32 %n, %thread, {size + 1};",
        f"  cp.async.{cache}.shared.global [%s], [%g], {size}{source};",
        "  cp.async.commit_group;", "  cp.async.wait_group 0;",
        ptx.copy_from_shared("%rd_out", 32 * words, 32)])
    text = ptx.kernel(name, [("a", "u64"), ("out", "u64")], body, 32, "sm_80", 32 * size)
    return {"name": name, "ptx": text, "threads": 32, "shared": 32 * size, "params": ["a", "out"],
            "buffers": {"a": rng.randbytes(32 * size)}, "outputs": {"out": {"bytes": 32 * size, "mode": "exact"}}}


def mbarrier_phases():
    """Arrivals, transactions and phase parity of one barrier, written down step by step by one thread."""
    steps, index = [], 0

    def test(parity):
        nonlocal index
        steps.append(f"  {{ .reg .pred %p; .reg .b32 %v; mbarrier.test_wait.parity.shared::cta.b64 %p, [%smem], {parity}; "
                     f"selp.u32 %v, 1, 0, %p; st.global.b32 [%rd_out+{4 * index}], %v; }}")
        index += 1

    do = steps.append
    do("  .reg .b64 %st; mbarrier.init.shared::cta.b64 [%smem], 3;")
    test(0), test(1)
    do("  mbarrier.arrive.shared::cta.b64 %st, [%smem];")
    test(0), test(1)
    do("  mbarrier.arrive.shared::cta.b64 %st, [%smem], 2;")
    test(0), test(1)
    do("  mbarrier.arrive.expect_tx.shared::cta.b64 %st, [%smem], 64;")
    do("  mbarrier.arrive.shared::cta.b64 %st, [%smem], 2;")
    test(1), test(0)
    do("  mbarrier.complete_tx.relaxed.cta.shared::cta.b64 [%smem], 48;")
    test(1)
    do("  mbarrier.complete_tx.relaxed.cta.shared::cta.b64 [%smem], 16;")
    test(1), test(0)
    do("  mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [%smem], 8;")
    do("  mbarrier.arrive.shared::cta.b64 %st, [%smem], 3;")
    test(0)
    do("  mbarrier.complete_tx.relaxed.cta.shared::cta.b64 [%smem], 8;")
    test(0), test(1)
    do("  mbarrier.inval.shared::cta.b64 [%smem];")
    text = ptx.kernel("mbarrier_phases", [("out", "u64")], "\n".join(steps), 1, "sm_90a", 64)
    return {"name": "mbarrier_phases", "ptx": text, "threads": 1, "shared": 64, "params": ["out"], "buffers": {},
            "outputs": {"out": {"bytes": 4 * index, "mode": "exact"}}}


def cluster_exchange(rng):
    """Two CTAs: remote shared loads through mapa, a remote arrive, and a multicast load that fills both."""
    tmap, total = tensor_map("a", "U32", [32, 8], [32, 4])
    body = "\n".join([
        "  .reg .b32 %rank, %peer, %bar, %remote, %v, %buf; .reg .pred %first, %lead; mov.u32 %rank, %cluster_ctarank; xor.b32 %peer, %rank, 1;",
        "  add.u32 %bar, %smem, 2048; add.u32 %buf, %smem, 1024; setp.eq.u32 %first, %thread, 0; setp.eq.and.u32 %lead, %rank, 0, %first;",
        "  @%first mbarrier.init.shared::cta.b64 [%bar], 1;", "  @%first mbarrier.init.shared::cta.b64 [%bar+8], 2;",
        "  @%first fence.mbarrier_init.release.cluster;",
        "  { .reg .b32 %s; shl.b32 %s, %thread, 2; add.u32 %s, %s, %smem; mad.lo.u32 %v, %rank, 1000, %thread; st.shared.b32 [%s], %v; }",
        "  barrier.cluster.arrive.aligned; barrier.cluster.wait.aligned;",
        # The peer's words, read through its window.
        "  { .reg .b32 %s; shl.b32 %s, %thread, 2; add.u32 %s, %s, %smem; mapa.shared::cluster.u32 %remote, %s, %peer;",
        "    ld.shared::cluster.b32 %v, [%remote]; }",
        "  .reg .b64 %o; { .reg .b32 %i; mad.lo.u32 %i, %rank, 32, %thread; mul.wide.u32 %o, %i, 4; add.u64 %o, %o, %rd_out; } st.global.b32 [%o], %v;",
        # Each CTA arrives at both second barriers; the lead loads once for both CTAs.
        "  @%first mbarrier.arrive.shared::cta.b64 _, [%bar+8];",
        "  { .reg .b32 %s; add.u32 %s, %bar, 8; mapa.shared::cluster.u32 %remote, %s, %peer; }",
        "  @%first mbarrier.arrive.release.cluster.shared::cluster.b64 _, [%remote];",
        "  { .reg .pred %p; L_wc: mbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 %p, [%bar+8], 0; @!%p bra L_wc; }",
        "  @%first mbarrier.arrive.expect_tx.shared::cta.b64 _, [%bar], 512;",
        "  barrier.cluster.arrive.aligned; barrier.cluster.wait.aligned;",
        "  .reg .b16 %mask; mov.b16 %mask, 3;",
        "  @%lead cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes.multicast::cluster "
        "[%buf], [%rd_map, {0, 2}], [%bar], %mask;",
        ptx.wait_parity("%bar", 0, "m"),
        "  { .reg .b32 %s, %i; .reg .b64 %q; shl.b32 %s, %thread, 4; add.u32 %s, %s, %buf; .reg .b32 %w<4>; ld.shared.v4.b32 {%w0, %w1, %w2, %w3}, [%s];",
        "    mad.lo.u32 %i, %rank, 32, %thread; mul.wide.u32 %q, %i, 16; add.u64 %q, %q, %rd_out; st.global.v4.b32 [%q+256], {%w0, %w1, %w2, %w3}; }",
        "  barrier.cluster.arrive.aligned; barrier.cluster.wait.aligned;"])
    text = ptx.kernel("cluster_exchange", [("map", "tensormap"), ("out", "u64")], body, 32, "sm_90a", 4096, cluster=2)
    return {"name": "cluster_exchange", "ptx": text, "threads": 32, "grid": 2, "cluster": 2, "shared": 4096, "params": [tmap, "out"],
            "buffers": {"a": rng.randbytes(total)}, "outputs": {"out": {"bytes": 256 + 1024, "mode": "exact"}}}


def cases(rng):
    yield tma_load(rng, "tma_load_1d", "U32", [100], [64], [12])
    yield tma_load(rng, "tma_load_1d_tail", "U32", [100], [64], [60])
    yield tma_load(rng, "tma_load_1d_negative", "U32", [100], [64], [-8])
    for swizzle, inner in ((0, 40), (32, 16), (64, 32), (128, 64)):
        yield tma_load(rng, f"tma_load_2d_sw{swizzle}", "BF16", [136, 40], [inner, 24], [24, 5], swizzle)
        yield tma_load(rng, f"tma_load_2d_sw{swizzle}_corner", "BF16", [136, 40], [inner, 24], [128 - inner // 2 // 8 * 8, 30], swizzle, 32)
        yield tma_load(rng, f"tma_load_2d_sw{swizzle}_before", "BF16", [136, 40], [inner, 24], [-8, -3], swizzle)
    yield tma_load(rng, "tma_load_2d_narrow", "U8", [64, 20], [32, 16], [16, 8], 128, pitch=128)
    yield tma_load(rng, "tma_load_2d_nan", "BF16", [64, 20], [64, 8], [32, 16], 128, 0, True)
    yield tma_load(rng, "tma_load_2d_outside", "BF16", [64, 20], [64, 8], [0, 40], 128)
    yield tma_load(rng, "tma_load_3d", "BF16", [64, 10, 6], [32, 4, 3], [16, 8, 2], 64)
    yield tma_load(rng, "tma_load_3d_tail", "BF16", [64, 10, 6], [64, 4, 3], [8, 7, 4], 128)
    yield tma_load(rng, "tma_load_4d", "U8", [32, 6, 5, 4], [16, 3, 2, 2], [16, 4, 1, 3])
    yield tma_load(rng, "tma_load_5d", "U32", [8, 5, 4, 3, 3], [4, 2, 3, 2, 2], [4, 4, 1, 2, 0])
    for swizzle, inner in ((0, 40), (32, 16), (64, 32), (128, 64)):
        yield tma_store(rng, f"tma_store_2d_sw{swizzle}", "BF16", [136, 40], [inner, 24], [24, 5], swizzle)
        yield tma_store(rng, f"tma_store_2d_sw{swizzle}_corner", "BF16", [136, 40], [inner, 24], [128 - inner // 2 // 8 * 8, 30], swizzle, 32)
    yield tma_store(rng, "tma_store_1d", "U32", [100], [64], [60])
    yield tma_store(rng, "tma_store_3d", "BF16", [64, 10, 6], [32, 4, 3], [48, 8, 5], 64)
    yield tma_store(rng, "tma_reduce_2d", "U32", [64, 16], [32, 8], [48, 10], 0, 0, True)
    yield bulk_copies(rng)
    for size, cache in ((4, "ca"), (8, "ca"), (16, "ca"), (16, "cg")):
        for zfill in (False, True):
            yield cp_async(rng, size, cache, zfill)
    yield mbarrier_phases()
    yield cluster_exchange(rng)
