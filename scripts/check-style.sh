#!/usr/bin/env bash
# Checks what no compiler does: formatting, clang-tidy's list, who includes whom (include-table.txt),
# length of files and of functions, shell scripts.
#
# Usage: scripts/check-style.sh [--format-only] [--all] [--analyze] [FILE...]
#   --format-only  leave clang-tidy out
#   --all          clang-tidy looks at what passed as it is, too
#   --analyze      with the check for parameters that are copied in vain, which takes half of the
#                  time, and Clang's static analyzer, which takes many times as long and does not
#                  understand coroutines
#   FILE           clang-tidy looks at these only; otherwise at every source outside tests/
# clang-tidy goes by what Clang compiled last (scripts/build.sh asan). Another version of Clang's
# tools than 14 has another taste: where 14 is not to be had, its two checks are left out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }

longest_file=600
version=14
tidy=yes
tidy_options=(--jobs "${POSTERN_JOBS:-2}")
checks=('--checks=-clang-analyzer-*,-performance-unnecessary-value-param')
files=()
for argument in "$@"; do
  case "$argument" in
    --format-only) tidy= ;;
    --all) tidy_options+=(--all) ;;
    --analyze) checks=() ;;
    --help) usage; exit 0 ;;
    -*) usage >&2; exit 64 ;;
    *) files+=("$argument") ;;
  esac
done

failed=
left_out=
check() {
  echo "== $1"
  if ! "${@:2}"; then failed=yes; fi
}

# Sets `tool` to the program of the version that the style was agreed with; fails where there is none.
find_tool() {
  local name
  for name in "$1-$version" "$1"; do
    if "$name" --version 2>/dev/null | grep -q "version $version\."; then
      tool=$name
      return
    fi
  done
  echo "LEFT OUT: there is no $1 of version $version here, and another one judges otherwise."
  left_out=yes
  return 1
}

formatting() {
  find_tool clang-format || return 0
  git ls-files -z -- '*.cpp' '*.h' | xargs -0 -r "$tool" --dry-run --Werror
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
  find_tool clang-tidy || return 0
  if [ ! -e build-asan/compile_commands.json ]; then
    echo "build-asan is not configured; run scripts/build.sh asan first"
    return 1
  fi
  scripts/tidy.py "${tidy_options[@]}" "${checks[@]}" "$tool" build-asan "${files[@]}"
}

check "clang-format" formatting
check "includes" scripts/check-includes.py
check "length of files" lengths
check "length of functions" scripts/check-functions.py
check "shell scripts" shell_scripts
if [ -n "$tidy" ]; then check "clang-tidy" clang_tidy; fi
if [ -n "$failed" ]; then
  echo "The style is not as agreed." >&2
  exit 1
fi
if [ -n "$left_out" ]; then
  echo "The style is as agreed, as far as it was checked: see what was left out."
else
  echo "The style is as agreed."
fi
