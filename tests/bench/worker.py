"""``worker.py DATABASE WORK SIDE OUTPUT.json [key=value...]``: one side of a work, measured in this process.

The registry is loaded and the side prepared before the clock starts. Counted are the
queries of all cursors, and the peak of memory above what the prepared process held.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import re
import sys
import time
from pathlib import Path

import psycopg2
from instance import configure, environment
from profiler import shown
from psycopg2 import sql

from odoo import sql_db
from odoo.tools import SQL


def main(database, work, side, output, *settings):
    configure(database)
    settings = dict(setting.split("=", 1) for setting in settings)
    work = importlib.import_module(f"works.{work}").WORK
    with environment(database) as env:
        give_rights(env)
        apply_settings(env, settings)
        getattr(work, f"prepare_{side}")(env)
        env.cr.commit()
        if "in_place" in settings:
            empty(env, work.fills, work.marks)
            settle(env)
        warm_up(env, work)
    profile = shown if "profile" in settings else contextlib.nullcontext
    with environment(database, login="admin") as env:
        with profile():
            figures = measure(env, getattr(work, side))
        figures["units"] = getattr(work, f"count_{side}")(env)
        if side == "ours":
            figures["notes"] = work.notes(env)
    Path(output).write_text(json.dumps(figures))


def warm_up(env, work):
    """Read once what the work reads, as on a server that has been running; for either side."""
    if work.floor_sql():
        env.cr.execute(work.floor_sql())


def empty(env, filled, marked):
    """Take out what the round before has written, and give back the space that it took."""
    for table in filled:
        env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(table)))
    env.cr.commit()
    with contextlib.closing(psycopg2.connect(dbname=env.cr.dbname)) as connection:
        # VACUUM runs in no transaction.
        connection.autocommit = True
        with connection.cursor() as cursor:
            for table in (*filled, *marked):
                cursor.execute(sql.SQL("VACUUM {}").format(sql.Identifier(table)))


def settle(env):
    """Leave a ledger that isn't copied as it is on a server that has been running.

    It was written a minute ago: its statistics are of before, and parts of it may have to be read from the disk, or
    written to it, while the clock runs. The copy of a smaller one is on the disk, and was in memory as a whole.
    """
    env.cr.execute("ANALYZE")
    env.cr.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
    for (table,) in env.cr.fetchall():
        env.cr.execute(SQL("SELECT count(*) FROM %s", SQL.identifier(table)))
    env.cr.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if env.cr.fetchone()[0]:
        env.cr.execute("CHECKPOINT")
    env.cr.commit()


def give_rights(env):
    """Let the administrator do what a credit manager does, in our addons and in the peers'."""
    groups = [
        "account.group_account_manager",
        "credit_control.group_manager",
        "account_credit_control.group_account_credit_control_manager",
    ]
    env.ref("base.user_admin").group_ids += env["res.groups"].concat(*(env.ref(group) for group in groups))


def apply_settings(env, settings):
    """Point Odoo to the mail catcher and to the server of style sheets, where the work has one."""
    if "smtp_port" in settings:
        env["ir.mail_server"].search([]).active = False
        env["ir.mail_server"].create(
            {"name": "Catcher", "smtp_host": "127.0.0.1", "smtp_port": int(settings["smtp_port"]), "sequence": 1}
        )
    if "url" in settings:
        env["ir.config_parameter"].set_param("report.url", settings["url"])
        env["ir.config_parameter"].set_param("web.base.url", settings["url"])


def measure(env, run):
    """Run it once; seconds include the commit."""
    env.invalidate_all()
    queries, idle = sql_db.sql_counter, reset_peak()
    start = time.perf_counter()
    run(env)
    env.cr.commit()
    return {
        "seconds": time.perf_counter() - start,
        "queries": sql_db.sql_counter - queries,
        "peak_mb": (memory_kb("VmHWM") - idle) / 1024,
    }


def reset_peak() -> int:
    """Forget the peak of memory so far; return what is held now, in kB.

    What the preparation has freed is given back first: else the work would be done in it, unseen.
    """
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    return memory_kb("VmRSS")


def memory_kb(name: str) -> int:
    """A figure of the process, in kB."""
    return int(re.search(rf"^{name}:\s+(\d+)", Path("/proc/self/status").read_text(), re.MULTILINE).group(1))


if __name__ == "__main__":
    main(*sys.argv[1:])
