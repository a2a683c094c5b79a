"""Writing many plain rows at once.

A plan writes tens of thousands of rows whose values it has just worked out: creating them
as records costs more than the plan itself (defaults, conversions, one cache entry a
value). These rows have no computed column, no tracking and no override of ``create``.
"""

from odoo import fields, models
from odoo.tools import SQL

PAGE = 2000


def insert_rows(model: models.Model, vals_list: list[dict]) -> models.Model:
    """Insert the rows and return them as records of ``model``, in order.

    :param vals_list: dicts with the same keys, each a stored column; amounts are rounded
        by the caller, None stands for no value
    :raise psycopg2.IntegrityError: where a constraint of the table refuses a row
    """
    if not vals_list:
        return model
    audit = {"create_uid": model.env.uid, "create_date": fields.Datetime.now()}
    audit |= {"write_uid": audit["create_uid"], "write_date": audit["create_date"]}
    names = [*vals_list[0], *audit]
    ids = []
    for start in range(0, len(vals_list), PAGE):
        page = [vals | audit for vals in vals_list[start : start + PAGE]]
        ids += _insert_page(model, names, page)
    return model.browse(ids)


def _insert_page(model, names, page):
    columns = SQL(", ").join(SQL.identifier(name) for name in names)
    # One array a column: the rows travel as a handful of parameters.
    arrays = SQL(", ").join(
        SQL("%s::%s[]", [vals[name] for vals in page], SQL(model._fields[name].column_type[0])) for name in names
    )
    query = SQL(
        "INSERT INTO %s (%s) SELECT * FROM unnest(%s) RETURNING id", SQL.identifier(model._table), columns, arrays
    )
    return [row[0] for row in model.env.execute_query(query)]


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
