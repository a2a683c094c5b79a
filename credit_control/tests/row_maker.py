import json
from datetime import date, datetime

import psycopg2

from odoo.tools import SQL, mute_logger

DAY = date(2024, 12, 2)
# Filled wherever they stand: they say whose row it is.
OWNERS = ("company_id", "partner_id")


class RowMaker:
    """Makes a row of any model in one company, from the registry alone.

    How it works: by SQL, the columns that the database insists on and those that say whose the row is; so
    that no rule of the model keeps it from having one. A record that a column refers to is one of ``known``,
    else a row made in the same way (our models), else any (others).

    :param known: ``{model: id}``, with at least ``res.company`` and ``res.partner``
    :param given: ``{model: {column: value}}``, what the checks of a table ask for; a function takes the maker
    """

    def __init__(self, env, known, given=None):
        self.env = env
        self.known = dict(known)
        self.given = given or {}
        self.problems = {}

    def fork(self):
        """Return a maker that knows what this one has made until now."""
        return RowMaker(self.env, self.known, self.given)

    def make(self, name):
        """Return the id of the row of model ``name``, made the first time; None where there can't be one."""
        if name not in self.known:
            self.known[name] = (self._insert(name) if self._is_ours(name) else None) or self._find(name)
        return self.known[name]

    def prepare(self, name):
        """Return the values of a row of ``name``, by field."""
        model = self.env[name]
        given = {key: self._ask(value) for key, value in self.given.get(name, {}).items()}
        return {column: self._get_value(model._fields[column]) for column in self._get_columns(model)} | given

    def _is_ours(self, name):
        return self.env[name]._auto and self.env[name]._original_module.startswith("credit_control")

    def _ask(self, value):
        return value(self) if callable(value) else value

    def _insert(self, name):
        model = self.env[name]
        values = {key: self._to_column(model._fields[key], value) for key, value in self.prepare(name).items()}
        columns = SQL(", ").join(SQL.identifier(column) for column in values)
        content = SQL("(%s) VALUES %s", columns, tuple(values.values())) if values else SQL("DEFAULT VALUES")
        query = SQL("INSERT INTO %s %s RETURNING id", SQL.identifier(model._table), content)
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                [(row,)] = self.env.execute_query(query)
        except psycopg2.IntegrityError as error:
            self.problems[name] = str(error)
            return None
        self.env.invalidate_all(flush=False)
        return row

    def _find(self, name):
        """Return a record that is there: one of this company, where they have companies."""
        model = self.env[name].sudo()
        fits = [("company_id", "=", self.known["res.company"])] if "company_id" in model._fields else []
        return model.with_context(active_test=False).search(fits, limit=1).id

    def _get_columns(self, model):
        """Return the columns that have to be filled."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT column_name FROM information_schema.columns
                 WHERE table_schema = current_schema AND table_name = %s AND column_name <> 'id'
                   AND (is_nullable = 'NO' AND column_default IS NULL OR column_name IN %s)
                """,
                model._table,
                OWNERS,
            )
        )
        return [column for (column,) in rows if column in model._fields]

    def _get_value(self, field):
        if field.type == "many2one":
            return self.make(field.comodel_name) or None
        if field.name in ("res_id", "res_model"):
            return {"res_model": "account.move", "res_id": self.known["account.move"]}[field.name]
        if field.type == "selection":
            return field.get_values(self.env)[0]
        return {
            "boolean": False,
            "integer": 1,
            "float": 1.0,
            "monetary": 1.0,
            "date": DAY,
            "datetime": datetime(2024, 12, 2, 9),
            "binary": b"x",
            "json": {},
        }.get(field.type, f"Row of company {self.known['res.company']}")

    def _to_column(self, field, value):
        if field.type == "json" or field.translate:
            return json.dumps(value if field.type == "json" else {"en_US": value})
        return value
