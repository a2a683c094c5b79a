# shellcheck shell=bash
# The private PostgreSQL server: own folder, own socket, no TCP port; no cluster of the machine is touched.
# With PGHOST in the environment, the server it names is used instead and nothing here runs.

# PostgreSQL refuses to run as root, so root lends the server to an unprivileged account. That account must be able to
# reach its folder: where the private folder lies behind a closed one (/root), the server lives in /var/lib instead.
pg_account() {
    if ! is_root; then
        return 0
    fi
    if id postgres >/dev/null 2>&1; then echo postgres; else echo nobody; fi
}

as_pg() {
    if [ -n "$CC_PG_ACCOUNT" ]; then
        runuser -u "$CC_PG_ACCOUNT" -- "$@"
    else
        "$@"
    fi
}

locate_pg() {
    CC_PG_ACCOUNT="$(pg_account)"
    CC_PG="$CC_HOME/postgres"
    if [ -n "$CC_PG_ACCOUNT" ] && ! as_pg test -x "$CC_HOME"; then
        CC_PG="/var/lib/credit-control-$(printf '%s' "$CC_HOME" | sha256sum | cut -c1-8)"
    fi
    CC_PG_DATA="$CC_PG/data"
    CC_PG_ROOT="$CC_PG/root"
    CC_PG_LOG="$CC_PG/server.log"
    # The name of a Unix socket holds 107 bytes at most.
    CC_PG_SOCKET="$CC_PG/socket"
    if [ "${#CC_PG_SOCKET}" -gt 80 ]; then
        CC_PG_SOCKET="/tmp/credit-control-$(printf '%s' "$CC_HOME" | sha256sum | cut -c1-16)"
    fi
}

pg_is_private() { [ -z "${PGHOST:-}" ] || [ "$PGHOST" = "$CC_PG_SOCKET" ]; }

# The newest server programs: those unpacked in the private folder, else the machine's.
find_pg_bin() {
    local folder newest=""
    for folder in "$CC_PG_ROOT"/usr/lib/postgresql/*/bin /usr/lib/postgresql/*/bin; do
        if [ -x "$folder/initdb" ]; then newest="$folder"; fi
        if [ -n "$newest" ] && [[ $folder == "$CC_PG_ROOT"* ]]; then break; fi
    done
    if [ -z "$newest" ] && command -v initdb >/dev/null; then
        newest="$(dirname "$(readlink -f "$(command -v initdb)")")"
    fi
    printf '%s' "$newest"
}

use_pg_bin() {
    CC_PG_BIN="$(find_pg_bin)"
    CC_PG_LIBRARIES=""
    if [[ $CC_PG_BIN == "$CC_PG_ROOT"* ]]; then CC_PG_LIBRARIES="$(library_path "$CC_PG_ROOT")"; fi
}

pg_run() { as_pg env ${CC_PG_LIBRARIES:+"LD_LIBRARY_PATH=$CC_PG_LIBRARIES"} "$CC_PG_BIN/$1" "${@:2}"; }

pg_is_running() { pg_run pg_ctl -D "$CC_PG_DATA" status >/dev/null 2>&1; }

install_pg() {
    if [ -z "$(find_pg_bin)" ]; then
        have_apt || die "no PostgreSQL server on this machine." "Install one, or set PGHOST, PGPORT, PGUSER to reach one."
        step "PostgreSQL (unpacked into the private folder)" unpack_missing "$CC_PG_ROOT" postgresql
    fi
    use_pg_bin
    if [ -z "$CC_PG_BIN" ]; then die "the PostgreSQL server programs were not found."; fi
    if [ ! -f "$CC_PG_DATA/PG_VERSION" ]; then
        step "Private database server in $CC_PG" create_pg
    fi
}

own_by_pg() {
    mkdir -p "$1"
    chmod 700 "$1"
    if [ -n "$CC_PG_ACCOUNT" ]; then chown "$CC_PG_ACCOUNT" "$1"; fi
}

create_pg() {
    local new="$CC_PG_DATA.new"
    mkdir -p "$CC_PG"
    chmod 755 "$CC_PG"
    rm -rf "$new"
    own_by_pg "$new"
    cd /
    pg_run initdb -D "$new" -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync
    write_pg_settings >>"$new/postgresql.conf"
    # What an older attempt left behind would swallow the new cluster instead of giving way to it.
    rmdir "$CC_PG_DATA" 2>/dev/null || [ ! -e "$CC_PG_DATA" ] ||
        die "$CC_PG_DATA holds something that is no database cluster." "Move it away, and try again."
    mv "$new" "$CC_PG_DATA"
}

write_pg_settings() {
    local memory shared work=16
    memory="$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)"
    # A quarter of the memory, as PostgreSQL's manual has it for a server; less on a machine with much else to hold.
    shared=$((memory < 4096 ? memory / 8 : memory / 4))
    if [ "$shared" -gt 4096 ]; then shared=4096; fi
    if [ "$memory" -ge 16384 ]; then work=64; fi
    cat <<SETTINGS

# --- credit control: private server for trying, developing and testing ---
listen_addresses = ''
max_connections = 200
shared_buffers = ${shared}MB
work_mem = ${work}MB
maintenance_work_mem = 256MB
max_wal_size = 2GB
# A commit reaches the operating system before it is acknowledged, so that a killed Odoo or a killed PostgreSQL loses
# nothing (the tests that kill senders rely on it). Only the flush to the disk is left out: a power cut could corrupt
# this cluster. Do not copy this setting to a server whose data matter.
synchronous_commit = on
fsync = off
full_page_writes = off
# Timings that can be compared, and no need for a large /dev/shm in containers.
jit = off
max_parallel_workers_per_gather = 0
SETTINGS
}

start_pg() {
    if pg_is_running; then return 0; fi
    step "Start the private database server" run_pg
}

run_pg() {
    own_by_pg "$CC_PG_SOCKET"
    if [ ! -f "$CC_PG_LOG" ]; then
        : >"$CC_PG_LOG"
        if [ -n "$CC_PG_ACCOUNT" ]; then chown "$CC_PG_ACCOUNT" "$CC_PG_LOG"; fi
    fi
    cd /
    (
        close_inherited_files
        pg_run pg_ctl -D "$CC_PG_DATA" -l "$CC_PG_LOG" -w -t 60 -o "-k '$CC_PG_SOCKET'" start
    )
    # Odoo warns about, and should not have, the rights of a superuser.
    if [ -z "$(pg_query "SELECT 1 FROM pg_roles WHERE rolname = 'odoo'")" ]; then
        pg_query "CREATE ROLE odoo LOGIN CREATEDB"
    fi
}

pg_query() { pg_run psql -h "$CC_PG_SOCKET" -p 5432 -U postgres -d postgres -Atqc "$1"; }

stop_pg() {
    locate_pg
    use_pg_bin
    if [ -n "$CC_PG_BIN" ] && [ -f "$CC_PG_DATA/PG_VERSION" ] && pg_is_running; then
        step "Stop the private database server" pg_run pg_ctl -D "$CC_PG_DATA" -m fast -w stop
    fi
}

use_pg() {
    locate_pg
    if pg_is_private; then
        use_pg_bin
        export PGHOST="$CC_PG_SOCKET" PGPORT=5432 PGUSER=odoo
    fi
}
