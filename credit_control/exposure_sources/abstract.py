from dataclasses import dataclass
from datetime import date

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

# The id of an exposure is that of its source, in the higher bits, and that of the record.
ID_BITS = 32


@dataclass(frozen=True)
class Scope:
    """What is read of a source: as of a day, and only of some companies, customers or records; None: of all."""

    today: date
    company_ids: tuple[int, ...] | None = None
    partner_ids: tuple[int, ...] | None = None
    record_ids: tuple[int, ...] | None = None
    # What the ledger's items show as open is what was open on the day: nothing was reconciled later.
    stands: bool = False


class CreditExposureHandler(models.AbstractModel):
    """A kind of exposure. A ``credit.exposure.source`` record names the handler that serves it.

    How to add one: inherit from this model under a new ``_name``, in a file of its own, and
    create a ``credit.exposure.source`` record whose ``handler`` is that name. Nothing else changes.

    How it works: :meth:`_get_domain` selects records of :meth:`_get_model`. The rows of the exposure
    are made of that selection, and a person who asks for the documents behind a figure is shown the
    very same one.

    Amounts are in company currency, converted once: by whatever the document itself was converted
    by (the rate of its own date), never again at today's rate.
    """

    _name = "credit.exposure.handler"
    _description = "Contract of an exposure source"

    # The field of the model that holds the commercial partner, as a domain sees it.
    _partner_path = "partner_id"
    # The name of what several sources read, to be read once for all of them: see :meth:`_get_shared_sql`.
    _shared = ""
    # The name of what is asked of a few customers first, once for all sources that name it: :meth:`_get_presence_sql`.
    _presence = ""

    def _get_model(self):
        """Return the model whose records are at risk, with the rights to read all of them."""
        raise NotImplementedError

    def _get_domain(self, today):
        """Return the domain of the records that are at risk on ``today``, of whatever customer and company."""
        raise NotImplementedError

    def _get_columns(self, query):
        """Return the SQL of each column of an exposure, in ``query`` on the model.

        ``partner_id`` (commercial), ``company_id``, ``amount`` (company currency), ``date_due``,
        ``res_model``, ``res_id`` (the document a person would open) and ``reference`` (its name).
        """
        raise NotImplementedError

    def _get_shared_sql(self, scope):
        """Return the query that stands as ``_shared`` before those of the sources, where that is named."""
        raise NotImplementedError

    def _get_presence_sql(self, scope):
        """Return the condition that the customers of ``scope`` might have rows, where ``_presence`` is named.

        Simple, since it is asked before nearly every check: a source without rows isn't read then.
        """
        raise NotImplementedError

    def _get_query(self, domain):
        """Return the query of the records that meet ``domain``."""
        return self._get_model()._search(domain, bypass_access=True, active_test=False)

    def _get_scoped_domain(self, scope):
        """Return the domain of the records at risk within ``scope``: rows and drill-down alike."""
        domain = Domain(self._get_domain(scope.today))
        if scope.company_ids is not None:
            domain &= Domain("company_id", "in", scope.company_ids)
        if scope.partner_ids is not None:
            domain &= Domain(self._partner_path, "in", scope.partner_ids)
        if scope.record_ids is not None:
            domain &= Domain("id", "in", scope.record_ids)
        return domain

    def _get_rows_sql(self, source, scope):
        """Return the rows of this source within ``scope``."""
        query = self._get_query(self._get_scoped_domain(scope))
        columns = self._get_columns(query)
        return query.select(
            SQL("%s::bigint + %s AS id", source.id << ID_BITS, SQL.identifier(query.table, "id")),
            SQL("%s::int AS source_id", source.id),
            SQL("%s AS source", source.code),
            SQL("%s AS partner_id", columns["partner_id"]),
            SQL("%s AS company_id", columns["company_id"]),
            SQL("%s::numeric AS amount", columns["amount"]),
            SQL("%s::date AS date_due", columns["date_due"]),
            SQL("%s::varchar AS res_model", columns["res_model"]),
            SQL("%s::int AS res_id", columns["res_id"]),
            SQL("%s::varchar AS reference", columns["reference"]),
        )

    def _get_action(self, source, scope):
        """Return an action that shows the records behind the rows within ``scope``."""
        model = self._get_model()
        return {
            "type": "ir.actions.act_window",
            "name": source.name,
            "res_model": model._name,
            "views": [(False, "list"), (False, "form")],
            "domain": list(self._get_scoped_domain(scope)),
            "context": {"create": False},
        }

    def _get_commercial_partner_sql(self, query, column="partner_id"):
        """Return the commercial partner of the contact in ``column``."""
        partner = query.left_join(query.table, column, "res_partner", "id", column)
        return SQL(
            "COALESCE(%s, %s)",
            SQL.identifier(partner, "commercial_partner_id"),
            SQL.identifier(query.table, column),
        )
