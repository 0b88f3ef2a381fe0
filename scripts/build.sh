#!/usr/bin/env bash
# Configures and builds one preset of CMakePresets.json.
#
# Usage: scripts/build.sh [PRESET [TARGET...]]
#   PRESET   release (the default; leaves build/postern), asan or tsan
#   TARGET   what to build of it; when none is given, everything of release, the unit tests of others
# POSTERN_JOBS is how many compilers run at once (default: 2).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }

case "${1:-release}" in
  --help) usage; exit 0 ;;
  -*) usage >&2; exit 64 ;;
esac
preset=${1:-release}
targets=("${@:2}")

configure=(cmake --preset "$preset" -G Ninja)
if command -v ccache >/dev/null; then
  configure+=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  # Without the first it caches nothing that was precompiled for; without the others, nothing for
  # another clone.
  export CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
fi
"${configure[@]}"

build=(cmake --build --preset "$preset" --parallel "${POSTERN_JOBS:-2}")
if [ ${#targets[@]} != 0 ]; then build+=(--target "${targets[@]}"); fi
"${build[@]}"
