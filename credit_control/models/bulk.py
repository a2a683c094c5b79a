"""Writing many plain rows at once, and reading them.

A plan writes tens of thousands of rows whose values it has just worked out: creating them
as records costs more than the plan itself (defaults, conversions, one cache entry a
value). These rows have no computed column, no tracking and no override of ``create``.
A score reads millions, and keeps little of them.
"""

import csv
import gc
import json
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from datetime import date, timedelta
from io import StringIO
from itertools import chain, islice
from struct import Struct
from types import SimpleNamespace

from odoo import api, fields, models
from odoo.tools import SQL

# Rows of one statement, and of one piece of a COPY.
PAGE, PORTION = 5000, 250
# Where rows wait that may be there already.
BESIDE = "credit_upsert"
# Of a binary COPY (PostgreSQL's manual, "COPY", Binary Format): how it begins, and how its rows do.
COPY_SIGNATURE, COPY_HEADER = b"PGCOPY\n\xff\r\n\0", 19
COPY_ROW, COPY_VALUE = ">2x4x", "4x"
DAY_ZERO = date(2000, 1, 1)
# Made once: json.dumps with a default makes an encoder for each value.
to_json = json.JSONEncoder(default=str).encode


@contextmanager
def pausing_gc():
    """Don't look for cyclic garbage while tens of thousands of small values are made, none of them in a cycle.

    They count as old when it ends: the next look goes through what is new, and not through all of them. Odoo's own
    ``disabling_gc`` leaves it off when an error passes through.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            # What a server froze when it began stays frozen.
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()
            gc.enable()


def insert_rows(model: models.Model, rows: Iterable[dict], count: int | None = None) -> models.Model:
    """Insert the rows and return them as records of ``model``, in order.

    :param rows: as for :func:`copy_rows`
    :param count: how many they are, where they are made one by one
    :raise psycopg2.IntegrityError: where a constraint of the table refuses a row
    """
    number = len(rows) if count is None else count
    query = SQL("SELECT nextval(%s) FROM generate_series(1, %s)", f"{model._table}_id_seq", number)
    ids = [row[0] for row in model.env.execute_query(query)]
    copy_rows(model, ({"id": row_id, **vals} for row_id, vals in zip(ids, rows, strict=True)))
    return model.browse(ids)


def copy_rows(model: models.Model, rows: Iterable[dict], table: str = "") -> None:
    """Insert the rows in the way that is the cheapest for the database, which stores some while the next are made.

    :param rows: dicts with the same keys in the same order, each a stored column; amounts are rounded by the
        caller, None and an empty text stand for no value. Where they are made one by one, nothing may be
        read from the database meanwhile.
    :param table: another table with these columns, in the place of the model's
    :raise psycopg2.IntegrityError: where a constraint of the table refuses a row
    """
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    audit = _get_audit(model)
    columns = SQL(", ").join(map(SQL.identifier, [*first, *audit]))
    query = SQL("COPY %s (%s) FROM STDIN WITH (FORMAT csv)", SQL.identifier(table or model._table), columns)
    json_places = [place for place, name in enumerate(first) if model._fields[name].type == "json"]
    lines = _as_lines(chain([first], rows), json_places, audit.values())
    model.env.cr.copy_expert(query.code, _as_file(lines))


def _as_lines(rows, json_places, more):
    """Yield the values of each row, those at ``json_places`` as text, and what is the same ``more`` for all."""
    more = list(more)
    for vals in rows:
        line = [*vals.values(), *more]
        for place in json_places:
            if line[place] is not None:
                line[place] = to_json(line[place])
        yield line


def _as_file(rows):
    """Return a file of ``rows`` that is written while COPY reads it."""

    def read_on(_size=-1):
        page = StringIO()
        csv.writer(page).writerows(islice(rows, PORTION))
        return page.getvalue()

    return SimpleNamespace(read=read_on)


def _get_audit(model):
    """Return who writes the rows and when, where the model keeps it."""
    if not model._log_access:
        return {}
    uid, now = model.env.uid, fields.Datetime.now()
    return {"create_uid": uid, "create_date": now, "write_uid": uid, "write_date": now}


class Days(dict):
    """The day of each number of days since 2000-01-01, as PostgreSQL counts them; each made once."""

    def __missing__(self, number):
        day = self[number] = DAY_ZERO + timedelta(number)
        return day


def read_groups(env: api.Environment, query: SQL, types: str, take: Callable[[list[tuple]], None]) -> None:
    """Give the rows of ``query`` to ``take``, group by group, while the database makes the next.

    For millions of rows: they come in the database's own form, neither written as text nor read from it again, and
    only one group's are there at a time. Nothing is flushed before.

    :param query: its rows come in the order of the first column, which makes the groups; no value may be NULL
    :param types: a letter of :mod:`struct` for each column: ``i`` integer or date (see :class:`Days`),
        ``d`` double precision, ``?`` boolean
    :param take: takes the rows of one group; it may not use the database
    :raise struct.error: where a value is NULL, or of another size
    """
    cr = env.cr
    receiver = _receive_groups(Struct(COPY_ROW + COPY_VALUE.join(types)), take)
    next(receiver)
    # Made here: the statement knows no parameters.
    statement = cr.mogrify(query.code, query.params).decode()
    cr.copy_expert(f"COPY ({statement}) TO STDOUT (FORMAT binary)", SimpleNamespace(write=receiver.send))


def _receive_groups(row_form, take):
    """Be sent what a binary COPY says, a row at a time, and give the rows of each group to ``take``."""
    unpack, group = row_form.unpack, []
    while True:
        data = yield
        if data.startswith(COPY_SIGNATURE):
            data = data[COPY_HEADER:]
        # What is said last: there are no more rows.
        if data == b"\xff\xff":
            break
        if data:
            row = unpack(data)
            if group and group[0][0] != row[0]:
                take(group)
                group = []
            group.append(row)
    if group:
        take(group)
    yield


def insert_links(model: models.Model, name: str, pairs: list[tuple[int, int]]) -> None:
    """Fill the many2many ``name`` of ``model`` with ``(record, other record)`` pairs that it doesn't hold yet."""
    field = model._fields[name]
    for start in range(0, len(pairs), PAGE):
        ours, theirs = zip(*pairs[start : start + PAGE], strict=True)
        model.env.execute_query(
            SQL(
                "INSERT INTO %s (%s, %s) SELECT * FROM unnest(%s::int[], %s::int[])",
                SQL.identifier(field.relation),
                SQL.identifier(field.column1),
                SQL.identifier(field.column2),
                list(ours),
                list(theirs),
            )
        )
    model.invalidate_model([name])


def upsert_rows(model: models.Model, vals_list: list[dict], key: SQL) -> None:
    """Insert the rows, or update those that are there already, by the unique index that ``key`` names.

    :param key: columns and condition of the index, as after ON CONFLICT
    :param vals_list: as for :func:`copy_rows`, each key once
    """
    if not vals_list:
        return
    names = [*vals_list[0], *_get_audit(model)]
    # COPY knows no conflicts, so it fills a table of its own first.
    words = {
        "table": SQL.identifier(model._table),
        "beside": SQL.identifier(BESIDE),
        "columns": SQL(", ").join(map(SQL.identifier, names)),
        "key": key,
        "updates": SQL(", ").join(
            SQL("%(name)s = EXCLUDED.%(name)s", name=SQL.identifier(name))
            for name in names
            if not name.startswith("create_")
        ),
    }
    model.env.cr.execute(
        SQL(
            "CREATE TEMPORARY TABLE %(beside)s ON COMMIT DROP AS SELECT %(columns)s FROM %(table)s WITH NO DATA",
            **words,
        )
    )
    copy_rows(model, vals_list, BESIDE)
    model.env.cr.execute(
        SQL(
            "INSERT INTO %(table)s (%(columns)s) SELECT %(columns)s FROM %(beside)s"
            " ON CONFLICT %(key)s DO UPDATE SET %(updates)s",
            **words,
        )
    )
    model.env.cr.execute(SQL("DROP TABLE %(beside)s", **words))
    model.invalidate_model()
