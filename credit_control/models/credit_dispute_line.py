from dataclasses import replace

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..core import dispute as decider
from .language import format_figure


class CreditDisputeLine(models.Model):
    """The disputed part of one item.

    Whoever settles the dispute may see the disputed document (its number, day, lines and PDF) without
    any right on the ledger: it is shown here as text.
    """

    _name = "credit.dispute.line"
    _description = "Disputed item"
    _rec_name = "reference"
    _order = "dispute_id, id"

    dispute_id = fields.Many2one("credit.dispute", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="dispute_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="dispute_id.currency_id")
    move_line_id = fields.Many2one("account.move.line", string="Item", required=True, index=True, ondelete="cascade")
    amount = fields.Monetary(help="The disputed part, in company currency. 0: all of the item.")
    amount_opened = fields.Monetary(
        string="Disputed at first", readonly=True, help="What was disputed when it was opened, in company currency."
    )
    amount_open = fields.Monetary(
        string="Open of the item", compute="_compute_amounts", help="What isn't paid of the item today."
    )
    amount_disputed = fields.Monetary(
        string="Not claimed", compute="_compute_amounts", help="The part that isn't claimed today: payments shrink it."
    )
    reference = fields.Char(string="Document", compute="_compute_document")
    date_invoice = fields.Date(string="Invoiced on", compute="_compute_document")
    date_due = fields.Date(string="Due on", compute="_compute_document")
    document = fields.Html(
        string="What was invoiced", compute="_compute_document", sanitize=False, help="The document's lines, as text."
    )

    _amount_not_negative = models.Constraint("CHECK (amount >= 0)", "A disputed part can't be negative.")
    _item_once = models.Constraint(
        "UNIQUE (dispute_id, move_line_id)", "An item stands in a dispute once: change its part instead."
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Remember how much was disputed at first: paid parts shrink it afterwards."""
        lines = super().create(vals_list)
        open_of = lines._read_open()
        for line in lines.sudo():
            line.amount_opened = line.amount or max(0.0, open_of.get(line.move_line_id.id, 0.0))
        return lines

    # -- amounts ------------------------------------------------------------------------

    def _read_open(self):
        """Return ``{item: what is open of it today}`` of these lines; settled items aren't there."""
        items = self.env["credit.open.item"].sudo().with_context(as_of=False)
        items = items.search_fetch([("id", "in", self.sudo().move_line_id.ids)], ["amount_residual"])
        return {item.id: item.amount_residual for item in items}

    def _get_rivals(self):
        """Return ``{item: lines of open disputes on it, the earliest first}`` for the items of these lines."""
        domain = Domain("move_line_id", "in", self.sudo().move_line_id.ids) & Domain("dispute_id.state", "=", "open")
        lines = self.sudo().search(domain, order="id")
        return lines.grouped("move_line_id")

    @api.depends("amount", "move_line_id.amount_residual", "dispute_id.state")
    def _compute_amounts(self):
        open_of, rivals = self._read_open(), self._get_rivals()
        held = {}
        for item, lines in rivals.items():
            held.update(zip(lines.ids, decider.spread(open_of.get(item.id, 0.0), lines.mapped("amount")), strict=True))
        for line in self:
            line.amount_open = max(0.0, open_of.get(line.sudo().move_line_id.id, 0.0))
            line.amount_disputed = held.get(line._origin.id, 0.0)

    def _get_wrong(self):
        """Return how much of the item is wrong where the customer is right.

        What was paid under protest isn't held back any more, and is given back all the same; what was credited
        already isn't given back twice.
        """
        return min(max(self.amount or self.amount_opened, self.amount_disputed), self._get_not_credited())

    def _get_not_credited(self):
        """Return what the item came to, less the posted credit notes that it is matched with; in company currency."""
        item = self.sudo().move_line_id
        credited = item.matched_credit_ids.filtered(
            lambda partial: (
                partial.credit_move_id.parent_state == "posted"
                and partial.credit_move_id.move_id.move_type == "out_refund"
            )
        )
        return self.currency_id.round(item.balance - sum(credited.mapped("amount")))

    @api.onchange("move_line_id")
    def _onchange_move_line_id(self):
        """Propose all that can still be disputed of the item."""
        if self.move_line_id:
            self.amount = self._check_item(self._read_open(), self._get_rivals()).free

    # -- limits -------------------------------------------------------------------------

    @api.constrains("move_line_id", "amount")
    def _check_parts(self):
        """Never more than is open; the open disputes on an item share it.

        :raise ValidationError: naming the document and the amount
        """
        lines = self.sudo().filtered(lambda line: line.dispute_id.state == "open")
        if not lines:
            return
        lines.dispute_id._take_turn()
        lines._check_owners()
        open_of, rivals = lines._read_open(), lines._get_rivals()
        for line in lines:
            part = line._check_item(open_of, rivals)
            if not line.amount and part.amount:
                part = replace(part, refusal=decider.TOO_MUCH)
            # All of an item that is paid by now, or was when its dispute was recorded, holds nothing back.
            if part.refusal and not (part.refusal == decider.SETTLED and not line.amount):
                raise ValidationError(line._explain(part))

    def _check_item(self, open_of, rivals):
        """Return the core's answer for this line beside the other open disputes of its item."""
        item = self.sudo().move_line_id
        others = rivals.get(item, self.browse()) - self._origin
        residual = open_of.get(item.id, 0.0)
        rounding = (self.currency_id or self.env.company.currency_id).rounding
        return decider.check_part(residual, others.mapped("amount"), self.amount, rounding)

    def _check_owners(self):
        """The items are claims on the dispute's customer in the dispute's company."""
        for line in self:
            item, dispute = line.move_line_id, line.dispute_id
            if (
                item.partner_id.commercial_partner_id != dispute.partner_id
                or item.company_id != dispute.company_id
                or item.account_id.account_type != "asset_receivable"
                or item.parent_state != "posted"
            ):
                raise ValidationError(
                    self.env._(
                        "%(document)s isn't a posted claim of %(company)s on %(customer)s: it can't be disputed here.",
                        document=item.move_name or item.display_name,
                        company=dispute.company_id.name,
                        customer=dispute.partner_id.display_name,
                    )
                )

    def _explain(self, part):
        """Return why a part of this item can't be disputed, in words."""
        names = {
            "document": self.reference or self.move_line_id.display_name,
            "amount": self.currency_id.format(self.amount or self.amount_open),
            "free": self.currency_id.format(part.free),
        }
        messages = {
            decider.NEGATIVE: self.env._("%(document)s: a disputed part of %(amount)s is negative.", **names),
            decider.SETTLED: self.env._("%(document)s is paid: nothing of it can be disputed.", **names),
            decider.ALL_DISPUTED: self.env._("%(document)s: all that is open is disputed already.", **names),
            decider.TOO_MUCH: self.env._(
                "%(document)s: %(amount)s can't be disputed, only %(free)s is open and not disputed yet.", **names
            ),
        }
        return messages[part.refusal]

    # -- the document -------------------------------------------------------------------

    @api.depends("move_line_id")
    def _compute_document(self):
        for line in self:
            item = line.sudo().move_line_id
            line.reference = item.move_name or item.name or ""
            line.date_invoice = item.move_id.invoice_date or item.date
            line.date_due = item.date_maturity or item.date
            # In the form a line begins without an item.
            line.document = line._prepare_document(item.move_id) if item else False

    def _prepare_document(self, move):
        """Return the lines of the document as a table; what people wrote in them is text."""
        rows = move.invoice_line_ids.filtered(lambda row: row.display_type == "product")
        cells = [
            (row.name or row.product_id.display_name, format_figure(self.env, row.quantity), row.price_total)
            for row in rows
        ]
        head = _prepare_row("th", self.env._("Description"), self.env._("Quantity"), self.env._("Amount"))
        body = Markup().join(
            _prepare_row("td", name, count, move.currency_id.format(sum_)) for name, count, sum_ in cells
        )
        foot = _prepare_row("th", self.env._("Total"), "", move.currency_id.format(move.amount_total))
        return Markup("<table class='table table-sm'>%s%s%s</table>") % (head, body, foot)

    def action_open_pdf(self):
        """Open the PDF of the disputed document: a copy that belongs to the dispute, for who may see that."""
        self.ensure_one()
        self.check_access("read")
        attachment = self._get_pdf()
        return {"type": "ir.actions.act_url", "url": f"/web/content/{attachment.id}?download=false", "target": "new"}

    def _get_pdf(self):
        """Return the attachment of the dispute with the document's PDF, copied on first use."""
        move = self.sudo().move_line_id.move_id
        attachments = self.env["ir.attachment"].sudo()
        owner = {"res_model": "credit.dispute", "res_id": self.dispute_id.id}
        name = f"{(move.name or '').replace('/', '_')}.pdf"
        copied = attachments.search([(key, "=", value) for key, value in {**owner, "name": name}.items()], limit=1)
        if copied:
            return copied
        files = move._credit_get_pdf_attachments()
        if move.id not in files:
            raise ValidationError(self.env._("%s has no PDF.", self.reference))
        return attachments.create({**owner, "name": name, "raw": attachments.browse(files[move.id]).raw})


def _prepare_row(tag, name, quantity, amount):
    cell = Markup(f"<{tag}>%s</{tag}><{tag} class='text-end'>%s</{tag}><{tag} class='text-end'>%s</{tag}>")
    return Markup("<tr>%s</tr>") % (cell % (name or "", quantity, amount))
