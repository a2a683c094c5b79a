# shellcheck shell=bash
# Chromium for the tests in the browser: the machine's, else Debian's package, unpacked like the others. Where neither
# can be had, these tests are skipped and say so.

CC_BROWSER="$CC_HOME/browser"

find_browser() {
    local name
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if command -v "$name"; then return 0; fi
    done
    return 1
}

ready_browser() {
    if find_browser >/dev/null; then return 0; fi
    if ! have_apt; then
        say "  No Chromium on this machine, and no apt to fetch it: tests in the browser will be skipped."
        return 0
    fi
    take_lock
    once browser 1 "Chromium for the browser tests (unpacked)" install_browser
    release_lock
    export PATH="$CC_BROWSER/bin:$PATH"
}

# Odoo gives a browser ten seconds to start, and the test fails where it takes longer: so it may the first time, with all
# of it still on the disk and other processes at work. So it starts once beforehand, while Odoo does; what comes of it
# is the tests' to tell.
start_browser_once() {
    local browser profile
    browser="$(find_browser)" || return 0
    profile="$(mktemp -d)"
    (
        timeout 60 "$browser" --headless --no-sandbox --disable-gpu "--user-data-dir=$profile" --dump-dom about:blank || true
        rm -rf "$profile"
    ) >/dev/null 2>&1 </dev/null &
}

install_browser() {
    unpack_missing "$CC_BROWSER/root" chromium
    mkdir -p "$CC_BROWSER/bin"
    # Debian's own launcher looks for its parts under /usr.
    cat >"$CC_BROWSER/bin/chromium" <<LAUNCHER
#!/bin/sh
LD_LIBRARY_PATH="$(library_path "$CC_BROWSER/root")\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
export LD_LIBRARY_PATH
exec "$CC_BROWSER/root/usr/lib/chromium/chromium" "\$@"
LAUNCHER
    chmod +x "$CC_BROWSER/bin/chromium"
    "$CC_BROWSER/bin/chromium" --version
}
