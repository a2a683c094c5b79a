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

ready() {
    install_all
    use_pg
    use_odoo
}
