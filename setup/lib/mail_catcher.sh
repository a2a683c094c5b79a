# shellcheck shell=bash
# The mail catcher as a background process. Source after ready.sh, whose environment it needs.

# start_mail_catcher FOLDER PORT: set MAIL_CATCHER_PID once it listens. Stop it with stop_mail_catcher.
start_mail_catcher() {
    local folder=$1 port=$2 tries=0
    mkdir -p "$folder"
    (
        close_inherited_files
        exec "$CC_VENV/bin/python" "$CC_REPO/setup/lib/mail_catcher.py" "$folder" "$port" >"$folder/catcher.log" 2>&1 </dev/null
    ) &
    MAIL_CATCHER_PID=$!
    until grep -q "^Mails to " "$folder/catcher.log" 2>/dev/null; do
        tries=$((tries + 1))
        if [ "$tries" -gt 100 ] || ! kill -0 "$MAIL_CATCHER_PID" 2>/dev/null; then
            die "the mail catcher did not start on port $port." "See $folder/catcher.log."
        fi
        sleep 0.1
    done
}

stop_mail_catcher() {
    if [ -n "${MAIL_CATCHER_PID:-}" ]; then
        kill "$MAIL_CATCHER_PID" 2>/dev/null || true
        wait "$MAIL_CATCHER_PID" 2>/dev/null || true
        MAIL_CATCHER_PID=""
    fi
}
