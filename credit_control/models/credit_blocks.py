from collections import defaultdict

from odoo import models
from odoo.tools import SQL

from ..core.procedures import Procedure, earliest


class CreditBlocks(models.AbstractModel):
    """What collective procedures and litigation mean for a debtor: read from them, stored nowhere."""

    _name = "credit.blocks"
    _description = "Procedures against a debtor"

    def _get_procedures(self, as_of):
        """Return ``{debtor id: {reason code: day}}``: who is insolvent or in litigation, and since when.

        The documented way to ask, for any number of debtors in one query. The codes are
        ``insolvent`` and ``litigation`` of :mod:`~..core.reasons`; who is neither isn't there.

        :param as_of: the day in question
        """
        return {debtor_id: earliest(running) for debtor_id, running in self._query_procedures(as_of).items()}

    def _get_blocks(self, as_of):
        """Return ``{debtor id: reason codes}`` of what keeps all of a customer's items back.

        Extended by what knows of another reason not to write to a customer at all.
        """
        blocks = {
            debtor_id: {procedure.reason for procedure in running if procedure.whole}
            for debtor_id, running in self._query_procedures(as_of).items()
        }
        return {debtor_id: reasons for debtor_id, reasons in blocks.items() if reasons}

    def _get_item_blocks(self, as_of, items):
        """Return ``{item id: reason codes}`` of what procedures keep back item by item.

        :param items: ``(item id, debtor id, date of the document)`` of the items of these debtors
        """
        procedures = self._query_procedures(as_of)
        if not procedures:
            return {}
        held = defaultdict(set)
        for item_id, debtor_id, day in items:
            for procedure in procedures.get(debtor_id, ()):
                if procedure.holds(item_id, day):
                    held[item_id].add(procedure.reason)
        return dict(held)

    def _query_procedures(self, as_of):
        """Return ``{debtor id: procedures that run on that day}`` in one query."""
        for name in ("credit.insolvency", "credit.litigation", "credit.litigation.line"):
            self.env[name].flush_model()
        query = SQL(
            """
            SELECT debtor.id, known.*
              FROM credit_debtor debtor
              JOIN (%s UNION ALL %s) known (partner_id, company_id, reason, since, whole, until, items)
                ON known.partner_id = debtor.partner_id AND known.company_id = debtor.company_id
             WHERE debtor.id = ANY(%s)
            """,
            self.env["credit.insolvency"]._get_running_sql(as_of),
            self.env["credit.litigation"]._get_running_sql(as_of),
            self.ids,
        )
        procedures = defaultdict(list)
        for debtor_id, _partner, _company, reason, since, whole, until, items in self.env.execute_query(query):
            procedures[debtor_id].append(Procedure(reason, since, whole, until, frozenset(items)))
        return dict(procedures)
