"""Databases of the commands: create, clone and drop them together with their filestores.

A database with Odoo's accounting takes minutes to make and a second to copy; so each kind is made once, kept as a
template under a name that tells what is in it, and cloned for every use.
"""

import os
import re
import shutil
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
from psycopg2 import sql


def odoo_command(*args: str) -> list[str]:
    """The command that runs Odoo, in the environment that ``setup/lib/ready.sh`` makes."""
    if os.environ.get("ODOO_BIN"):
        return [os.environ["ODOO_BIN"], *args]
    return [sys.executable, "-m", "odoo", *args]


@contextmanager
def _cursor():
    """A cursor outside of any transaction, as CREATE DATABASE demands."""
    with closing(psycopg2.connect(dbname="postgres")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor


def _execute(statement: str, *names: str) -> None:
    with _cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def filestore(name: str) -> Path:
    """Where Odoo keeps the files of a database."""
    return Path(os.environ["CREDIT_CONTROL_HOME"], "data", "filestore", name)


def names(pattern: str) -> list[str]:
    """Databases whose name matches the regular expression ``pattern`` as a whole."""
    with _cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database ORDER BY datname")
        return [name for (name,) in cursor.fetchall() if re.fullmatch(pattern, name)]


def exists(name: str) -> bool:
    return bool(names(re.escape(name)))


def in_use(name: str) -> bool:
    """Whether somebody is connected to the database."""
    with _cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_stat_activity WHERE datname = %s", (name,))
        return bool(cursor.fetchone())


def _disconnect(name: str) -> None:
    """End the sessions of all who are connected to the database."""
    with _cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND backend_type = 'client backend'",
            (name,),
        )


def drop(name: str) -> None:
    """Drop the database, whoever is still connected to it, and its files."""
    if exists(name):
        _execute("ALTER DATABASE {} WITH IS_TEMPLATE false ALLOW_CONNECTIONS false", name)
        _disconnect(name)
        # Not WITH (FORCE), which wants the right to end the server's own vacuum too; without it, the server ends that.
        _execute("DROP DATABASE {}", name)
    remove_files(name)


def remove_files(name: str) -> None:
    """Remove the files of a database."""
    shutil.rmtree(filestore(name), ignore_errors=True)


def clone(source: str, target: str) -> None:
    """Copy ``source`` with its filestore. Nobody may be connected to it: see ``seal``."""
    drop(target)
    _execute("CREATE DATABASE {} TEMPLATE {}", target, source)
    link_files(source, target)


def link_files(source: str, target: str) -> None:
    """Give a database the files of another."""
    remove_files(target)
    if filestore(source).exists():
        # Odoo never changes a stored file, it only adds and removes them: links do.
        shutil.copytree(filestore(source), filestore(target), copy_function=os.link)


def keep_unvacuumed(name: str) -> None:
    """Let the server leave the tables of a database alone in which all is rolled back.

    It would find them full of what never was, note that they are empty, and plan for that from then on: what takes a
    second takes a quarter of an hour.
    """
    with closing(psycopg2.connect(dbname=name)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(
            """
            DO $$
            DECLARE one regclass;
            BEGIN
                FOR one IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
                    EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = off)', one);
                END LOOP;
            END $$
            """
        )


def rename(draft: str, name: str) -> None:
    """Give a finished database its name: whatever ends the making of it, no half-made one is taken for it."""
    _execute("ALTER DATABASE {} RENAME TO {}", draft, name)
    if filestore(draft).exists():
        shutil.rmtree(filestore(name), ignore_errors=True)
        filestore(draft).rename(filestore(name))


def seal(draft: str, name: str) -> None:
    """Give a finished database its name, and keep everybody out of it so that it can be cloned at any time."""
    rename(draft, name)
    _execute("ALTER DATABASE {} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false", name)
