from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..core import einvoice
from .company_day import company_today
from .credit_einvoice_event import STATUSES
from .language import in_language_of
from .res_partner import SEES_CREDIT

INVOICES = ("out_invoice", "out_receipt")


class CreditMoveEinvoice(models.AbstractModel):
    """How news about an e-invoice reaches credit control: one method, for whatever brings them."""

    _name = "credit.move.einvoice"
    _description = "E-invoice status of an invoice"

    credit_einvoice_status = fields.Selection(
        STATUSES,
        string="E-invoice status",
        compute="_compute_credit_einvoice_status",
        search="_search_credit_einvoice_status",
        groups=SEES_CREDIT,
        help="The latest status of its life cycle that concerns the money.",
    )

    def _credit_set_einvoice_status(self, status, reason=None, date=None, reference=None):
        """Take note of the status of this e-invoice. The documented call for EDI addons.

        - ``refused`` or ``disputed``: a dispute is opened on what is open of the invoice and not
          disputed yet; it isn't reminded until that is closed.
        - ``rejected``: the invoice hasn't legally arrived. Its reminders are paused until somebody ends
          that, and the customer's collector is asked to send it again.
        - ``cashed``: kept in the customer's timeline; the payment itself comes from the bank.

        The same news twice (status and ``reference``) changes nothing. Who calls it is trusted: it acts
        with all rights, e.g. from a job that reads a platform. People and RPC:
        :meth:`action_credit_einvoice_status`.

        :param status: ``refused``, ``disputed``, ``rejected``, ``cashed``, or the French code of it:
            210, 207, 213, 212
        :param reason: free text, or the code of a dispute reason (``price``, ``quantity``…), or the French
            code of a reason (``PU_ERR``, ``QTE_ERR``…)
        :param date: the day of the news (date or ISO text); today without it
        :param reference: names the piece of news at its sender
        :return: the ``credit.einvoice.event``, the earlier one where it isn't news
        :raise UserError: for another status, and for what isn't a posted customer invoice
        """
        self.ensure_one()
        code = self._credit_check_einvoice(status)
        day = fields.Date.to_date(date) or company_today(self)
        event, is_news = self.env["credit.einvoice.event"].sudo()._record(self, code, reason, day, reference)
        if is_news:
            getattr(self.sudo(), f"_credit_follow_{code}")(event)
        return event.sudo(self.env.su)

    def action_credit_einvoice_status(self, status, reason=None, date=None, reference=None):
        """As :meth:`_credit_set_einvoice_status`, for RPC: needs the right to record disputes.

        :return: the id of the ``credit.einvoice.event``
        """
        self.check_access("read")
        self.env["credit.dispute"].check_access("create")
        return self._credit_set_einvoice_status(status, reason, date, reference).id

    def _credit_check_einvoice(self, status):
        code = einvoice.get_status(status)
        if not code:
            raise UserError(
                self.env._(
                    "%(invoice)s: “%(status)s” isn't a status that concerns credit control. These are: %(known)s.",
                    invoice=self.display_name,
                    status=status,
                    known=", ".join([*einvoice.STATUSES, *sorted(einvoice.FRENCH)]),
                )
            )
        if self.state != "posted" or self.move_type not in INVOICES:
            raise UserError(self.env._("%s isn't a posted customer invoice: it has no status.", self.display_name))
        return code

    # -- what follows -------------------------------------------------------------------

    def _credit_follow_refused(self, event):
        disputes = self.env["credit.dispute"]
        items = self._credit_get_receivables()
        event.dispute_id = self._credit_get_open_disputes()[-1:]
        if disputes._get_free(items):
            event.dispute_id = disputes._open(
                dict.fromkeys(disputes._get_free(items), 0.0),
                einvoice.get_reason(event.reason) or "other",
                note=event.reason or "",
                source="einvoice",
                submission=str(event.id),
                date=min(event.date, company_today(self)),
            )
        self._credit_note_einvoice(event)

    def _credit_follow_disputed(self, event):
        self._credit_follow_refused(event)

    def _credit_follow_rejected(self, event):
        debtor = self._credit_note_einvoice(event)
        event.pause_id = self.env["credit.dunning.pause"].create(
            {
                "company_id": self.company_id.id,
                "move_id": self.id,
                "reason": self.env._("E-invoice rejected: %s", event.reason or self.env._("no reason given")),
            }
        )
        user = debtor.responsible_id or self.invoice_user_id or self.env.user
        spoken = in_language_of(debtor, user)
        spoken.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=spoken.env._("%s was rejected by the e-invoicing platform", self.name),
            note=spoken.env._("It hasn't legally arrived: send it again, then end the pause of its reminders."),
            user_id=user.id,
        )

    def _credit_follow_cashed(self, event):
        self._credit_note_einvoice(event)

    def _credit_note_einvoice(self, event):
        """Keep the news in the customer's timeline, and return their card."""
        debtor = self.env["credit.debtor"]._ensure(self.company_id, self.commercial_partner_id.ids).sudo()
        label = dict(event._fields["status"]._description_selection(self.env))[event.status]
        debtor.message_post(
            body=self.env._(
                "E-invoice %(invoice)s on %(date)s: %(status)s. %(reason)s",
                invoice=self.name,
                date=format_date(self.env, event.date),
                status=label,
                reason=event.reason or "",
            ).strip(),
            subtype_xmlid="mail.mt_note",
        )
        return debtor

    def _credit_get_open_disputes(self):
        lines = self.env["credit.dispute.line"].search(
            [("move_line_id", "in", self.line_ids.ids), ("dispute_id.state", "=", "open")]
        )
        return lines.dispute_id

    # -- shown on the invoice -----------------------------------------------------------

    @api.depends_context("uid")
    def _compute_credit_einvoice_status(self):
        events = self.env["credit.einvoice.event"].search([("move_id", "in", self.ids)], order="date, id")
        status_of = {event.move_id.id: event.status for event in events}
        for move in self:
            move.credit_einvoice_status = status_of.get(move._origin.id, False)

    def _search_credit_einvoice_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.env["credit.einvoice.event"].flush_model(["date", "move_id", "status"])
        latest = SQL(
            "SELECT DISTINCT ON (move_id) move_id, status FROM credit_einvoice_event"
            " ORDER BY move_id, date DESC, id DESC"
        )
        known = tuple(status for status in value if status) or ("",)
        found = Domain("id", "in", SQL("(SELECT move_id FROM (%s) latest WHERE status IN %s)", latest, known))
        without = Domain("id", "not in", SQL("(SELECT move_id FROM credit_einvoice_event)"))
        return found | without if False in value else found
