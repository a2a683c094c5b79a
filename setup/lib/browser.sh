# shellcheck shell=bash
# Chromium for the tests in the browser: the machine's, else Debian's package, unpacked like the others. Where neither
# can be had, these tests are skipped and say so.

CC_BROWSER="$CC_HOME/browser"

ready_browser() {
    if command -v chromium chromium-browser google-chrome google-chrome-stable >/dev/null; then return 0; fi
    if ! have_apt; then
        say "  No Chromium on this machine, and no apt to fetch it: tests in the browser will be skipped."
        return 0
    fi
    take_lock
    once browser 1 "Chromium for the browser tests (unpacked)" install_browser
    release_lock
    export PATH="$CC_BROWSER/bin:$PATH"
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
