# Shared by the scripts that build: sourced, never run. Sets `root` (the project's folder) and goes there.
set -euo pipefail

name=${0##*/}
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
cd -- "$root"
# Where ccache is there, another checkout of the same sources finds what this one compiled.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1

say() { printf '%s: %s\n' "$name" "$*"; }

# die STATUS TEXT: exit statuses are those of sysexits.h where one fits.
die() {
  local status=$1
  shift
  printf '%s: error: %s\n' "$name" "$*" >&2
  exit "$status"
}

# jobs prints how many compilers to run at once: one per processor, but none without 1.5 GB of memory.
jobs() {
  local processors memory
  processors=$(nproc)
  memory=$(awk '/^MemTotal:/ { print int($2 / 1572864) }' /proc/meminfo)
  ((memory > 0)) || memory=1
  echo $((processors < memory ? processors : memory))
}

# build PRESET [TARGET...] configures and builds in build/PRESET, quietly unless something is said or goes wrong.
build() {
  local preset=$1 started=$SECONDS log
  shift
  log=$(mktemp)
  say "building $preset${*:+ ($*)}"
  if ! { cmake --preset "$preset" >"$log" 2>&1 &&
    nice cmake --build "build/$preset" --parallel "$(jobs)" ${*:+--target "$@"} >>"$log" 2>&1; }; then
    grep -vE '^\[[0-9]+/[0-9]+\] (Building|Linking|Running)' "$log" | tail -n 100 >&2
    rm -f -- "$log"
    die 70 "$preset does not build"
  fi
  grep -E 'warning:' "$log" || true
  rm -f -- "$log"
  say "built $preset in $((SECONDS - started)) s"
}
