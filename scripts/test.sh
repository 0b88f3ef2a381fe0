#!/usr/bin/env bash
# Runs everything that can tell whether Postern works, after installing what is missing for it:
#   release   builds, runs every test
#   asan      builds with Clang, runs the unit tests under AddressSanitizer and
#             UndefinedBehaviorSanitizer
#   tsan      the unit tests of the rooms with threads under ThreadSanitizer
#   style     scripts/check-style.sh
# Each part's output is kept in build/test-logs; that of a part that failed is shown. The last
# lines are CTest's summary of the release run.
#
# Usage: scripts/test.sh [--quick] [--label LABEL] [--without PART]... [--no-install]
#   --quick         release only, and of its tests those that are not slow (more than five seconds)
#   --label LABEL   release only, and of its tests those with the label (unit, system, slow)
#   --without PART  leave a part out
#   --no-install    what is missing stays missing
# POSTERN_JOBS is how many compilers or tests run at once (default: 2).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }

jobs=${POSTERN_JOBS:-2}
threaded_rooms=(mapi smtp catcher store spooler transport)
parts=(release asan tsan style)
selection=()
install=yes
while [ $# != 0 ]; do
  case "$1" in
    --quick)
      parts=(release)
      selection=(-LE '^slow$')
      ;;
    --label)
      if [ -z "${2:-}" ]; then usage >&2; exit 64; fi
      parts=(release)
      selection=(-L "^$2\$")
      shift
      ;;
    --without)
      kept=()
      for part in "${parts[@]}"; do
        if [ "$part" != "${2:-}" ]; then kept+=("$part"); fi
      done
      parts=("${kept[@]}")
      shift
      ;;
    --no-install) install= ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 64 ;;
  esac
  shift
done

logs=build/test-logs
mkdir -p "$logs"

run_ctest() {
  ctest --preset "$1" -j "$jobs" --no-tests=error "${@:2}"
}

part_release() {
  scripts/build.sh release
  run_ctest release "${selection[@]}"
}

part_asan() {
  scripts/build.sh asan
  run_ctest asan -L unit
}

part_tsan() {
  local room targets=() names
  for room in "${threaded_rooms[@]}"; do
    if [ -e "tests/$room/CMakeLists.txt" ]; then targets+=("${room}_test"); fi
  done
  scripts/build.sh tsan "${targets[@]}"
  names=$(IFS='|'; echo "${threaded_rooms[*]}")
  run_ctest tsan -R "^($names)\." -L unit
}

part_style() { scripts/check-style.sh; }

# Runs a part with its output in its log; `set -e` holds within it, which it would not in an `if`.
results=()
failed=
run_part() {
  local part=$1 log="$logs/$1.log" start=$SECONDS before=${#results[@]} status=0
  echo "== $part"
  set +e
  (set -e; "part_$part") >"$log" 2>&1
  status=$?
  set -e
  if [ "$status" = 0 ]; then
    results+=("$(printf '%-8s passed  %5d s' "$part" $((SECONDS - start)))")
    # What a part could not check is not to pass for checked.
    mapfile -t -O ${#results[@]} results < <(sed -n 's/^LEFT OUT/         left out/p' "$log")
  else
    failed=yes
    results+=("$(printf '%-8s FAILED  %5d s  (%s)' "$part" $((SECONDS - start)) "$log")")
    tail -n 200 "$log"
  fi
  printf '%s\n' "${results[@]:before}"
}

if [ -n "$install" ]; then scripts/install-dependencies.sh --tests --servers --maildev --mail-readers; fi
if [ ${#parts[@]} = 0 ]; then
  echo "Every part was left out." >&2
  exit 64
fi
for part in "${parts[@]}"; do run_part "$part"; done

echo
echo "== Summary"
printf '%s\n' "${results[@]}"
printf '%-8s         %5d s\n' total "$SECONDS"
if [[ " ${parts[*]} " == *" release "* ]]; then
  echo
  sed -n '/tests passed, /,$p' "$logs/release.log"
fi
if [ -n "$failed" ]; then exit 1; fi
