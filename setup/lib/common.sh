# shellcheck shell=bash
# What every command of setup/ shares: where things are, how progress is told, what was done already.

set -Eeuo pipefail

CC_REPO="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)"

# One private folder holds everything that is installed; several checkouts may share one.
CC_HOME="$(realpath -m -- "${CREDIT_CONTROL_HOME:-$CC_REPO/.local}")"
export CREDIT_CONTROL_HOME="$CC_HOME"

CC_STAMPS="$CC_HOME/stamps" # one file per finished step, holding the key it was done for
CC_LOG="$CC_HOME/log/install.log"

say() { printf '%s\n' "$*" >&2; }

die() {
    say ""
    say "error: $1"
    shift
    local line
    for line in "$@"; do say "  $line"; done
    exit 1
}

is_root() { [ "$(id -u)" -eq 0 ]; }

# step LABEL COMMAND...: run it with its output in the log, and tell in one line how long it took. The command runs in
# a subshell outside any condition, so that `set -e` stays in force inside it.
step() {
    local label=$1 start=$SECONDS status
    shift
    mkdir -p "$(dirname "$CC_LOG")"
    printf '  %-58s ' "$label" >&2
    set +e
    (
        set -e
        printf '\n=== %s (%s)\n' "$label" "$(date '+%F %T')"
        "$@"
    ) >>"$CC_LOG" 2>&1 </dev/null
    status=$?
    set -e
    if [ "$status" -ne 0 ]; then
        say "failed ($((SECONDS - start)) s)"
        say ""
        tail -n 25 "$CC_LOG" >&2
        die "'$label' failed (status $status)." "The whole output is in $CC_LOG." \
            "Run the same command again to go on from here."
    fi
    say "$((SECONDS - start)) s"
}

# once NAME KEY LABEL COMMAND...: a step that is skipped as long as NAME was finished for the same KEY. The stamp is
# written last, so an interrupted step is simply done again.
once() {
    local name=$1 key=$2
    shift 2
    if [ -f "$CC_STAMPS/$name" ] && [ "$(<"$CC_STAMPS/$name")" = "$key" ]; then
        return 0
    fi
    step "$@"
    printf '%s' "$key" >"$CC_STAMPS/$name"
}

hash_of() { cat -- "$@" | sha256sum | cut -c1-16; }

# Installing twice at the same time (two shells, two checkouts sharing one folder) would mix two half-done states.
# The lock lives as long as file descriptor 9: it falls with the process, however that ends. Who takes it is about to
# install; before that, not even a folder is made.
take_lock() {
    mkdir -p "$CC_STAMPS"
    exec 9>"$CC_HOME/install.lock"
    if ! flock -n 9; then
        say "  another command is installing into $CC_HOME: waiting for it"
        flock 9
    fi
}

release_lock() { exec 9>&-; }

# A daemon must not inherit the caller's pipes and locks: whoever waits for their end would wait for the daemon.
close_inherited_files() {
    local path fd
    for path in "/proc/$BASHPID/fd/"*; do
        fd=${path##*/}
        if [ "$fd" -gt 2 ]; then eval "exec $fd>&-"; fi
    done
}
