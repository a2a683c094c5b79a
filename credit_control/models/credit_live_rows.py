from collections.abc import Set

from odoo import api, models
from odoo.fields import Domain


class CreditLiveRows(models.AbstractModel):
    """Rows that a query makes at the moment when they are read, stored nowhere.

    How it works: a search hands what it looks for to the query itself, so that it reads no more of
    the ledger than that: one customer is answered in milliseconds.
    """

    _name = "credit.live.rows"
    _description = "Rows made by a query"

    # Which argument of the query each field stands for that a search can restrict: ``{field: argument}``.
    _scope_arguments = {}
    # From how many ids on it is faster to read all than to look each up; None: always look up.
    _scope_limit = None

    def _get_rows_sql(self, **scope):
        """Return the query of the rows, with a column for each stored field.

        :param scope: as :meth:`_get_scope` returns it; nothing for all rows
        """
        raise NotImplementedError

    @property
    def _table_query(self):
        return self._get_rows_sql(**self.env.context.get(self._get_scope_key(), {}))

    @api.model
    def search_fetch(self, *args, **kwargs):
        """Read anew: the cache doesn't know what was posted or paid since in this transaction."""
        self.invalidate_model(flush=False)
        return super().search_fetch(*args, **kwargs)

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Read no more than what is searched for."""
        domain = Domain(domain).optimize(self)
        scoped = self.browse()._with_scope(self._get_scope(domain))
        return super(CreditLiveRows, scoped)._search(domain, *args, **kwargs)

    def _with_scope(self, scope):
        """Return the records as they are read by a query of this scope."""
        return self.with_context(**{self._get_scope_key(): scope})

    @api.model
    def _get_scope_key(self):
        return f"{self._table}_scope"

    @api.model
    def _get_scope(self, domain):
        """Return the arguments of the query that each result of ``domain`` meets: ``{argument: ids}``."""
        scope = {}
        for condition in domain.children if getattr(domain, "OPERATOR", None) == "&" else [domain]:
            argument = self._scope_arguments.get(getattr(condition, "field_expr", None))
            if argument and condition.operator == "in" and self._is_scope(condition.value):
                scope[argument] = [value for value in condition.value if value in scope.get(argument, condition.value)]
        return scope

    @api.model
    def _is_scope(self, values):
        """Whether ``values`` are ids of records, no query and no "not set", and few enough."""
        if not isinstance(values, Set) or any(type(value) is not int for value in values):
            return False
        return self._scope_limit is None or len(values) <= self._scope_limit
