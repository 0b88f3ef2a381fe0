#!/usr/bin/env bash
# Checks what no compiler does: formatting, clang-tidy's list, who includes whom (include-table.txt),
# length of files, shell scripts.
#
# Usage: scripts/check-style.sh [--format-only] [--analyze] [FILE...]
#   --format-only  leave clang-tidy out
#   --analyze      with the check for parameters that are copied in vain, which takes half of the
#                  time, and Clang's static analyzer, which takes many times as long and does not
#                  understand coroutines
#   FILE           clang-tidy looks at these only; otherwise at every source outside tests/
# clang-tidy goes by what Clang compiled last (scripts/build.sh asan).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }

longest_file=600
tidy=yes
checks='--checks=-clang-analyzer-*,-performance-unnecessary-value-param'
files=()
for argument in "$@"; do
  case "$argument" in
    --format-only) tidy= ;;
    --analyze) checks=--checks= ;;
    --help) usage; exit 0 ;;
    -*) usage >&2; exit 64 ;;
    *) files+=("$argument") ;;
  esac
done

failed=
check() {
  echo "== $1"
  if ! "${@:2}"; then failed=yes; fi
}

formatting() {
  git ls-files -z -- '*.cpp' '*.h' | xargs -0 -r clang-format-14 --dry-run --Werror
}

lengths() {
  local file lines status=0
  while IFS= read -r -d '' file; do
    lines=$(wc -l <"$file")
    if [ "$lines" -gt "$longest_file" ]; then
      echo "$file has $lines lines; a file is one concept, at most $longest_file"
      status=1
    fi
  done < <(git ls-files -z -- '*.cpp' '*.h')
  return "$status"
}

shell_scripts() {
  local script status=0
  while IFS= read -r -d '' script; do
    bash -n "$script" || status=1
  done < <(git ls-files -z -- 'scripts/*.sh' .ci/run)
  if command -v shellcheck >/dev/null; then
    git ls-files -z -- 'scripts/*.sh' .ci/run | xargs -0 -r shellcheck || status=1
  fi
  return "$status"
}

clang_tidy() {
  if [ ! -e build-asan/compile_commands.json ]; then
    echo "build-asan is not configured; run scripts/build.sh asan first"
    return 1
  fi
  if [ ${#files[@]} = 0 ]; then
    # Only what the build compiles: a source outside it has no compile command to go by.
    mapfile -t files < <(git ls-files -- '*.cpp' ':!tests' |
      while read -r file; do
        if grep -qF "\"$PWD/$file\"" build-asan/compile_commands.json; then echo "$file"; fi
      done)
  fi
  printf '%s\0' "${files[@]}" |
    xargs -0 -n 4 -P "${POSTERN_JOBS:-2}" clang-tidy-14 -p build-asan --quiet "$checks" 2>/dev/null
}

check "clang-format" formatting
check "includes" scripts/check-includes.py
check "length of files" lengths
check "shell scripts" shell_scripts
if [ -n "$tidy" ]; then check "clang-tidy" clang_tidy; fi
if [ -n "$failed" ]; then
  echo "The style is not as agreed." >&2
  exit 1
fi
echo "The style is as agreed."
