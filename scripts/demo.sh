#!/usr/bin/env bash
# Shows what Postern does, on this machine alone: installs what is missing from Debian, builds,
# starts a catcher (a small SMTP server), submits a message object with four recipients, one of
# whom the catcher refuses for good and one only at first, and shows the verdicts, what arrived and
# the non-delivery report.
#
# Usage: scripts/demo.sh [--no-install] [--no-build]
# Where a MailHog answers on localhost:1025 (HTTP on 8025), or Docker or Podman can start one, the
# message goes there as well and is read back over its API.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }

install=yes
build=yes
for option in "$@"; do
  case "$option" in
    --no-install) install= ;;
    --no-build) build= ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 64 ;;
  esac
done

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

# The command as one could type it, then what it does.
show() {
  printf '$ %s\n' "$*"
  "$@"
}

mailhog_image=mailhog/mailhog:v1.0.1
mailhog_http=http://localhost:8025
engine=
container=
catcher=
directory=$(mktemp -d "${TMPDIR:-/tmp}/postern-demo.XXXXXX")
clean_up() {
  if [ -n "$catcher" ]; then
    kill "$catcher" 2>/dev/null || true
    wait "$catcher" 2>/dev/null || true
  fi
  if [ -n "$container" ]; then "$engine" rm --force "$container" >/dev/null || true; fi
  rm -rf "$directory"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

answers() { (exec 3<>"/dev/tcp/${1%:*}/${1##*:}") 2>/dev/null; }

wait_for() {
  local _
  for _ in $(seq 100); do
    if answers "$1"; then return; fi
    sleep 0.1
  done
  echo "Nothing answers on $1." >&2
  return 1
}

start_catcher() {
  local _ port
  printf '$ build/postern catch --listen 127.0.0.1:0 --directory %s &\n' "$directory/caught"
  build/postern catch --listen 127.0.0.1:0 --directory "$directory/caught" \
    >"$directory/catcher.log" 2>&1 &
  catcher=$!
  for _ in $(seq 100); do
    port=$(sed -n 's/^listening on port //p' "$directory/catcher.log")
    if [ -n "$port" ]; then
      listen=127.0.0.1:$port
      return
    fi
    sleep 0.1
  done
  cat "$directory/catcher.log" >&2
  return 1
}

send_to_catcher() {
  # Not everybody can be reached, which the exit status says.
  local status=0
  show build/postern send "$directory/sample.msg" --relay "smtp://$listen" \
    --store "$directory/store" --retry 1s,2s --wait 60 || status=$?
  echo "(exit status $status)"
  if [ "$status" != 1 ]; then
    echo "Exit status 1 was expected: all recipients settled, one of them not reached." >&2
    return 1
  fi
}

show_caught() {
  local file
  for file in "$directory"/caught/*.eml; do
    echo
    echo "${file##*/}:"
    python3 scripts/show-message.py "$file" "${file%.eml}.json"
  done
}

show_report() {
  local id
  show build/postern inbox --store "$directory/store"
  id=$(build/postern inbox --store "$directory/store" --json |
    python3 -c 'import json, sys; print(json.loads(sys.stdin.readline())["id"])')
  echo
  show build/postern show "$id" --store "$directory/store"
}

# Uses the MailHog that is there, or starts one; fails where neither is possible.
find_mailhog() {
  if answers localhost:1025; then return; fi
  for engine in docker podman; do
    if command -v "$engine" >/dev/null && "$engine" info >/dev/null 2>&1; then
      container=$("$engine" run --detach --rm --publish 127.0.0.1:1025:1025 \
        --publish 127.0.0.1:8025:8025 "$mailhog_image") || continue
      wait_for localhost:1025 && wait_for localhost:8025
      return
    fi
  done
  return 1
}

send_to_mailhog() {
  show build/postern send "$directory/sample.msg" --relay smtp://localhost:1025 \
    --store "$directory/mailhog-store" --wait 60
  echo
  python3 scripts/show-message.py --mailhog "$mailhog_http" alice@example.org
}

if [ -n "$install" ]; then
  say "Installing what is missing"
  scripts/install-dependencies.sh --demo
fi
if [ -n "$build" ]; then
  say "Building"
  scripts/build.sh release postern postern-sample
fi

say "A catcher, and a message object to send"
start_catcher
show build/postern-sample "$directory/sample.msg"

say "Sending: the verdict for each recipient"
send_to_catcher

say "What the catcher saw"
cat "$directory/catcher.log"

say "What arrived, part by part (nobody sees the Bcc)"
show_caught

say "The non-delivery report in the Inbox"
show_report

say "MailHog"
if find_mailhog; then
  send_to_mailhog
else
  echo "No MailHog answers on localhost:1025 and no container engine can start one: left out."
fi

say "Done"
