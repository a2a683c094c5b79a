"""What is in a database, as values that can be compared: its schema, its rows, and what names our addons.

``schema`` knows no ids, so it can be compared between any two databases; ``content`` has them, so it is for a database
and its own copy at another time.
"""

import json
import re
from collections import Counter
from contextlib import closing

import psycopg2
from psycopg2 import sql

# What changes by itself, or says when and by whom something was done.
VOLATILE_COLUMNS = ["create_date", "create_uid", "write_date", "write_uid", "nextcall", "lastcall"]
# Signals between servers, what is to be sent next, and caches: none of it is anybody's.
VOLATILE_TABLES = (
    r"bus_bus|bus_presence|base_registry_signaling|orm_signaling_.*|ir_logging|ir_cron_trigger|ir_cron_progress"
)
# Rows that Odoo writes while it works: compiled bundles, and what it last saw of the modules.
VOLATILE_ROWS = {
    "ir_attachment": "url IS NULL OR url NOT LIKE '/web/assets/%%'",
    "ir_config_parameter": "key NOT IN ('base.partially_updated_database')",
}

SCHEMA = {
    "relation": """
        SELECT format('%s %s', relkind, relname) FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm', 'S', 'p', 'f', 'c')
    """,
    "column": """
        SELECT format('%s.%s %s%s', table_name, column_name, udt_name,
                      CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END
                      || coalesce(' DEFAULT ' || column_default, ''))
          FROM information_schema.columns WHERE table_schema = 'public'
    """,
    "index": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "constraint": """
        SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace
    """,
    "trigger": "SELECT format('%s %s', tgrelid::regclass, tgname) FROM pg_trigger WHERE NOT tgisinternal",
    "function": """
        SELECT oid::regprocedure::text FROM pg_proc
         WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS (
             SELECT 1 FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e'
         )
    """,
    "type": "SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')",
    "extension": "SELECT extname FROM pg_extension",
    "external id": "SELECT format('%s.%s (%s)', module, name, model) FROM ir_model_data",
}


def rows(database: str, query, *arguments) -> list[tuple]:
    """The rows that ``query`` gives; what it changes is kept."""
    with closing(psycopg2.connect(dbname=database)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(query, arguments or None)
        return cursor.fetchall() if cursor.description else []


def schema(database: str) -> dict[str, set[str]]:
    """``{kind: definitions}`` of all that is not a row, and the external ids."""
    return {kind: {text for (text,) in rows(database, query)} for kind, query in SCHEMA.items()}


def tables(database: str) -> list[str]:
    found = rows(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    return [name for (name,) in found if not re.fullmatch(VOLATILE_TABLES, name)]


def _get_rows(database: str, table: str, condition: str = "TRUE", *arguments) -> list[str]:
    query = sql.SQL("SELECT (to_jsonb(t) - %s)::text FROM {} t WHERE ({}) AND ({})").format(
        sql.Identifier(table), sql.SQL(VOLATILE_ROWS.get(table, "TRUE")), sql.SQL(condition)
    )
    return [text for (text,) in rows(database, query, VOLATILE_COLUMNS, *arguments)]


def content(database: str, ignored: str = "") -> dict[str, Counter]:
    """``{table: rows}`` of the tables whose names don't match ``ignored``, without what changes by itself."""
    return {
        table: Counter(_get_rows(database, table)) for table in tables(database) if not re.fullmatch(ignored, table)
    }


def naming(database: str, pattern: str, ignored: str = "") -> dict[str, list[dict]]:
    """``{table: rows}`` of the rows in which any value matches the regular expression ``pattern``."""
    found = {
        table: [json.loads(text) for text in _get_rows(database, table, "to_jsonb(t)::text ~ %s", pattern)]
        for table in tables(database)
        if not re.fullmatch(ignored, table)
    }
    return {table: hits for table, hits in found.items() if hits}


def difference(before: dict, after: dict) -> dict[str, dict[str, list]]:
    """``{kind: {"new": …, "gone": …}}`` of what differs; empty where nothing does."""
    found = {}
    for kind in sorted(before.keys() | after.keys()):
        empty = type(before.get(kind, after.get(kind)))()
        old, new = before.get(kind, empty), after.get(kind, empty)
        parts = {"new": sorted(new - old), "gone": sorted(old - new)}
        if any(parts.values()):
            found[kind] = {name: part for name, part in parts.items() if part}
    return found
