# shellcheck shell=bash
# Shared by the scripts in tools/ and .ci/run: how they speak, how they fail. Sourced, never run.
#
# Every script says what it is doing and how long it took, may be run again, and fails with the
# reason and the remedy.

set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
export ROOT

# Colour only where a person is looking.
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    BOLD=$'\e[1m' FAINT=$'\e[2m' RED=$'\e[31m' PLAIN=$'\e[0m'
else
    BOLD='' FAINT='' RED='' PLAIN=''
fi

say() { printf '%s\n' "$*"; }

# fail REASON REMEDY: to stderr, and out.
fail() {
    printf '\n%sfailed:%s %s\n' "$RED" "$PLAIN" "$1" >&2
    [ -z "${2:-}" ] || printf '%sremedy:%s %s\n' "$BOLD" "$PLAIN" "$2" >&2
    exit 1
}

# step WORDS -- COMMAND…: says what begins, runs it, says how long it took. Keeps its exit code.
step() {
    local words="" began=$SECONDS code=0
    while [ "$1" != "--" ]; do
        words+="${words:+ }$1"
        shift
    done
    shift
    printf '%s==> %s%s\n' "$BOLD" "$words" "$PLAIN"
    "$@" || code=$?
    if [ "$code" -eq 0 ]; then
        printf '%s    done in %s%s\n' "$FAINT" "$(lasted $((SECONDS - began)))" "$PLAIN"
    else
        printf '%s    failed after %s (exit code %s)%s\n' "$RED" "$(lasted $((SECONDS - began)))" "$code" "$PLAIN"
    fi
    return "$code"
}

# lasted 75 -> 1 min 15 s
lasted() {
    if [ "$1" -lt 60 ]; then echo "$1 s"; else echo "$(($1 / 60)) min $(($1 % 60)) s"; fi
}

# Is something listening on 127.0.0.1:PORT?
port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# The first free port from FIRST on.
free_port() {
    local port
    for ((port = $1; port < $1 + 200; port++)); do
        if ! port_taken "$port"; then
            echo "$port"
            return
        fi
    done
    fail "no port between $1 and $((port - 1)) of 127.0.0.1 is free" "stop what holds them: ss -ltnp"
}

# at_least 1.95 1.95.0 -> true: is the second version the first or newer?
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ] || [ "$1" = "$2" ]; }

# Refuses to go on without the cargo that Cargo.toml asks for.
need_cargo() {
    local wanted found
    wanted="$(sed -n 's/^rust-version *= *"\(.*\)"/\1/p' "$ROOT/Cargo.toml" | head -n 1)"
    command -v cargo >/dev/null ||
        fail "cargo is not installed" "install Rust $wanted or newer with rustup (https://rustup.rs), then run this again"
    found="$(cd "$ROOT" && cargo --version | sed -n 's/^cargo \([0-9.]*\).*/\1/p')" || true
    [ -n "$found" ] || fail "cargo --version does not answer" "run 'rustup toolchain install $wanted', then run this again"
    at_least "$wanted" "$found" ||
        fail "cargo is $found; Afterword needs $wanted or newer" "run 'rustup update', then run this again"
}

# Refuses to go on without the Node that e2e/ asks for.
need_node() {
    local wanted=20 found
    command -v node >/dev/null || fail "node is not installed" "install Node.js $wanted or newer, then run this again"
    command -v npm >/dev/null || fail "npm is not installed" "install npm (it comes with Node.js), then run this again"
    found="$(node --version | sed 's/^v//')"
    at_least "$wanted" "$found" || fail "node is $found; the tests need $wanted or newer" "install Node.js $wanted or newer"
}

# Where cargo puts what it builds.
target_dir() { echo "${CARGO_TARGET_DIR:-$ROOT/target}"; }
