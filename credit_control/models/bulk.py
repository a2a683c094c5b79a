"""Writing many plain rows at once.

A plan writes tens of thousands of rows whose values it has just worked out: creating them
as records costs more than the plan itself (defaults, conversions, one cache entry a
value). These rows have no computed column, no tracking and no override of ``create``.
"""

import csv
import gc
import json
from contextlib import contextmanager
from io import StringIO

from odoo import fields, models
from odoo.tools import SQL

PAGE = 5000


@contextmanager
def pausing_gc():
    """Don't look for cyclic garbage while tens of thousands of small values are made, none of them in a cycle.

    Odoo's own ``disabling_gc`` leaves it off when an error passes through.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def insert_rows(model: models.Model, vals_list: list[dict], page: int = PAGE) -> models.Model:
    """Insert the rows and return them as records of ``model``, in order.

    :param vals_list: as for :func:`copy_rows`
    :raise psycopg2.IntegrityError: where a constraint of the table refuses a row
    """
    query = SQL("SELECT nextval(%s) FROM generate_series(1, %s)", f"{model._table}_id_seq", len(vals_list))
    ids = [row[0] for row in model.env.execute_query(query)]
    copy_rows(model, [{"id": row_id, **vals} for row_id, vals in zip(ids, vals_list, strict=True)], page)
    return model.browse(ids)


def copy_rows(model: models.Model, vals_list: list[dict], page: int = PAGE) -> None:
    """Insert the rows in the way that is the cheapest for the database.

    :param vals_list: dicts with the same keys in the same order, each a stored column; amounts are rounded by the
        caller, None and an empty text stand for no value
    :param page: how many rows are held as text at a time
    :raise psycopg2.IntegrityError: where a constraint of the table refuses a row
    """
    audit = _get_audit(model)
    for start in range(0, len(vals_list), page):
        rows = _with_json(model, vals_list[start : start + page])
        columns = SQL(", ").join(map(SQL.identifier, [*rows[0], *audit]))
        query = SQL("COPY %s (%s) FROM STDIN WITH (FORMAT csv)", SQL.identifier(model._table), columns)
        model.env.cr.copy_expert(query.code, _to_csv(rows, tuple(audit.values())))


def _with_json(model, rows):
    """Return ``rows`` with the values of their Json columns as text."""
    names = [name for name in rows[0] if model._fields[name].type == "json"]
    if not names:
        return rows
    return [vals | {name: _to_json(vals[name]) for name in names} for vals in rows]


def _to_json(value):
    return None if value is None else json.dumps(value, default=str)


def _to_csv(rows, tail):
    """Return a file of ``rows`` as COPY reads it, each row followed by ``tail``."""
    file = StringIO()
    csv.writer(file).writerows((*vals.values(), *tail) for vals in rows)
    file.seek(0)
    return file


def _get_audit(model):
    """Return who writes the rows and when, where the model keeps it."""
    if not model._log_access:
        return {}
    uid, now = model.env.uid, fields.Datetime.now()
    return {"create_uid": uid, "create_date": now, "write_uid": uid, "write_date": now}


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
    for start in range(0, len(vals_list), PAGE):
        page = vals_list[start : start + PAGE]
        audit = {name: SQL("%s", value) for name, value in _get_audit(model).items()}
        values = {name: SQL.identifier(name) for name in page[0]} | audit
        model.env.execute_query(
            SQL(
                "INSERT INTO %(table)s (%(columns)s) SELECT %(values)s"
                " FROM json_populate_recordset(NULL::%(table)s, %(page)s)"
                " ON CONFLICT %(key)s DO UPDATE SET %(updates)s",
                table=SQL.identifier(model._table),
                columns=SQL(", ").join(map(SQL.identifier, values)),
                values=SQL(", ").join(values.values()),
                page=json.dumps(page, default=str),
                key=key,
                updates=SQL(", ").join(
                    SQL("%s = EXCLUDED.%s", SQL.identifier(name), SQL.identifier(name))
                    for name in values
                    if not name.startswith("create_")
                ),
            )
        )
    model.invalidate_model()
