from io import BytesIO

from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import Command, api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, html2plaintext

from ..core import delivery
from ..report.workbook import Column, Sheet, write_workbook
from .company_day import company_today

NOTICE = "credit.dunning.notice"
# What was reckoned of a customer, was said about them by others, or can be reckoned again: it goes as a whole.
RECKONED = (
    "credit.forecast.record",
    "credit.match",
    "credit.payment.profile",
    "credit.rating.request",
    "credit.rating",
    "credit.score",
    "credit.signal",
    "credit.simulation.customer",
    "credit.terms.proposal",
)
# Words, addresses and names of people: they go. Amounts, days and states stay: they explain the books.
WORDS = {
    "credit.charge": ("waive_reason",),
    "credit.debtor": ("interest_regime_reason", "manual_status_reason"),
    "credit.delay.cause.item": ("note",),
    "credit.dispute": ("explanation", "note"),
    NOTICE: ("address", "body", "call_note", "detail", "registered_number", "subject"),
    "credit.dunning.pause": ("reason",),
    "credit.einvoice.event": ("reason",),
    "credit.hold": ("decision_reason", "earlier_reason"),
    "credit.insolvency": ("note", "plan_note"),
    "credit.insurance.guarantee": ("note",),
    "credit.limit": ("decision_reason", "proposal", "reason"),
    "credit.litigation": ("note",),
    "credit.payment.plan": ("contact_id", "note"),
    "credit.payment.return": ("reason",),
    "credit.promise": ("contact_id", "note"),
}
LINKS = ("recipient_ids", "attachment_ids", "proof_ids")
# How long is kept what was said on the phone, and what was written about a claim once it is settled.
CALL_MONTHS = 24
SETTLED_YEARS = 5
# What a field says that a person can read.
NUMBERS = frozenset({"float", "integer", "monetary"})
TOLD = NUMBERS | {"boolean", "char", "date", "datetime", "html", "many2one", "selection", "text"}
UNTOLD = frozenset({"id", "create_date", "create_uid", "write_date", "write_uid"})
# What stands in the place of a text that left; what left mustn't be rendered anew.
ERASED = Markup('<p data-credit-erased="1">%s</p>')


class CreditPerson(models.AbstractModel):
    """What credit control keeps of one customer: told, handed over, and erased when they are a natural person.

    GDPR art. 15 and 20 (a copy of it), 17 (erasure), 5 (1) e (no longer than needed). The contact itself and
    its invoices aren't ours: Odoo's privacy lookup finds them, and the law of accounting keeps the latter.
    An addon that keeps more of people extends :meth:`_find` and :meth:`_forget`.
    """

    _name = "credit.person"
    _description = "Personal data in credit control"

    # -- what there is ------------------------------------------------------------------

    @api.model
    def _find(self, partner):
        """Return ``{model name: records}`` of what is kept about the customer, in all companies, with all rights."""
        domain = Domain("partner_id", "=", partner.commercial_partner_id.id)
        return {name: self._search_all(name, domain) for name in self._get_models()}

    @api.model
    def _search_all(self, name, domain):
        return self.env[name].sudo().with_context(active_test=False).search(domain, order="id")

    @api.model
    def _get_models(self):
        """Return the names of the models with rows about one customer."""
        return [name for name in sorted(self.env.registry.models) if self._is_about_customers(self.env[name])]

    @api.model
    def _is_about_customers(self, model):
        field = model._fields.get("partner_id")
        is_stored = model._auto and not model._abstract and not model._transient
        ours = model._name.startswith("credit.") and model._original_module.startswith("credit_control")
        return bool(ours and is_stored and field and field.store and field.comodel_name == "res.partner")

    @api.model
    def _find_messages(self, found):
        """Return the messages on these records: what was written, answered and noted."""
        threads = [Domain("model", "=", name) & Domain("res_id", "in", some.ids) for name, some in found.items()]
        return self._search_all("mail.message", Domain.OR(threads))

    # -- a copy of it -------------------------------------------------------------------

    @api.model
    def _write_copy(self, partner):
        """Return a workbook (bytes) with a sheet for each kind of record, and one of the messages."""
        found = {name: some for name, some in self._find(partner).items() if some}
        sheets = [self._prepare_sheet(some) for some in found.values()]
        target = BytesIO()
        write_workbook(target, [*sheets, self._prepare_messages(self._find_messages(found))], self.env._("Total"))
        return target.getvalue()

    def _prepare_sheet(self, records):
        fields = [field for name, field in records._fields.items() if self._is_told(name, field)]
        model = self.env["ir.model"]._get(records._name)
        columns = tuple(Column(field.get_description(self.env)["string"], width=20) for field in fields)
        rows = [tuple(self._tell(record, field) for field in fields) for record in records]
        return Sheet(model.name, columns, rows)

    def _is_told(self, name, field):
        return field.store and name not in UNTOLD and field.type in TOLD and not field.groups

    def _tell(self, record, field):
        """Return the value of one field as a person reads it."""
        value = record[field.name]
        if field.type == "html":
            return html2plaintext(value or "")
        if field.type == "many2one":
            return value.display_name or ""
        if field.type in NUMBERS:
            return str(value)
        return field.convert_to_export(value, record)

    def _prepare_messages(self, messages):
        columns = (self.env._("Date"), self.env._("From"), self.env._("Subject"), self.env._("Text"))
        rows = [
            (str(message.date), message.author_id.name or message.email_from, message.subject, message.preview)
            for message in messages
        ]
        return Sheet(self.env._("Messages"), tuple(Column(label, width=30) for label in columns), rows)

    # -- erasing on demand --------------------------------------------------------------

    @api.model
    def _erase(self, partner, reason):
        """Erase what credit control keeps of this natural person; what is about money stays, without words.

        :param reason: why, e.g. their letter; kept on the card with who did it and when
        :raise UserError: where it can't be erased yet, saying why
        """
        cards = self._search_all("credit.debtor", [("partner_id", "=", partner.commercial_partner_id.id)])
        self._check_erasable(partner.commercial_partner_id, cards)
        self._forget(self._find(partner))
        cards._renew_portal_secrets(SQL("TRUE"))
        user = self.env.user
        told = self.env._("%(user)s erased the personal data: %(reason)s", user=user.name, reason=reason)
        for card in cards:
            card._message_log(body=told, author_id=user.partner_id.id)

    def _check_erasable(self, partner, cards):
        if not self.env.user.has_group("credit_control.group_manager"):
            raise AccessError(self.env._("Personal data are erased by credit managers: ask one of them."))
        if not all(cards.mapped("is_natural_person")):
            raise UserError(self.env._("%s isn't a natural person.", partner.display_name))
        if cards.company_id - self.env.user.company_ids:
            raise UserError(
                self.env._("%s is a customer of companies that you have no access to.", partner.display_name)
            )
        obstacle = self._get_obstacle(partner)
        if obstacle:
            raise UserError(
                self.env._(
                    "%(customer)s: %(obstacle)s Until that is settled the data are needed for the claim "
                    "(GDPR art. 17 (3) e).",
                    customer=partner.display_name,
                    obstacle=obstacle,
                )
            )

    def _get_obstacle(self, partner):
        """Return why the data are still needed, as a sentence; nothing where they aren't."""
        mine = Domain("partner_id", "=", partner.id)
        if self._search_all("credit.open.item", mine & Domain("amount_residual", ">", 0)):
            return self.env._("Something is owed.")
        if self._search_all(NOTICE, mine & Domain("state", "in", delivery.PENDING)):
            return self.env._("A message is about to leave.")
        is_running = Domain("state", "!=", "closed")
        if self._search_all("credit.litigation", mine & is_running) or self._search_all(
            "credit.insolvency", mine & is_running
        ):
            return self.env._("A procedure is running.")
        return ""

    @api.model
    def _forget(self, found):
        """Erase words and names of these records, and what was reckoned; ``found`` is what :meth:`_find` returns."""
        self._unlink_messages(found)
        for name, columns in WORDS.items():
            self._blank(found[name], columns)
        for name in RECKONED:
            self._delete(found[name])
        self.env["credit.debtor"].sudo()._forget_erased_scores()
        return True

    def _unlink_messages(self, found):
        """Delete messages, files and tasks of these records. Documents of the books, that were sent along, stay."""
        found[NOTICE]._apply({name: [Command.clear()] for name in LINKS})
        files = self._search_all("credit.litigation.file", [("litigation_id", "in", found["credit.litigation"].ids)])
        threads = {**found, files._name: files}
        for name, records in threads.items():
            mine = Domain("res_model", "=", name) & Domain("res_id", "in", records.ids)
            # Files of fields, too: they are only found where the domain names an id.
            self._search_all("ir.attachment", mine & Domain("id", ">", 0)).unlink()
            self._search_all("mail.activity", mine).unlink()
        self._find_messages(threads).unlink()
        files.unlink()

    def _blank(self, records, columns):
        """Empty these columns, past what keeps records as they were: that is no reason to keep a person's data."""
        records.flush_recordset()
        values = SQL(", ").join(
            SQL("%s = %s", SQL.identifier(name), self._get_blank(records._fields[name])) for name in columns
        )
        query = SQL("UPDATE %s SET %s WHERE id = ANY(%s)", SQL.identifier(records._table), values, records.ids)
        self.env.cr.execute(query)
        records.invalidate_recordset(columns, flush=False)

    def _get_blank(self, field):
        erased = self.env._("(erased)")
        if field.type == "html":
            return ERASED % erased
        return erased if field.required or field.name == "subject" else None

    def _delete(self, records):
        self.env.flush_all()
        self.env.cr.execute(SQL("DELETE FROM %s WHERE id = ANY(%s)", SQL.identifier(records._table), records.ids))
        self.env.invalidate_all(flush=False)

    # -- erasing on time ----------------------------------------------------------------

    @api.autovacuum
    def _gc_words(self):
        """Erase call notes of natural persons after 24 months, and what was written five years after it was settled."""
        cards = self.env["credit.debtor"].sudo()
        for company in self.env["res.company"].sudo().search([("active", "=", True)]):
            today = company_today(company)
            domain = Domain("company_id", "=", company.id) & cards._get_natural_person_domain()
            mine = Domain("debtor_id", "in", cards._search(domain)) & Domain("state", "in", tuple(delivery.KEPT))
            self._forget_calls(mine, today - relativedelta(months=CALL_MONTHS))
            self._forget_settled(mine, today - relativedelta(years=SETTLED_YEARS))

    def _forget_calls(self, domain, limit):
        said = Domain("call_note", "!=", False) & Domain("date", "<", limit)
        self._blank(self._search_all(NOTICE, domain & said), ("call_note",))

    def _forget_settled(self, domain, limit):
        """Erase the words of the notices whose items were all settled before ``limit``."""
        kept = Domain("date", "<", limit) & Domain("body", "not like", "data-credit-erased")
        notices = self._search_all(NOTICE, domain & kept)
        notices -= notices.browse(self._find_later(notices, limit))
        notices._apply({name: [Command.clear()] for name in LINKS})
        messages = notices.mail_message_id
        self._blank(notices, WORDS[NOTICE])
        messages.unlink()

    def _find_later(self, notices, limit):
        """Return the ids of the notices with an item that is open, or was settled on ``limit`` or later."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT line.notice_id
                  FROM credit_dunning_notice_line line
                  JOIN account_move_line item ON item.id = line.move_line_id
                 WHERE line.notice_id = ANY(%s)
                   AND (item.reconciled IS NOT TRUE OR EXISTS (
                        SELECT 1 FROM account_partial_reconcile part
                         WHERE (part.debit_move_id = item.id OR part.credit_move_id = item.id)
                           AND part.max_date >= %s))
                """,
                notices.ids,
                limit,
            )
        )
        return [notice_id for (notice_id,) in rows]
