from collections import defaultdict

from odoo import fields, models
from odoo.fields import Command
from odoo.tools import SQL

from ..core import reasons
from ..core.procedures import Procedure, earliest


class CreditBlocks(models.AbstractModel):
    """What collective procedures and litigation mean for a debtor: read from them, stored nowhere."""

    _name = "credit.blocks"
    _description = "Procedures against a debtor"

    insolvency_ids = fields.Many2many("credit.insolvency", compute="_compute_procedures")
    insolvency_count = fields.Integer(string="Collective procedures", compute="_compute_procedures")
    litigation_ids = fields.Many2many("credit.litigation", compute="_compute_procedures")
    litigation_count = fields.Integer(string="Litigation files", compute="_compute_procedures")

    def _compute_procedures(self):
        """All procedures of the customer, those that ended too."""
        for name in ("insolvency", "litigation"):
            found = self._search_own(f"credit.{name}", [])
            for debtor in self:
                own = found.filtered(debtor._is_own)
                debtor[f"{name}_ids"] = own
                debtor[f"{name}_count"] = len(own)

    # -- buttons ------------------------------------------------------------------------

    def action_insolvency(self):
        """Open the collective procedure that is running, else a new one."""
        self.ensure_one()
        running = self.insolvency_ids.filtered(lambda insolvency: insolvency.state != "closed")
        return running[:1]._get_records_action() if running else self._get_new_action("credit.insolvency")

    def action_litigation(self):
        """Open a new file with all that is overdue and in no other one."""
        self.ensure_one()
        litigation = self.env["credit.litigation"].new(self._get_own_values())
        items = litigation._get_overdue_items().move_line_id
        lines = [Command.create({"move_line_id": item.id}) for item in items]
        return self._get_new_action("credit.litigation", default_line_ids=lines)

    def action_status(self):
        """Ask for the reason of a status that a person gives: doubtful or lost."""
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_status_wizard_action")
        action["context"] = {"default_debtor_ids": self.ids}
        return action

    def action_open_insolvencies(self):
        """Open the collective procedures of this debtor."""
        return self._get_related_action("credit_control.credit_insolvency_action")

    def action_open_litigations(self):
        """Open the litigation files of this debtor."""
        return self._get_related_action("credit_control.credit_litigation_action")

    def _get_own_values(self):
        return {"partner_id": self.partner_id.id, "company_id": self.company_id.id}

    def _get_new_action(self, model, **defaults):
        """Return the action that opens a new record of ``model`` for this debtor."""
        defaults |= {f"default_{name}": value for name, value in self._get_own_values().items()}
        return {
            "type": "ir.actions.act_window",
            "res_model": model,
            "view_mode": "form",
            "views": [(False, "form")],
            "context": defaults,
        }

    # -- what it holds back -------------------------------------------------------------

    def _get_procedures(self, as_of):
        """Return ``{debtor id: {reason code: day}}``: who is insolvent or in litigation, and since when.

        The documented way to ask, for any number of debtors in one query. The codes are
        ``insolvent`` and ``litigation`` of :mod:`~..core.reasons`; who is neither isn't there.

        :param as_of: the day in question
        """
        return {debtor_id: earliest(running) for debtor_id, running in self._query_procedures(as_of).items()}

    def _get_procedures_of(self, companies, partners, as_of):
        """Return ``{commercial partner id: {reason code: day}}``: the same, without asking for their cards."""
        own = SQL("known.company_id = ANY(%s) AND known.partner_id = ANY(%s)", companies.ids, partners.ids)
        rows = self._query_running(as_of, SQL.identifier("known", "partner_id"), own)
        return {partner_id: earliest(running) for partner_id, running in rows.items()}

    def _get_blocks(self, as_of, running=None):
        """Return ``{debtor id: reason codes}`` of what keeps all of a customer's items back.

        Extended by what knows of another reason not to write to a customer at all.

        :param running: what :meth:`_query_procedures` gave of that day, where it is known already
        """
        running = self._query_procedures(as_of) if running is None else running
        blocks = {
            debtor_id: {procedure.reason for procedure in procedures if procedure.whole}
            for debtor_id, procedures in running.items()
        }
        return {debtor_id: codes for debtor_id, codes in blocks.items() if codes}

    def _get_message_blocks(self, as_of):
        """Return ``{debtor id: reason codes}`` of what keeps a message back that reminds of no item.

        Whoever is insolvent isn't written to about a promise or a dispute either: what is declared, admitted
        and paid is with the court.
        """
        blocks = {debtor_id: set(codes) for debtor_id, codes in self._get_blocks(as_of).items()}
        for debtor_id, since in self._get_procedures(as_of).items():
            if reasons.INSOLVENT in since:
                blocks.setdefault(debtor_id, set()).add(reasons.INSOLVENT)
        return blocks

    def _get_item_blocks(self, as_of, items, running=None):
        """Return ``{item id: reason codes}`` of what procedures keep back item by item.

        :param items: ``(item id, debtor id, date of the document)`` of the items of these debtors
        :param running: what :meth:`_query_procedures` gave of that day, where it is known already
        """
        procedures = self._query_procedures(as_of) if running is None else running
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
        return self._query_running(as_of, SQL.identifier("debtor", "id"), SQL("debtor.id = ANY(%s)", self.ids))

    def _query_running(self, as_of, key, condition):
        """Return ``{key: procedures that run on that day}`` of the ``debtor`` and what is ``known`` of it."""
        for name in ("credit.insolvency", "credit.litigation", "credit.litigation.line"):
            self.env[name].flush_model()
        query = SQL(
            """
            SELECT %s, known.*
              FROM credit_debtor debtor
              JOIN (%s UNION ALL %s) known (partner_id, company_id, reason, since, whole, until, items)
                ON known.partner_id = debtor.partner_id AND known.company_id = debtor.company_id
             WHERE %s
            """,
            key,
            self.env["credit.insolvency"]._get_running_sql(as_of),
            self.env["credit.litigation"]._get_running_sql(as_of),
            condition,
        )
        procedures = defaultdict(list)
        for place, _partner, _company, reason, since, whole, until, items in self.env.execute_query(query):
            procedures[place].append(Procedure(reason, since, whole, until, frozenset(items)))
        return dict(procedures)
