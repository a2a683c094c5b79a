# shellcheck shell=bash
# Debian packages without touching the machine: apt reads the machine's own sources and keys, but keeps its lists and
# files in the private folder, and packages are unpacked there (dpkg -x) instead of being installed. So neither root
# rights nor a single change outside of the private folder are needed, and removing that folder undoes everything.

CC_APT="$CC_HOME/apt"

have_apt() { command -v apt-get >/dev/null && command -v dpkg >/dev/null; }

# private_apt NAME COMMAND ARGS...: one of the apt commands with the private state NAME ("machine": the sources of this
# machine; "unstable": Debian's unstable suite on the same mirror).
private_apt() {
    local state="$CC_APT/$1" command=$2
    shift 2
    local options=(
        -o "Dir::State::lists=$state/lists" -o "Dir::Cache=$state/cache" -o "Debug::NoLocking=1"
        -o "APT::Sandbox::User=" -o "Acquire::Retries=3" -o "Acquire::Languages=none" -q
    )
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    if [ -f "$state/sources.list" ]; then
        options+=(-o "Dir::Etc::sourcelist=$state/sources.list" -o "Dir::Etc::sourceparts=-")
    fi
    "$command" "${options[@]}" "$@"
}

# Lists older than a day may name files that the mirror no longer has.
refresh_lists() {
    local fresh
    fresh="$(find "$CC_APT/$1/updated" -mmin -1440 2>/dev/null || true)"
    if [ -z "$fresh" ]; then
        private_apt "$1" apt-get update
        touch "$CC_APT/$1/updated"
    fi
}

# The mirror that this machine uses for its own release, whatever it is, also carries unstable; Debian's own keyring
# verifies it (where it is missing, the keys that apt trusts anyway).
write_unstable_source() {
    local codename site keyring candidate
    codename="$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-sid}")"
    refresh_lists machine
    # shellcheck disable=SC2016  # the variables are apt's
    site="$(
        private_apt machine apt-get indextargets --format '$(ORIGIN)|$(RELEASE)|$(COMPONENT)|$(SITE)' \
            'Created-By: Packages' |
            awk -F'|' -v release="$codename" '$1 == "Debian" && $2 == release && $3 == "main" { site = $4 } END { print site }'
    )"
    if [ -z "$site" ]; then
        echo "No Debian mirror for the release '$codename' in this machine's apt sources."
        echo "Set ODOO_SRC to a checkout of Odoo 19.0, or ODOO_BIN to its odoo-bin, and run the command again."
        return 1
    fi
    keyring=""
    for candidate in /usr/share/keyrings/debian-archive-keyring.{pgp,gpg}; do
        if [ -f "$candidate" ]; then keyring="[signed-by=$candidate]"; fi
    done
    mkdir -p "$CC_APT/unstable"
    printf 'deb %s %s unstable main\n' "$keyring" "$site" >"$CC_APT/unstable/sources.list"
}

# unpack_named NAME ROOT PACKAGE...: exactly these packages, whether or not the machine has them installed.
unpack_named() {
    local state=$1 root=$2 folder
    shift 2
    refresh_lists "$state"
    folder="$CC_APT/$state/named"
    rm -rf "$folder"
    mkdir -p "$folder" "$root"
    (cd "$folder" && private_apt "$state" apt-get download "$@")
    unpack_folder "$folder" "$root"
    rm -rf "$folder"
}

# unpack_missing ROOT PACKAGE...: these packages with all they depend on, less what the machine has already.
unpack_missing() {
    local root=$1 archives="$CC_APT/machine/cache/archives"
    shift
    refresh_lists machine
    rm -f "$archives"/*.deb
    private_apt machine apt-get install --yes --download-only --no-install-recommends "$@"
    mkdir -p "$root"
    unpack_folder "$archives" "$root"
    rm -f "$archives"/*.deb
}

unpack_folder() {
    local package
    for package in "$1"/*.deb; do
        if [ -f "$package" ]; then dpkg -x "$package" "$2"; fi
    done
    bend_links "$2"
}

# Absolute links inside of packages would lead out of the folder in which they are unpacked.
bend_links() {
    local link target
    while IFS=$'\t' read -r link target; do
        if [ -e "$1$target" ]; then ln -sfnr "$1$target" "$link"; fi
    done < <(find "$1" -type l -lname '/*' -printf '%p\t%l\n')
}

# The folders below an unpacked root that hold shared libraries, as LD_LIBRARY_PATH wants them: packages of one release
# use /lib and /usr/lib, and some keep the libraries of their own in a folder beside.
library_path() {
    local folder
    for folder in "$1/usr/lib" "$1/lib"; do
        if [ -d "$folder" ]; then find "$folder" -mindepth 2 -maxdepth 3 -name 'lib*.so*' -printf '%h\n'; fi
    done | sort -u | paste -sd: -
}
