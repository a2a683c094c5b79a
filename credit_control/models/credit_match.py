from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import SQL

from ..core import matching

REASONS = [
    (matching.CORRECTION, "Corrects this invoice"),
    (matching.REFERENCE, "Names it"),
    (matching.AMOUNT, "Same amount"),
    (matching.OLDEST, "Sum of the oldest"),
    (matching.SUM, "Sum of several"),
]


class CreditMatch(models.Model):
    """A suggestion: an unallocated credit pays these open items. Applied and undone by Odoo's own reconciliation."""

    _name = "credit.match"
    _description = "Suggested matching"
    _order = "is_certain desc, amount desc, id"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    credit_line_id = fields.Many2one(
        "account.move.line", string="Credit", required=True, readonly=True, ondelete="cascade", index=True
    )
    line_ids = fields.Many2many("account.move.line", string="Open items", readonly=True)
    amount = fields.Monetary(readonly=True, help="How much of the credit is used.")
    reason = fields.Selection(REASONS, required=True, readonly=True)
    is_certain = fields.Boolean(string="Certain", readonly=True, help="Leaves no other reading.")
    state = fields.Selection(
        [("proposed", "Proposed"), ("applied", "Applied"), ("undone", "Undone")],
        default="proposed",
        required=True,
        readonly=True,
    )
    partial_ids = fields.Many2many("account.partial.reconcile", string="Reconciliations", readonly=True)
    user_id = fields.Many2one("res.users", string="Applied by", readonly=True)
    date = fields.Date(related="credit_line_id.date", string="Date of the credit")
    label = fields.Char(related="credit_line_id.name", string="Text of the credit")
    item_names = fields.Char(string="Pays", compute="_compute_item_names")

    _credit_once = models.UniqueIndex(
        "(credit_line_id) WHERE state = 'proposed'", "There is a suggestion for this credit already."
    )

    @api.depends("partner_id", "amount")
    def _compute_display_name(self):
        for match in self:
            match.display_name = f"{match.partner_id.display_name}: {match.currency_id.format(match.amount)}"

    @api.depends("line_ids")
    def _compute_item_names(self):
        for match in self:
            items = match.line_ids.sorted(lambda line: (line.date_maturity or line.date, line.id))
            match.item_names = ", ".join(line.move_name or line.name or "" for line in items)

    # -- proposing ----------------------------------------------------------------------

    @api.model
    def _propose(self, company, partners=None):
        """Look for matches anew, in place of the suggestions that nobody has applied; return them.

        What a person has undone isn't proposed again for the same items.

        :param partners: only of these customers; all, without
        """
        scope = [("company_id", "=", company.id)]
        scope += [("partner_id", "in", partners.commercial_partner_id.ids)] if partners is not None else []
        self.sudo().search([*scope, ("state", "=", "proposed")]).unlink()
        refused = {
            (match.credit_line_id.id, frozenset(match.line_ids.ids))
            for match in self.sudo().search([*scope, ("state", "=", "undone")])
        }
        vals_list = []
        for key, (credits, claims) in self._gather(company, partners).items():
            rounding = self.env["res.currency"].browse(key[1]).rounding
            for found in matching.propose(credits, claims, rounding):
                if (found.credit, frozenset(claim for claim, _part in found.parts)) not in refused:
                    vals_list.append(self._prepare(company, key, found))
        return self.sudo().create(vals_list).sudo(False)

    def _prepare(self, company, key, found):
        partner_id, currency_id, _account = key
        return {
            "company_id": company.id,
            "partner_id": partner_id,
            "currency_id": currency_id,
            "credit_line_id": found.credit,
            "line_ids": [Command.set([claim for claim, _part in found.parts])],
            "amount": sum(part for _claim, part in found.parts),
            "reason": found.reason,
            "is_certain": found.is_certain,
        }

    def _gather(self, company, partners):
        """Return ``{(customer, currency, account): (credits, claims)}`` of those who have both, in one query."""
        self.env.flush_all()
        items = self.env["credit.open.item"]._get_items_sql(
            self.env["credit.open.item"]._as_of(),
            company.ids,
            partners.commercial_partner_id.ids if partners is not None else None,
            with_bucket=False,
        )
        query = SQL(
            """
            SELECT item.partner_id, item.currency_id, item.account_id, item.id,
                   item.residual_currency_now::float8, item.date_maturity,
                   item.reference, line.name, line.ref, move.ref, move.payment_reference,
                   ARRAY(SELECT origin.id FROM account_move_line origin
                          WHERE origin.move_id = move.reversed_entry_id AND origin.account_id = item.account_id)
              FROM (%s) item
              JOIN account_move_line line ON line.id = item.id
              JOIN account_move move ON move.id = line.move_id
             WHERE NOT item.non_trade AND item.residual_currency_now <> 0
            """,
            items,
        )
        found = defaultdict(lambda: ([], []))
        for *key, line_id, amount, due, reference, name, label, ref, payment_ref, corrects in self.env.execute_query(
            query
        ):
            credits, claims = found[tuple(key)]
            if amount < 0:
                # Its own number says nothing of what it pays.
                text = " ".join(filter(None, (name, label, ref, payment_ref)))
                credits.append(matching.Credit(line_id, -amount, text, frozenset(corrects), due.toordinal()))
            else:
                known = tuple(dict.fromkeys(filter(None, (reference, ref, payment_ref))))
                claims.append(matching.Claim(line_id, amount, known, due.toordinal()))
        return {key: pair for key, pair in found.items() if all(pair) and key[0]}

    # -- buttons ------------------------------------------------------------------------

    @api.model
    def action_propose(self):
        """Look for matches in the companies that are shown, and show them."""
        self._check_collector()
        for company in self.env.companies:
            self.with_company(company)._propose(company)
        return self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_match_action")

    def action_apply(self):
        """Reconcile these credits with their items.

        :raise UserError: where one of them was settled otherwise meanwhile
        """
        self._check_collector()
        for match in self.filtered(lambda match: match.state != "applied"):
            match._apply()
        return True

    def action_apply_certain(self):
        """Reconcile those of these that are certain; the others stay for a person to decide.

        Those that were settled otherwise meanwhile stop none of the others: they go, and how many is said.
        """
        self._check_collector()
        certain = self.filtered(lambda match: match.is_certain and match.state != "applied")
        stale = certain.filtered(lambda match: match._is_stale())
        (certain - stale).action_apply()
        if not stale:
            return True
        count = len(stale)
        stale.sudo().unlink()
        return self._notify(self.env._("Settled otherwise meanwhile, and taken off the list: %s.", count))

    def _notify(self, message):
        reload = {"type": "ir.actions.client", "tag": "soft_reload"}
        params = {"type": "info", "message": message, "next": reload}
        return {"type": "ir.actions.client", "tag": "display_notification", "params": params}

    def _is_stale(self):
        lines = self.credit_line_id | self.line_ids
        return not self.line_ids or any(line.reconciled or line.parent_state != "posted" for line in lines)

    def _apply(self):
        lines = self.credit_line_id | self.line_ids
        if self._is_stale():
            raise UserError(self.env._("%s: settled otherwise meanwhile. Look for matches again.", self.display_name))
        before = self._get_partials(lines)
        lines.reconcile()
        made = self._get_partials(lines) - before
        self.sudo().write({"state": "applied", "partial_ids": [Command.set(made.ids)], "user_id": self.env.uid})

    def _get_partials(self, lines):
        return lines.matched_debit_ids | lines.matched_credit_ids

    def action_undo(self):
        """Undo the reconciliation: credit and items are open again, and this isn't proposed again.

        What else was matched with these items stays.
        """
        self._check_collector()
        for match in self.filtered(lambda match: match.state == "applied"):
            match.partial_ids.unlink()
            match.sudo().state = "undone"
        return True

    def action_dismiss(self):
        """Say that it isn't so: it isn't proposed again."""
        self._check_collector()
        self.filtered(lambda match: match.state == "proposed").sudo().write({"state": "undone"})
        return True

    def _check_collector(self):
        self.check_access("read")
        if not self.env.user.has_group("credit_control.group_collector"):
            raise AccessError(self.env._("Payments are matched by collectors: ask one of them."))
