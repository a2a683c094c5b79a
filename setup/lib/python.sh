# shellcheck shell=bash
# The Python environment: Odoo's dependencies, ours and the test tools, all pinned in setup/requirements.txt.

CC_VENV="$CC_HOME/venv"
CC_REQUIREMENTS="$CC_REPO/setup/requirements.txt"

# Odoo 19 runs on Python 3.10 to 3.13. A name in PATH proves nothing (version managers leave shims for versions that are
# not there), nor does a Python (distributions split off venv): each candidate is tried.
find_python() {
    local candidate
    for candidate in "${PYTHON:-}" python3.12 python3.11 python3.10 python3.13 python3; do
        if [ -n "$candidate" ] && "$candidate" -c '
import ensurepip, sys, venv
sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return 0
        fi
    done
    return 1
}

need_python() {
    CC_PYTHON="$(find_python)" && return 0
    if have_apt && is_root; then
        step "Python (apt-get install python3 python3-venv)" install_debian_python
        CC_PYTHON="$(find_python)" && return 0
    fi
    die "no Python 3.10 to 3.13 with venv on this machine." "On Debian, run as root:" \
        "    apt-get install python3 python3-venv" "or set PYTHON to the one to use, and run the command again."
}

install_debian_python() {
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends python3 python3-venv
}

install_venv() {
    local version
    version="$("$CC_PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
    if ! "$CC_VENV/bin/python$version" -m pip --version; then
        rm -rf "$CC_VENV"
        "$CC_PYTHON" -m venv "$CC_VENV"
    fi
    "$CC_VENV/bin/python" -m pip install --prefer-binary --requirement "$CC_REQUIREMENTS"
    "$CC_VENV/bin/python" -c 'import _rl_renderPM' || install_render_pm
    # PyPDF2 is preferred by Odoo when it is there, and its present version breaks it.
    "$CC_VENV/bin/python" -m pip uninstall --yes PyPDF2
    # The patched wkhtmltopdf under the name that Odoo looks for; Debian's own prints neither header nor footer.
    ln -sfn wkhtmltopdf-pack "$CC_VENV/bin/wkhtmltopdf"
}

# The package index has no rl_renderPM for Python 3.13, but a Debian whose Python that is has it as a package.
install_render_pm() {
    local packages
    packages="$("$CC_VENV/bin/python" -c 'import sysconfig; print(sysconfig.get_path("platlib"))')"
    have_apt && unpack_named machine "$CC_HOME/render-pm" python3-rl-renderpm &&
        cp "$CC_HOME"/render-pm/usr/lib/python3/dist-packages/_rl_renderPM*.so "$packages" &&
        "$CC_VENV/bin/python" -c 'import _rl_renderPM' ||
        echo "No rl_renderPM for this Python: reports will lack their QR codes. Set PYTHON to a Python 3.10 to 3.12."
}

ensure_venv() {
    once venv "$("$CC_PYTHON" -V) $(hash_of "$CC_REQUIREMENTS")" "Python packages (setup/requirements.txt)" install_venv
}
