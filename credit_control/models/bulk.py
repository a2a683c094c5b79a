"""Writing many plain rows at once.

A plan writes tens of thousands of rows whose values it has just worked out: creating them
as records costs more than the plan itself (defaults, conversions, one cache entry a
value). These rows have no computed column, no tracking and no override of ``create``.
"""

import json

from odoo import fields, models
from odoo.tools import SQL

PAGE = 5000


def insert_rows(model: models.Model, vals_list: list[dict], page: int = PAGE) -> models.Model:
    """Insert the rows and return them as records of ``model``, in order.

    :param vals_list: dicts with the same keys, each a stored column; amounts are rounded
        by the caller, None stands for no value
    :param page: how many rows go in one statement
    :raise psycopg2.IntegrityError: where a constraint of the table refuses a row
    """
    ids = []
    for start in range(0, len(vals_list), page):
        ids += _insert_page(model, vals_list[start : start + page])
    return model.browse(ids)


def _insert_page(model, page):
    values = {name: SQL.identifier(name) for name in page[0]} | _get_audit(model)
    query = SQL(
        "INSERT INTO %(table)s (%(columns)s) SELECT %(values)s FROM json_populate_recordset(NULL::%(table)s, %(page)s)"
        " RETURNING id",
        table=SQL.identifier(model._table),
        columns=SQL(", ").join(map(SQL.identifier, values)),
        values=SQL(", ").join(values.values()),
        # One parameter for all rows, read by the database: adapting each value costs as much as inserting it.
        page=json.dumps(page, default=str),
    )
    return [row[0] for row in model.env.execute_query(query)]


def _get_audit(model):
    """Return who writes the rows and when, where the model keeps it."""
    if not model._log_access:
        return {}
    uid, now = SQL("%s", model.env.uid), SQL("%s", fields.Datetime.now())
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
    :param vals_list: as for :func:`insert_rows`, each key once
    """
    for start in range(0, len(vals_list), PAGE):
        page = vals_list[start : start + PAGE]
        values = {name: SQL.identifier(name) for name in page[0]} | _get_audit(model)
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
