import uuid
from functools import partial
from urllib.parse import quote

from odoo import models
from odoo.tools import SQL, str2bool

from ..core.remittance import communication
from ..report.payment_code import data_uri

QR_METHOD = "sct_qr"


class CreditDunningMessagePayment(models.AbstractModel):
    """How the customer can pay and answer: bank details, QR code, links."""

    _name = "credit.dunning.message.payment"
    _description = "How a customer can pay and answer"

    def _prepare_payment_values(self, parts, payable):
        bank = self._get_bank()
        reference = self._get_communication(parts)
        values = {
            "bank": self._prepare_bank(bank),
            "communication": reference,
            "pay_url": "",
            "pay_each": False,
            "draw_qr": None,
            **self._prepare_answers(),
        }
        qr = self._prepare_qr(bank, parts, reference, payable["codes"])
        return values | qr | self._prepare_pay_links(parts, payable)

    # -- transfer -------------------------------------------------------------------

    def _get_bank(self):
        """Return the company's account that its invoices name; else its first one, trusted ones before."""
        company = self.company_id.sudo()
        own = company.partner_id.bank_ids.filtered(lambda bank: bank.company_id in (company, company.browse()))
        named = self.line_ids.move_id.sudo().partner_bank_id & own
        return (named if len(named) == 1 else own.sorted(lambda bank: not bank.allow_out_payment))[:1]

    def _prepare_bank(self, bank):
        if not bank:
            return {}
        return {
            "holder": bank.acc_holder_name or bank.partner_id.name or "",
            "number": bank.acc_number,
            "is_iban": bank.acc_type == "iban",
            "bic": bank.bank_bic or "",
            "name": bank.bank_id.name or "",
        }

    def _get_communication(self, parts):
        references = [row.reference for part in parts for row in part.rows if not row.is_credit]
        partner = self.partner_id.sudo()
        return communication(references, partner.ref or partner.name or "")

    def _prepare_qr(self, bank, parts, reference, codes):
        """Return how to draw the EPC code: ``draw_qr()`` gives a PNG as data URI.

        Odoo's own mechanism says what stands in it. None where the company has no SEPA account, where
        several currencies are asked, or another one than the euro.

        :param codes: what is known already: ``{(account, currency): whether there can be a code}``
        """
        asked = [part for part in parts if not part.currency.is_zero(part.asked)]
        if not bank or len(asked) != 1 or asked[0].asked <= 0:
            return {}
        currency = asked[0].currency
        if (bank, currency) not in codes:
            codes[bank, currency] = self._can_draw_qr(bank, currency)
        if not codes[bank, currency]:
            return {}
        vals = {
            "qr_method": QR_METHOD,
            "amount": currency.round(asked[0].asked),
            "currency": currency,
            "debtor_partner": self.partner_id.sudo(),
            "free_communication": reference,
            "structured_communication": self._get_structured_reference(parts),
        }
        return {"draw_qr": partial(_draw_qr, bank, vals)}

    def _can_draw_qr(self, bank, currency):
        if QR_METHOD not in dict(bank.get_available_qr_methods_in_sequence()):
            return False
        return not bank._get_error_messages_for_qr(QR_METHOD, self.partner_id.sudo(), currency)

    def _get_structured_reference(self, parts):
        """Return the structured reference of the only invoice asked; several have none in common."""
        rows = [row for part in parts for row in part.rows]
        move = rows[0].item.move_id.sudo() if len(rows) == 1 else None
        return (move and move.payment_reference) or ""

    # -- online ---------------------------------------------------------------------

    def _gather_payable(self):
        """Return the invoices that can be paid online, and the partners who can log in to pay them all.

        Online payment wants Odoo's setting, a published provider of the company, and an open invoice.
        """
        enabled = self.env["ir.config_parameter"].sudo().get_param("account_payment.enable_portal_payment")
        if not str2bool(enabled or "False"):
            return {"moves": self.env["account.move"], "users": set(), "codes": {}}
        moves = self.line_ids.filtered(lambda line: not line.is_credit).move_id.sudo()
        companies = self._query_companies_with_provider(moves.company_id)
        moves = moves.filtered(lambda move: move.company_id in companies and move._has_to_be_paid())
        _ensure_tokens(moves)
        users = self.env["res.users"].sudo().search([("partner_id", "in", moves.partner_id.ids)])
        return {"moves": moves, "users": set(users.partner_id.ids), "codes": {}}

    def _query_companies_with_provider(self, companies):
        providers = (
            self.env["payment.provider"]
            .sudo()
            .search([("state", "in", ("enabled", "test")), ("is_published", "=", True)])
        )
        owners = providers.company_id
        return companies.filtered(lambda company: company in owners or company.root_id in owners)

    def _prepare_pay_links(self, parts, payable):
        """Return the link per invoice, and one for all.

        The portal's page of overdue invoices pays all of them, but only for who can log in
        as the invoices' partner, and in one currency. Without it each line has its own link.
        """
        amounts = {}
        for row in (row for part in parts for row in part.rows if not row.is_credit and row.asked > 0):
            move = row.item.move_id
            if move in payable["moves"]:
                amounts[move] = amounts.get(move, 0.0) + row.asked
        links = {move.id: move._credit_get_payment_link(amount) for move, amount in amounts.items()}
        return {"pay_links": links, **self._get_link_for_all(amounts, links, payable["users"])}

    def _get_link_for_all(self, amounts, links, users):
        if not links:
            return {"pay_url": "", "pay_each": False}
        if len(links) == 1:
            return {"pay_url": next(iter(links.values())), "pay_each": False}
        moves = self.env["account.move"].sudo().union(*amounts)
        partner = moves.partner_id
        overdue = all(move.invoice_date_due and move.invoice_date_due < self.date for move in moves)
        if len(partner) == 1 and partner.id in users and len(moves.currency_id) == 1 and overdue:
            return {"pay_url": f"{self.company_id.get_base_url()}/my/invoices/overdue", "pay_each": True}
        return {"pay_url": "", "pay_each": True}

    # -- answers --------------------------------------------------------------------

    def _prepare_answers(self):
        """Return how the customer answers: on the portal where it is open to who reads this, else by mail.

        ``answer_links`` is ``[(label, address)]``, ``portal_url`` opens the statement or is empty.
        """
        url = self.debtor_id._get_portal_url(self._get_portal_contact()) if self.debtor_id.id else ""
        if not url:
            return {"portal_url": "", "draw_portal_qr": None, "answer_links": self._prepare_answer_mails()}
        return {
            "portal_url": url,
            "draw_portal_qr": partial(data_uri, url),
            "answer_links": [
                (self.env._("I have paid"), f"{url}/paid"),
                (self.env._("I will pay on…"), f"{url}/promise"),
                (self.env._("I disagree"), f"{url}/dispute"),
            ],
        }

    def _get_portal_contact(self):
        """Return in whose name the links are: the first recipient who may see the statement, else the customer.

        A mail to several is one text, so its links are one person's.
        """
        allowed = self.recipient_ids.filtered(self.debtor_id._is_portal_contact)
        return allowed.sorted("id")[:1] or self.partner_id

    def _prepare_answer_mails(self):
        """Return the links by which the customer answers by mail; none without an e-mail of ours."""
        email = self._prepare_sender()["email"]
        if not email:
            return []
        customer = self.partner_id.sudo()
        about = f"{customer.name} {customer.ref or ''}".strip()
        answers = (
            (self.env._("I have paid"), self.env._("We paid on:")),
            (self.env._("I will pay on…"), self.env._("We will pay on:")),
            (self.env._("I disagree"), self.env._("We disagree about the invoice … because:")),
        )
        return [(label, _mailto(email, f"{label.rstrip('…')} – {about}", body)) for label, body in answers]


def _draw_qr(bank, vals):
    return data_uri(bank._get_qr_code_generation_params(**vals)["value"])


def _mailto(email, subject, body):
    return f"mailto:{quote(email)}?subject={quote(subject, safe='')}&body={quote(body, safe='')}"


def _ensure_tokens(moves):
    """Give the invoices that have none their portal token, in one statement.

    Not by a write on the entries: it would run the invoice synchronisation of each and mark
    it as modified by hand.
    """
    missing = moves.filtered(lambda move: not move.access_token)
    if not missing:
        return
    rows = SQL(", ").join(SQL("(%s, %s)", move.id, str(uuid.uuid4())) for move in missing)
    missing.env.cr.execute(
        SQL(
            "UPDATE account_move SET access_token = token.value FROM (VALUES %s) AS token (id, value)"
            " WHERE account_move.id = token.id AND account_move.access_token IS NULL",
            rows,
        )
    )
    missing.invalidate_recordset(["access_token"], flush=False)
