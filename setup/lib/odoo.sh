# shellcheck shell=bash
# Odoo 19: the user's own (ODOO_SRC, ODOO_BIN), else the package of Debian's unstable suite, unpacked.

CC_ROOT="$CC_HOME/root" # the unpacked packages

# What Debian's Odoo links to under /usr/share. Unpacked beside it, the relative links of its tree resolve. The second
# list is taken from the machine's own release: unstable has moved on to versions whose files are named otherwise, among
# them the icon font of the whole web client.
CC_ODOO_SHARE=(
    libjs-jquery libjs-jquery-form libjs-underscore fonts-roboto-unhinted fonts-montserrat fonts-ocr-b
    fonts-dejavu-core fonts-liberation fonts-lato
)
CC_ODOO_SHARE_STABLE=(fonts-font-awesome fonts-inconsolata)
# Native libraries of the Python wheels (wkhtmltopdf, python-magic).
CC_ODOO_LIBRARIES=(libxrender1 libxext6 libfontconfig1 libfreetype6 libmagic1)

odoo_is_foreign() { [ -n "${ODOO_SRC:-}${ODOO_BIN:-}" ]; }

install_odoo() {
    if odoo_is_foreign; then
        check_foreign_odoo
        return 0
    fi
    local key="${CC_ODOO_SHARE[*]} ${CC_ODOO_SHARE_STABLE[*]}"
    if [ -f "$CC_STAMPS/odoo" ] && [ "$(<"$CC_STAMPS/odoo")" = "$key" ]; then return 0; fi
    have_apt || die "Odoo 19 is taken from Debian's package, but this machine has no apt." \
        "Set ODOO_SRC to a checkout of Odoo 19.0, or ODOO_BIN to its odoo-bin, and run the command again."
    step "Package lists of Debian unstable" write_unstable_source
    once odoo "$key" "Odoo 19 (about 120 MB to fetch, 1.2 GB unpacked)" unpack_odoo
}

check_foreign_odoo() {
    if [ -n "${ODOO_BIN:-}" ]; then
        [ -x "$ODOO_BIN" ] || die "ODOO_BIN=$ODOO_BIN is not a program."
    elif [ ! -f "$ODOO_SRC/odoo/release.py" ]; then
        die "ODOO_SRC=$ODOO_SRC is not a checkout of Odoo (odoo/release.py is missing)."
    elif ! grep -Eq '^version_info = \(19, 0,' "$ODOO_SRC/odoo/release.py"; then
        die "ODOO_SRC=$ODOO_SRC is not Odoo 19.0 (see odoo/release.py)."
    fi
}

unpack_odoo() {
    local new="$CC_ROOT.new" stub
    rm -rf "$new"
    unpack_named unstable "$new" odoo-19 "${CC_ODOO_SHARE[@]}"
    unpack_named machine "$new" "${CC_ODOO_SHARE_STABLE[@]}"
    # Debian leaves this file out, but mail's manifest lists it: each page would report an error in the console, which
    # Odoo's browser tests take for a failure. It only blurs the background of video calls.
    stub="$new/usr/lib/python3/dist-packages/odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
    if [ ! -e "$stub" ]; then
        mkdir -p "$(dirname "$stub")"
        echo "/* left out by Debian: background blur of video calls */" >"$stub"
    fi
    rm -rf "$CC_ROOT"
    mv "$new" "$CC_ROOT"
}

install_libraries() {
    if have_apt; then
        once libraries "${CC_ODOO_LIBRARIES[*]}" "Native libraries of the Python packages" \
            unpack_missing "$CC_HOME/libraries" "${CC_ODOO_LIBRARIES[@]}"
    fi
}

write_fonts_conf() {
    cat <<FONTS
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <alias><family>sans-serif</family><prefer><family>Liberation Sans</family><family>DejaVu Sans</family></prefer></alias>
  <alias><family>serif</family><prefer><family>Liberation Serif</family><family>DejaVu Serif</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>Liberation Mono</family></prefer></alias>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <include ignore_missing="yes">$CC_HOME/libraries/etc/fonts/conf.d</include>
  <dir>$CC_ROOT/usr/share/fonts</dir>
  <cachedir>$CC_HOME/fontconfig</cachedir>
</fontconfig>
FONTS
}

# The configuration belongs to the checkout (its path is in the addons path), the rest to the private folder.
use_odoo() {
    local library source="${ODOO_SRC:-$CC_ROOT/usr/lib/python3/dist-packages}"
    export PATH="$CC_VENV/bin:${CC_PG_BIN:+$CC_PG_BIN:}$PATH"
    export FONTCONFIG_FILE="$CC_HOME/fonts.conf"
    library="$(library_path "$CC_HOME/libraries")"
    if [ -n "$library" ]; then export LD_LIBRARY_PATH="$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"; fi
    if [ -f "$CC_HOME/libraries/usr/lib/file/magic.mgc" ]; then
        export MAGIC="$CC_HOME/libraries/usr/lib/file/magic.mgc"
    fi
    if [ -z "${ODOO_BIN:-}" ]; then export PYTHONPATH="$source${PYTHONPATH:+:$PYTHONPATH}"; fi
    write_fonts_conf >"$CC_HOME/fonts.conf.$$"
    mv "$CC_HOME/fonts.conf.$$" "$CC_HOME/fonts.conf"
    export CREDIT_CONTROL_BASE_RC="${CREDIT_CONTROL_BASE_RC-${ODOO_RC:-}}"
    ODOO_RC="$("$CC_VENV/bin/python" "$CC_REPO/setup/lib/odoo_conf.py" "$CC_REPO" "$CC_HOME")"
    export ODOO_RC
}

# odoo ARGS...: never returns.
exec_odoo() {
    if [ -z "${ODOO_HTTP_PORT:-}" ]; then
        ODOO_HTTP_PORT="$("$CC_VENV/bin/python" "$CC_REPO/setup/lib/free_port.py" 8069)"
        export ODOO_HTTP_PORT
    fi
    if [ -n "${ODOO_BIN:-}" ]; then exec "$ODOO_BIN" "$@"; fi
    exec "$CC_VENV/bin/python" -m odoo "$@"
}
