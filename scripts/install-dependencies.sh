#!/usr/bin/env bash
# Installs from Debian 12 or 13 what Postern is built with, and only what is missing. Safe to run
# again; works as root or through sudo, also in a bare (minbase) system, asks nothing, starts no
# daemon.
#
# Usage: scripts/install-dependencies.sh [--demo] [--tests] [--bench] [--servers] [--maildev]
#                                       [--mail-readers]
#   --demo     also what scripts/demo.sh needs
#   --tests    also what scripts/test.sh needs: compilers, checkers, Postfix, Dovecot, NSD, Kerberos,
#              PostgreSQL with Patroni and etcd, readers of TNEF, cron and mail programs, pytest
#   --bench    also what bench/queue and bench/smtp compare with: Postfix, msmtp
#   --servers  also Exim and OpenSMTPD, unpacked into build/servers (as packages they would
#              drive Postfix out), and the system users they run as
#   --maildev  also Node.js with maildev 2, in build/maildev
#   --mail-readers  also Node.js with mailparser 3 and ical.js 2, in build/mail-readers
# Servers that cannot be downloaded are done without, except with CI=true: tests of them skip.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Debian 12's own Boost is too old (1.74), but it has a newer one beside it.
boost=libboost-dev
if grep -qx 'VERSION_ID="12"' /etc/os-release; then boost=libboost1.81-dev; fi

build_packages=(
  g++ cmake ninja-build ccache pkg-config git ca-certificates
  dns-root-data "$boost" libcli11-dev libcurl4-openssl-dev libfmt-dev libgmock-dev
  libgmime-3.0-dev libgsf-1-dev libgtest-dev libical-dev libicu-dev libidn2-dev libjemalloc-dev
  libmimetic-dev libpq-dev libsqlite3-dev libsqlitecpp-dev libssl-dev libunbound-dev nlohmann-json3-dev zlib1g-dev
)
demo_packages=(python3)
test_packages=(
  python3 python3-pytest python3-yaml openssl postfix dovecot-core dovecot-imapd dovecot-lmtpd nsd
  ldnsutils iproute2 dovecot-submissiond
  python3-dkim python3-nacl libmail-dkim-perl libmime-tools-perl python3-vobject tnef ytnef-tools
  krb5-kdc krb5-admin-server krb5-user dovecot-gssapi
  cron git-email mutt s-nail postgresql patroni etcd-server
  strace clang clang-format clang-tidy libclang-rt-dev
)
bench_packages=(python3 python3-pytest openssl postfix msmtp)
server_packages=(exim4-base exim4-daemon-light opensmtpd)

usage() { sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

apt_get() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q "$@"; }

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

update_once() {
  if [ -z "${updated:-}" ]; then
    apt_get update
    updated=yes
  fi
}

# While packages are set up, their daemons are not to be started (man invoke-rc.d); a policy that
# is there already is left alone.
policy=/usr/sbin/policy-rc.d
own_policy=
forbid_daemons() {
  if [ ! -e "$policy" ]; then
    own_policy=yes
    trap allow_daemons EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
  fi
}
allow_daemons() {
  if [ -n "$own_policy" ]; then as_root rm -f "$policy"; fi
  own_policy=
}

install() {
  local package missing=()
  for package in "$@"; do
    installed "$package" || missing+=("$package")
  done
  if [ ${#missing[@]} = 0 ]; then return; fi
  echo "Installing: ${missing[*]}"
  update_once
  preseed "${missing[@]}"
  forbid_daemons
  apt_get install -y --no-install-recommends "${missing[@]}"
  keep_from_booting "${missing[@]}"
  allow_daemons
}

# Postfix would ask what it is for; the tests give each instance a configuration of its own.
preseed() {
  case " $* " in
    *' postfix '*)
      echo 'postfix postfix/main_mailer_type select No configuration' | as_root debconf-set-selections
      ;;
  esac
}

# Nor are the daemons to start when the machine does: the tests run their own.
keep_from_booting() {
  local daemon
  if ! command -v systemctl >/dev/null; then return; fi
  for daemon in postfix dovecot nsd cron krb5-kdc krb5-admin-server; do
    case " $* " in
      *" $daemon "* | *" $daemon-core "*) as_root systemctl --quiet disable "$daemon" || true ;;
    esac
  done
}

# The users those servers change to, without whom they refuse to start.
add_server_users() {
  local user
  for user in Debian-exim opensmtpd opensmtpq; do
    id "$user" >/dev/null 2>&1 ||
      as_root useradd --system --user-group --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin "$user"
  done
}

# What only some tests need may stay missing, but not where every test has to run.
do_without() {
  if [ "${CI:-}" = true ]; then
    echo "$1; with CI=true it has to be there." >&2
    return 1
  fi
  echo "$1; tests that need it will be skipped." >&2
}

# The libraries that packages are linked with; their names differ from one release to the next.
libraries_of() {
  apt-cache depends "$@" | sed -n 's/^  Depends: \(lib[^:]*\)$/\1/p' | sort -u
}

# Unpacks packages without installing them: their files lie below build/servers afterwards. Nothing
# there runs with more rights than who starts it.
unpack_servers() {
  local package directory=build/servers missing=() libraries
  mkdir -p "$directory"
  for package in "$@"; do
    if [ ! -e "$directory/.$package" ]; then missing+=("$package"); fi
  done
  if [ ${#missing[@]} = 0 ]; then return; fi
  update_once
  mapfile -t libraries < <(libraries_of "${missing[@]}")
  install "${libraries[@]}"
  for package in "${missing[@]}"; do
    rm -f "$directory/${package}"_*.deb
    if ! (cd "$directory" && apt-get -q -o APT::Sandbox::User=root download "$package"); then
      do_without "$package cannot be downloaded"
      return
    fi
    dpkg -x "$directory/${package}"_*.deb "$directory"
    find "$directory" -type f -perm /6000 -exec chmod ug-s {} +
    rm -f "$directory/${package}"_*.deb
    touch "$directory/.$package"
  done
}

# npm_install folder package... installs below build/folder, once. Node.js may be another one than
# Debian's, which then has no place for Debian's npm.
npm_install() {
  local directory=build/$1
  shift
  if [ "$(cat "$directory/.packages" 2>/dev/null)" = "$*" ]; then return; fi
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then install nodejs npm; fi
  mkdir -p "$directory"
  # npm trusts what the system trusts, as apt and git do.
  if NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt} \
    npm install --prefix "$directory" --fetch-retries 1 --no-audit --no-fund --no-save "$@"; then
    echo "$*" >"$directory/.packages"
  else
    do_without "$* cannot be installed by npm"
  fi
}

packages=("${build_packages[@]}")
servers=
maildev=
mail_readers=
for option in "$@"; do
  case "$option" in
    --demo) packages+=("${demo_packages[@]}") ;;
    --tests) packages+=("${test_packages[@]}") ;;
    --bench) packages+=("${bench_packages[@]}") ;;
    --servers) servers=yes ;;
    --maildev) maildev=yes ;;
    --mail-readers) mail_readers=yes ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 64 ;;
  esac
done

install "${packages[@]}"
if [ -n "$servers" ]; then
  unpack_servers "${server_packages[@]}"
  add_server_users
fi
if [ -n "$maildev" ]; then npm_install maildev maildev@2; fi
if [ -n "$mail_readers" ]; then npm_install mail-readers mailparser@3 ical.js@2; fi
echo "Everything needed is installed."
