# shellcheck shell=bash
# Source this file, then call `ready`: everything is installed, the database server runs, and the environment (PATH,
# PGHOST, ODOO_RC, PYTHONPATH, ...) is the one in which Odoo, psql and the venv's Python work.

CC_LIB="$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=setup/lib/common.sh
. "$CC_LIB/common.sh"
# shellcheck source=setup/lib/debian.sh
. "$CC_LIB/debian.sh"
# shellcheck source=setup/lib/python.sh
. "$CC_LIB/python.sh"
# shellcheck source=setup/lib/postgres.sh
. "$CC_LIB/postgres.sh"
# shellcheck source=setup/lib/odoo.sh
. "$CC_LIB/odoo.sh"
# shellcheck source=setup/lib/browser.sh
. "$CC_LIB/browser.sh"

install_all() {
    take_lock
    need_python
    install_odoo
    install_libraries
    ensure_venv
    locate_pg
    if pg_is_private; then
        install_pg
        start_pg
    fi
    release_lock
}

# Enough for what needs Python, but neither Odoo nor a database.
ready_python() {
    take_lock
    need_python
    ensure_venv
    release_lock
}

# answer_help MODULE ARGUMENTS...: where help is asked for, let the MODULE with the arguments of the command tell it, and
# end. It needs no more than a Python: nobody installs something to learn what it does.
answer_help() {
    local module=$1 python
    shift
    asks_help "$@" || return 0
    python="$(find_python || command -v python3)" || die "no Python on this machine to tell the options with."
    cd "$CC_LIB"
    PYTHONDONTWRITEBYTECODE=1 exec "$python" -m "$module" --help
}

asks_help() {
    case " $* " in
        *" --help "* | *" -h "*) ;;
        *) return 1 ;;
    esac
}

is_installed() { [ -f "$CC_STAMPS/venv" ] && { odoo_is_foreign || [ -f "$CC_STAMPS/odoo" ]; }; }

ready() {
    install_all
    use_pg
    use_odoo
}
