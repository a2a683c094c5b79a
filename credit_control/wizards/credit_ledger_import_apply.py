from collections import defaultdict

from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import split_every

from ..core.ledger_file import Problem
from ..models.company_day import company_today
from . import credit_ledger_import_sentences as codes

JOURNAL_CODE = "LEDG"
# Numbers of another system follow no rule of ours: any text is one, and none belongs to a year or month.
ANY_NUMBER = r"^(?P<prefix1>.*?)(?P<seq>\d{0,9})(?P<suffix>\D*?)$"
# The lines are complete, so Odoo needn't derive them; and 2 000 imported documents need no log of their creation.
QUIET = {
    "skip_invoice_sync": True,
    "skip_is_manually_modified": True,
    "tracking_disable": True,
    "mail_create_nosubscribe": True,
    "mail_activity_automation_skip": True,
}
BATCH = 500
# What is written first, before the database looks at what its tables hold.
FEW = 20
LEARN = "ANALYZE account_move, account_move_line, account_partial_reconcile, account_payment"


class CreditLedgerImport(models.TransientModel):
    """From entries to documents: gather what exists, check all, create in batches, post, reconcile."""

    _inherit = "credit.ledger.import"

    # ------------------------------------------------------------ check

    def _check_entries(self, entries, layout):
        """Return the problems that only the company's data show, in the order of the file."""
        currencies = self._get_currencies(entries)
        taken = self._get_taken_numbers(entries)
        signs = defaultdict(set)
        for entry in entries:
            signs[entry.number].add(entry.amount >= 0)
        locked_until = self._get_lock_date()
        problems = []
        for entry in entries:
            found = self._check_entry(entry, currencies, taken, signs[entry.number], locked_until)
            problems.extend(Problem(entry.line, layout.header(key), code, value) for key, code, value in found)
        return problems

    def _check_entry(self, entry, currencies, taken, signs, locked_until):
        """Yield (field, code, value) for each thing that is wrong with one entry."""
        currency = currencies.get(entry.currency)
        if currency is None:
            yield "currency", codes.UNKNOWN_CURRENCY, entry.currency
        elif currency != self.currency_id and not self._has_rate(currency):
            yield "currency", codes.NO_RATE, entry.currency
        else:
            for key, amount in (("amount", entry.amount), ("paid", entry.paid)):
                if round(amount, currency.decimal_places) != amount:
                    yield key, codes.TOO_PRECISE, str(amount)
        if entry.number in taken:
            yield "number", codes.ALREADY_THERE, entry.number
        if len(signs) > 1:
            yield "number", codes.MIXED_SIGNS, entry.number
        for key, day in (("date", entry.date), ("settled", entry.settled)):
            if day and day <= locked_until:
                yield key, codes.LOCKED, fields.Date.to_string(day)

    def _get_currencies(self, entries):
        """Return the active currency of each code in the file; no code: the company's."""
        wanted = {entry.currency for entry in entries} - {""}
        known = self.env["res.currency"].search([("name", "in", list(wanted))])
        return {"": self.currency_id, **{currency.name: currency for currency in known}}

    def _has_rate(self, currency):
        return any(rate.company_id in (self.company_id.root_id, self.env["res.company"]) for rate in currency.rate_ids)

    def _get_taken_numbers(self, entries):
        journal = self._get_journal()
        return set(
            self.env["account.move"]
            .search([("journal_id", "in", journal.ids), ("name", "in", [entry.number for entry in entries])])
            .mapped("name")
        )

    def _get_lock_date(self):
        """Return the last day on which nothing may be posted any more; long past where there is none."""
        company = self.company_id.sudo()
        journal = self._get_journal() or self.env["account.journal"].new({"type": "sale", "company_id": company.id})
        return company._get_user_fiscal_lock_date(journal)

    # ------------------------------------------------------------ apply

    def _apply_entries(self, entries):
        """Create everything. Returns what the last screen shows."""
        return self.with_company(self.company_id).with_context(**QUIET)._apply_quietly(entries)

    def _apply_quietly(self, entries):
        entries = [entry for entry in entries if entry.amount]
        partners, created = self._ensure_partners(entries)
        invoices = defaultdict(list)
        for entry in entries:
            invoices[entry.number].append(entry)
        currencies = self._get_currencies(entries)
        moves = self._create_invoices(invoices, partners, currencies)
        items = self._get_items(entries, moves)
        payments = self._create_payments(entries, items, currencies)
        self._reconcile(items, payments)
        disputes = self._create_disputes(entries, items)
        return {
            "move_ids": [Command.set(moves.ids)],
            "partner_count": created,
            "payment_count": len({line.move_id.id for line in payments if line}),
            "dispute_count": len(disputes),
        }

    def _ensure_partners(self, entries):
        """Return the customer of each code, known by its reference or created, and how many are new."""
        # Whoever may import a ledger creates its customers, without the right to edit every contact.
        Partner = self.env["res.partner"].sudo()
        first = {}
        for entry in entries:
            first.setdefault(entry.customer, entry)
        known = Partner.search(
            [("ref", "in", list(first)), ("parent_id", "=", False), ("company_id", "in", (False, self.company_id.id))],
            order="id desc",
        )
        partners = {partner.ref: partner for partner in known}
        missing = [entry for code, entry in first.items() if code not in partners]
        partners.update(
            zip(
                (entry.customer for entry in missing),
                Partner.create([self._prepare_partner_vals(entry) for entry in missing]),
                strict=True,
            )
        )
        return partners, len(missing)

    def _prepare_partner_vals(self, entry):
        return {
            "name": entry.name,
            "ref": entry.customer,
            "is_company": True,
            "customer_rank": 1,
            "company_id": self.company_id.id,
            "country_id": self.company_id.country_id.id,
            "lang": self.company_id.partner_id.lang,
            **entry.contact,
        }

    def _create_invoices(self, invoices, partners, currencies):
        journal = self._ensure_journal()
        vals = [
            self._prepare_invoice_vals(rows, journal, partners[rows[0].customer], currencies[rows[0].currency])
            for rows in invoices.values()
        ]
        return self._create_posted(vals)

    def _create_posted(self, vals_list):
        """Create and post entries in batches; all of them in the order of the values."""
        Move = self.env["account.move"]
        moves = Move
        for portion in self._in_portions(vals_list):
            batch = Move.create(portion)
            batch._post(soft=False)
            moves += batch
        return moves

    def _in_portions(self, values):
        """Yield ``values`` in batches, few in the first: what the planner remembers of the tables may be far off.

        Of an import that was rolled back it keeps that they are empty, and one of Odoo's statements then takes hours.
        """
        for number, portion in enumerate((values[:FEW], *split_every(BATCH, values[FEW:], list))):
            yield portion
            if len(values) > FEW and number < 2:
                self.env.flush_all()
                self.env.cr.execute(LEARN)

    def _prepare_invoice_vals(self, rows, journal, partner, currency):
        """One invoice (credit note) with a receivable line for each instalment."""
        head = rows[0]
        terms = [self._prepare_term_vals(row, partner, currency) for row in rows]
        return {
            "move_type": "out_invoice" if head.amount > 0 else "out_refund",
            "journal_id": journal.id,
            "name": head.number,
            "partner_id": partner.id,
            "currency_id": currency.id,
            "date": head.date,
            "invoice_date": head.date,
            "invoice_date_due": max(row.due for row in rows),
            "invoice_payment_term_id": False,
            "line_ids": [
                Command.create(line) for line in (self._prepare_product_vals(head, terms, journal, currency), *terms)
            ],
        }

    def _prepare_term_vals(self, row, partner, currency):
        return {
            "display_type": "payment_term",
            "name": row.number,
            "partner_id": partner.id,
            "account_id": partner.with_company(self.company_id).property_account_receivable_id.id,
            "date_maturity": row.due,
            **self._amounts(float(row.amount), currency, row.date),
        }

    def _prepare_product_vals(self, head, terms, journal, currency):
        amount = sum(term["amount_currency"] for term in terms)
        return {
            "display_type": "product",
            "name": head.number,
            "account_id": journal.default_account_id.id,
            "quantity": 1,
            "price_unit": currency.round(abs(amount)),
            "tax_ids": [Command.clear()],
            "currency_id": currency.id,
            "amount_currency": -currency.round(amount),
            "balance": -self.currency_id.round(sum(term["balance"] for term in terms)),
        }

    def _amounts(self, amount, currency, day):
        """Return an amount as a line takes it: in its currency, and in the company's at the day's rate."""
        balance = currency._convert(amount, self.currency_id, self.company_id, day)
        return {"currency_id": currency.id, "amount_currency": amount, "balance": balance}

    def _get_items(self, entries, moves):
        """Return the receivable line of each entry, in the order of the entries."""
        lines = moves.line_ids.filtered(lambda line: line.display_type == "payment_term")
        by_key = {(line.move_id.name, line.date_maturity): line for line in lines}
        return [by_key[entry.number, entry.due] for entry in entries]

    def _create_payments(self, entries, items, currencies):
        """Post what was paid, one bank entry a customer, day and currency. Returns a receivable line for each entry."""
        Line = self.env["account.move.line"]
        groups = defaultdict(list)
        for entry, item in zip(entries, items, strict=True):
            if entry.paid:
                day = entry.settled or company_today(self)
                groups[item.partner_id, day, entry.currency].append((entry, item))
        journal = self._get_bank_journal() if groups else None
        moves = self._create_posted(
            [
                self._prepare_payment_vals(pairs, partner, day, currencies[code], journal)
                for (partner, day, code), pairs in groups.items()
            ]
        )
        paid = {}
        for move, pairs in zip(moves, groups.values(), strict=True):
            lines = move.line_ids.sorted("sequence")[: len(pairs)]
            paid.update({item.id: line for (_entry, item), line in zip(pairs, lines, strict=True)})
        return [paid.get(item.id, Line) for item in items]

    def _prepare_payment_vals(self, pairs, partner, day, currency, journal):
        """One movement on the bank account that settles the items of a customer on a day."""
        lines = [
            {
                "sequence": place,
                "name": entry.number,
                "partner_id": partner.id,
                "account_id": item.account_id.id,
                **self._amounts(-float(entry.paid), currency, day),
            }
            for place, (entry, item) in enumerate(pairs)
        ]
        bank = {
            "sequence": len(lines),
            "name": ", ".join(entry.number for entry, _item in pairs)[:250],
            "partner_id": partner.id,
            "account_id": journal.default_account_id.id,
            "currency_id": currency.id,
            "amount_currency": -currency.round(sum(line["amount_currency"] for line in lines)),
            "balance": -self.currency_id.round(sum(line["balance"] for line in lines)),
        }
        return {
            "move_type": "entry",
            "journal_id": journal.id,
            "date": day,
            "partner_id": partner.id,
            "line_ids": [Command.create(line) for line in (*lines, bank)],
        }

    def _reconcile(self, items, payments):
        """Match each item with its payment, by Odoo's own reconciliation."""
        pairs = [item + payment for item, payment in zip(items, payments, strict=True) if payment]
        for portion in self._in_portions(pairs):
            self.env["account.move.line"]._reconcile_plan(portion)

    def _create_disputes(self, entries, items):
        """Open a dispute for each disputed invoice; closed on the day it was paid."""
        disputed = defaultdict(list)
        for entry, item in zip(entries, items, strict=True):
            if entry.disputed:
                disputed[item.move_id].append((entry, item))
        reason = self._ensure_dispute_reason() if disputed else None
        return self.env["credit.dispute"].create(
            [self._prepare_dispute_vals(move, pairs, reason) for move, pairs in disputed.items()]
        )

    def _prepare_dispute_vals(self, move, pairs, reason):
        # The file has no date of the dispute: from the invoice on, until all of it was paid.
        days = [entry.settled for entry, _item in pairs if entry.settled and entry.paid == entry.amount]
        closed = max(days) if len(days) == len(pairs) else False
        return {
            "partner_id": move.commercial_partner_id.id,
            "company_id": self.company_id.id,
            "reason_id": reason.id,
            "date": move.invoice_date,
            "state": "closed" if closed else "open",
            "closed_on": closed,
            "note": self.env._("Imported. The ledger didn't say when it was raised: the invoice date is taken."),
            "line_ids": [Command.create({"move_line_id": item.id}) for _entry, item in pairs],
        }

    # ------------------------------------------------------------ journals, reason

    def _get_journal(self):
        return self.env["account.journal"].search(
            [("code", "=", JOURNAL_CODE), ("type", "=", "sale"), ("company_id", "=", self.company_id.id)], limit=1
        )

    def _ensure_journal(self):
        """Return the journal of imported invoices: apart, so that the company's own numbering isn't disturbed."""
        journal = self._get_journal()
        if journal:
            return journal
        sales = self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", self.company_id.id)], limit=1
        )
        if not sales.default_account_id:
            raise UserError(
                self.env._(
                    "%s has no sales journal with an account. Install its chart of accounts first.",
                    self.company_id.name,
                )
            )
        # A credit manager needs no right on journals in general to have this one.
        return self.env["account.journal"].sudo().create(self._prepare_journal_vals(sales)).sudo(False)

    def _prepare_journal_vals(self, sales):
        return {
            "name": self.env._("Imported ledger"),
            "code": JOURNAL_CODE,
            "type": "sale",
            "company_id": self.company_id.id,
            "default_account_id": sales.default_account_id.id,
            "sequence_override_regex": ANY_NUMBER,
            "show_on_dashboard": False,
        }

    def _get_bank_journal(self):
        journals = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company_id.id)], order="sequence, id"
        )
        journal = journals.filtered("default_account_id")[:1]
        if not journal:
            raise UserError(
                self.env._(
                    "%s has no bank journal for the payments of the file. Create one first.", self.company_id.name
                )
            )
        return journal

    def _ensure_dispute_reason(self):
        Reason = self.env["credit.dispute.reason"].sudo()
        reason = Reason.with_context(active_test=False).search([("code", "=", "imported")], limit=1)
        return reason or Reason.create(
            {"code": "imported", "name": self.env._("Not stated (imported)"), "sequence": 99}
        )
