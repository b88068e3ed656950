# What the commands in tools/ share. Sourced by bash.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() { printf '%s\n' "$*" >&2; }

# die MESSAGE [STATUS]: one line, and out. 1: it failed; 2: it was called wrongly.
die() {
    say "$1"
    exit "${2:-1}"
}

# The opening comment of a command is its help.
print_help() { awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$1"; }

# configure PRESET [-D ...]: says nothing unless it fails.
configure() {
    mkdir -p "$root/build"
    if ! (cd "$root" && cmake --preset "$@") >"$root/build/$1.log" 2>&1; then
        cat "$root/build/$1.log" >&2
        return 1
    fi
}

# build PRESET [TARGET...]: as many jobs as processors; warnings and errors are shown.
build() {
    local preset=$1
    shift
    cmake --build "$root/build/$preset" --parallel "$(nproc)" ${1:+--target "$@"} -- --quiet >&2
}
