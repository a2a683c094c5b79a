"""``setup/screenshots``: pictures of the screens for the guide, taken from a copy of the demonstration."""

import io
import json
import os
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path

import databases
import psycopg2
from PIL import Image
from server import OdooServer

from .browser import Browser
from .options import FOLDERS, parse
from .pages import DESK, PHONE, PICTURES


def main(argv) -> int:
    options = parse(argv)
    if not databases.exists(options.database):
        print(f"No database {options.database}: make the demonstration by setup/run --once first.", file=sys.stderr)
        return 1
    missing = [path for lang in options.lang or FOLDERS for path in picture_all(options, lang)]
    return 1 if missing else 0


def picture_all(options, lang) -> list[str]:
    """Take the pictures of a language; return those that couldn't be taken."""
    copy = f"{options.database}_pictures"
    databases.clone(options.database, copy)
    try:
        prepare(copy, lang)
        log = Path(os.environ["CREDIT_CONTROL_HOME"], "log", f"{copy}.log")
        with OdooServer(copy, log, "--max-cron-threads=0", "--log-level=warn") as server, Browser() as page:
            missing = take_all(server, page, options, options.out / FOLDERS[lang])
    finally:
        databases.drop(copy)
    return missing


def prepare(database, lang):
    """Let :mod:`.prepare` do its part inside of Odoo."""
    subprocess.run(
        databases.odoo_command("shell", "-d", database, "--no-http", "--log-level=error"),
        input=f"from screenshots import prepare\nprepare.main(env, {lang!r})\n".encode(),
        check=True,
    )


def take_all(server, page, options, folder) -> list[str]:
    """Take the pictures; return the names of those that couldn't be taken, which is said and stops no other."""
    folder.mkdir(parents=True, exist_ok=True)
    sessions, missing, debtor = {}, [], find_debtor(server.database)
    for picture in PICTURES:
        if not (picture.name in options.names if options.names else picture.guide):
            continue
        if picture.login not in sessions:
            sessions[picture.login] = log_in(server, picture.login)
        page.set_session(server.url, sessions[picture.login])
        for size, suffix in ((DESK, ""), *([(PHONE, "-phone")] if picture.phone and options.phone else [])):
            path = folder / f"{picture.name}{suffix}.png"
            try:
                path.write_bytes(shrink(take(server.url, page, picture, size, debtor)))
                print(f"  {path}", file=sys.stderr, flush=True)
            except RuntimeError as error:
                missing.append(str(path))
                print(f"  {path}: {error}", file=sys.stderr, flush=True)
    return missing


def find_debtor(database) -> int:
    """Return the customer of whom most is asked."""
    with closing(psycopg2.connect(dbname=database)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT debtor_id FROM credit_dunning_notice ORDER BY amount_total DESC, id LIMIT 1")
        return cursor.fetchone()[0]


def log_in(server, login) -> str:
    """Return the session of a user whose password is their login."""
    parameters = {"db": server.database, "login": login, "password": login}
    request = urllib.request.Request(
        f"{server.url}/web/session/authenticate",
        json.dumps({"jsonrpc": "2.0", "params": parameters}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        cookies = [header for name, header in answer.getheaders() if name.lower() == "set-cookie"]
        if not json.load(answer).get("result"):
            raise SystemExit(f"{login} can't log in.")
    return next(cookie for cookie in cookies if cookie.startswith("session_id=")).split(";")[0].split("=", 1)[1]


def take(url, page, picture, size, debtor) -> bytes:
    page.set_size(*size, is_phone=size == PHONE)
    path = picture.path.format(debtor=debtor)
    page.go(f"{url}{path}" if path.startswith("/") else f"{url}/odoo/{path}", picture.wanted)
    for clicked, wanted in picture.clicks:
        page.click(clicked, wanted)
    if picture.shown and size == DESK:
        page.scroll_to(picture.shown)
    return page.picture()


def shrink(png: bytes) -> bytes:
    """Return the picture in 256 colours: a third of the size, and nobody sees it."""
    small = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(256).save(small, "PNG", optimize=True)
    return small.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
