"""Small helpers that write PTX text for the golden cases: a kernel header, a thread's index, loads and stores."""


def kernel(name, params, body, threads=32, target="sm_90a", shared=0, cluster=1, regs=""):
    """One kernel. `params` is a list of (name, kind) with kind u64, u32 or tensormap; `body` is PTX text that
    finds each u64 parameter in %rd_<name> (a global address), each u32 in %r_<name>, the address of each
    tensor map in %rd_<name>, the thread in %thread, and shared memory at %smem (32-bit) if `shared`."""
    version = "8.4" if target == "sm_90a" else "7.8"
    if target == "sm_89":
        version = "8.4"
    decl, load = [], []
    for pname, kind in params:
        if kind == "tensormap":
            decl.append(f"  .param .align 64 .b8 {name}_{pname}[128]")
            load.append(f"  .reg .b64 %rd_{pname}; mov.b64 %rd_{pname}, {name}_{pname}; cvta.param.u64 %rd_{pname}, %rd_{pname};")
        elif kind == "u64":
            decl.append(f"  .param .u64 {name}_{pname}")
            load.append(f"  .reg .b64 %rd_{pname}; ld.param.u64 %rd_{pname}, [{name}_{pname}]; cvta.to.global.u64 %rd_{pname}, %rd_{pname};")
        else:
            decl.append(f"  .param .u32 {name}_{pname}")
            load.append(f"  .reg .b32 %r_{pname}; ld.param.u32 %r_{pname}, [{name}_{pname}];")
    smem = f".extern .shared .align 1024 .b8 smem[];\n" if shared else ""
    getsmem = "  .reg .b32 %smem; mov.u32 %smem, smem;\n" if shared else ""
    clusters = f".explicitcluster\n.reqnctapercluster {cluster}, 1, 1\n" if cluster > 1 else ""
    return (f".version {version}\n.target {target}\n.address_size 64\n{smem}"
            f".visible .entry {name}(\n" + ",\n".join(decl) + f"\n)\n.reqntid {threads}, 1, 1\n{clusters}{{\n"
            "  .reg .b32 %thread; mov.u32 %thread, %tid.x;\n" + "\n".join(load) + "\n" + getsmem + regs + body + "\n  ret;\n}\n")


def braces(prefix, count, start=0):
    return "{" + ", ".join(f"{prefix}{i}" for i in range(start, start + count)) + "}"


def load_words(base, registers, stride_words, first_word=0):
    """registers[j] = the b32 word tid * stride_words + first_word + j at `base`."""
    out = [f"  {{ .reg .b64 %a; mul.wide.u32 %a, %thread, {4 * stride_words}; add.u64 %a, %a, {base};"]
    out += [f"    ld.global.b32 {r}, [%a+{4 * (first_word + j)}];" for j, r in enumerate(registers)]
    return "\n".join(out + ["  }"])


def store_words(base, registers, stride_words, first_word=0):
    out = [f"  {{ .reg .b64 %a; mul.wide.u32 %a, %thread, {4 * stride_words}; add.u64 %a, %a, {base};"]
    out += [f"    st.global.b32 [%a+{4 * (first_word + j)}], {r};" for j, r in enumerate(registers)]
    return "\n".join(out + ["  }"])


def copy_to_shared(base, words, threads, offset=0):
    """Copies `words` b32 words from `base` to shared memory at smem + offset, all threads together, with a barrier behind."""
    return f"""  {{ .reg .b32 %i, %v, %s; .reg .b64 %a; .reg .pred %p; mov.u32 %i, %thread;
L_in{offset}: setp.ge.u32 %p, %i, {words}; @%p bra L_in{offset}_done;
    mul.wide.u32 %a, %i, 4; add.u64 %a, %a, {base}; ld.global.b32 %v, [%a];
    shl.b32 %s, %i, 2; add.u32 %s, %s, %smem; st.shared.b32 [%s+{offset}], %v; add.u32 %i, %i, {threads}; bra L_in{offset};
L_in{offset}_done: bar.sync 0; }}"""


def clear_shared(words, threads):
    """Zeroes the first `words` b32 words of shared memory, all threads together."""
    return f"""  {{ .reg .b32 %i, %s; .reg .pred %p; mov.u32 %i, %thread;
L_clear: setp.ge.u32 %p, %i, {words}; @%p bra L_clear_done;
    shl.b32 %s, %i, 2; add.u32 %s, %s, %smem; st.shared.b32 [%s], 0; add.u32 %i, %i, {threads}; bra L_clear;
L_clear_done: }}"""


def copy_from_shared(base, words, threads, offset=0):
    return f"""  {{ .reg .b32 %i, %v, %s; .reg .b64 %a; .reg .pred %p; bar.sync 0; mov.u32 %i, %thread;
L_out{offset}: setp.ge.u32 %p, %i, {words}; @%p bra L_out{offset}_done;
    mul.wide.u32 %a, %i, 4; add.u64 %a, %a, {base}; shl.b32 %s, %i, 2; add.u32 %s, %s, %smem;
    ld.shared.b32 %v, [%s+{offset}]; st.global.b32 [%a], %v; add.u32 %i, %i, {threads}; bra L_out{offset};
L_out{offset}_done: }}"""




def wait_parity(bar, parity, label):
    return (f"  {{ .reg .pred %p; L_wait{label}: mbarrier.try_wait.parity.shared::cta.b64 %p, [{bar}], {parity}; "
            f"@!%p bra L_wait{label}; }}")
