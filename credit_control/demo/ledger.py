"""Posts the demonstration ledger in a company, through Odoo's own posting and reconciliation.

How to use it::

    from odoo.addons.credit_control.demo.ledger import build
    build(env, date.today())

The company must have no entries yet. It gets a name, an address, a bank account and the
French chart of accounts where ``l10n_fr_account`` is installed; then customers with their
contacts, two years of invoices and payments, and everything of :mod:`customers`. Nothing is
committed here.
"""

import unicodedata
from collections import defaultdict
from datetime import date, timedelta

from odoo import Command
from odoo.exceptions import UserError

from . import script
from .customers import CONSUMER, CUSTOMERS, KEY, PUBLIC
from .follow_up import FollowUp

QUIET = {
    "tracking_disable": True,
    "mail_create_nosubscribe": True,
    "mail_activity_automation_skip": True,
    "skip_is_manually_modified": True,
}
BATCH = 250
COMPANY = {
    "name": "Fournil de Démonstration SARL",
    "street": "12 rue du Moulin",
    "zip": "59800",
    "city": "Lille",
    "email": "compta@fournil-demonstration.example",
    "phone": "+33 3 00 00 00 00",
    "website": "https://fournil-demonstration.example",
}
SIREN, SIRET, VAT = "123456782", "12345678200010", "FR11123456782"
IBAN = "FR7630006000011234567890189"
# Odoo's own payment terms, by the days that they give; others are made.
TERMS = {30: "account.account_payment_term_30days", 45: "account.account_payment_term_45days"}
# Units of the currency for one euro: at the beginning, and what the months add.
RATES = {"USD": (1.05, 0.004), "GBP": (0.87, -0.001), "CHF": (0.97, -0.0015)}
PHONES = {"FR": "+33 3 00 00 {:02} {:02}", "GB": "+44 20 7946 0{:01}{:02}", "US": "+1 617 555 01{:02}"}
CONTACTS = {
    "payable": ("Comptabilité fournisseurs", "Accounts payable", "compta"),
    "buyer": ("Service achats", "Purchasing", "achats"),
    "director": ("Direction", "Management", "direction"),
}


def build(env, today: date, customers=CUSTOMERS, days=script.HISTORY_DAYS):
    """Post the ledger in ``env.company`` as of ``today``; return the company.

    :param customers: those to take, of :data:`customers.CUSTOMERS`
    :param days: how far back the history goes
    """
    return DemoLedger(env, today, list(customers), days).build()


def slug(name: str) -> str:
    """Return a name as it stands in an address.

    >>> slug("Épicerie des Halles")
    'epicerie-des-halles'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(sign if sign.isalnum() else " " for sign in plain).split())


class DemoLedger(FollowUp):
    """The steps of :func:`build`; what each has made is there for the next."""

    def __init__(self, env, today, customers, days):
        self.company = env.company
        self.env = env(context={**env.context, **QUIET, "allowed_company_ids": env.company.ids})
        self.today = today
        self.customers = customers
        self.days = days
        self.partners = self.env["res.partner"]
        self.pairs = []  # (script.Invoice, account.move)

    def build(self):
        """Make everything; return the company."""
        if self.env["account.move"].search_count([("company_id", "=", self.company.id)], limit=1):
            raise UserError(self.env._("%s has entries already.", self.company.name))
        self._set_up_company()
        self._load_currencies()
        self._create_partners()
        self._post_invoices()
        self._settle_invoices()
        self._post_specials()
        self._record_follow_up()
        self._decide_charges()
        return self.company

    def _ago(self, days):
        return self.today - timedelta(days=days)

    # ------------------------------------------------------------ company

    def _set_up_company(self):
        env, company = self.env, self.company
        france, Chart = env.ref("base.fr"), env["account.chart.template"]
        company.write({**COMPANY, "country_id": france.id, "vat": VAT, "company_registry": SIRET})
        if "fr" in dict(Chart._select_chart_template(france)) and company.chart_template != "fr":
            Chart.try_loading("fr", company, install_demo=False)
        company._credit_load_policies()
        self.bank = self._journal("bank")
        self.bank.bank_account_id = self.bank.bank_account_id or self._ensure_bank_account()
        self.debit_line = self._ensure_method_line("Prélèvement SEPA", "direct_debit")

    def _journal(self, kind):
        return self.env["account.journal"].search([("type", "=", kind), ("company_id", "=", self.company.id)], limit=1)

    def _ensure_bank_account(self):
        Bank = self.env["res.partner.bank"]
        partner = self.company.partner_id
        found = Bank.search([("acc_number", "=", IBAN), ("partner_id", "=", partner.id)], limit=1)
        return found or Bank.create({"acc_number": IBAN, "partner_id": partner.id, "company_id": self.company.id})

    def _ensure_method_line(self, name, collection, account=None):
        """Return a way to be paid that we carry out ourselves, on the bank journal."""
        line = self.bank.inbound_payment_method_line_ids[:1]
        return line.copy(
            {
                "name": name,
                "journal_id": self.bank.id,
                "payment_account_id": (account or line.payment_account_id).id,
                "credit_collection": collection,
            }
        )

    def _load_currencies(self):
        wanted = {customer.currency for customer in self.customers}
        currencies = self.env["res.currency"].with_context(active_test=False).search([("name", "in", list(wanted))])
        currencies.active = True
        self.currencies = {currency.name: currency for currency in currencies}
        self.env["res.currency.rate"].create(
            [vals for currency in currencies for vals in self._prepare_rates_vals(currency)]
        )

    def _prepare_rates_vals(self, currency):
        first, step = RATES.get(currency.name, (None, None))
        if first is None or currency == self.company.currency_id:
            return
        days = [self._ago(self.days + 90 - 30 * month) for month in range(self.days // 30 + 4)]
        for month, day in enumerate(days):
            if day <= self.today:
                rate = round(first + step * month, 5)
                yield {"currency_id": currency.id, "company_id": self.company.id, "name": day, "rate": rate}

    # ------------------------------------------------------------ customers

    def _create_partners(self):
        langs = {code for code, _name in self.env["res.lang"].get_installed()}
        Partner = self.env["res.partner"]
        self.partners = Partner.create(
            [self._prepare_partner_vals(place, customer, langs) for place, customer in enumerate(self.customers)]
        )
        self._give_terms()
        Partner.create(
            [
                self._prepare_contact_vals(customer, partner, role)
                for customer, partner in zip(self.customers, self.partners, strict=True)
                for role in customer.roles
            ]
        )
        debited = [place for place, customer in enumerate(self.customers) if customer.debit]
        for place in debited:
            self.partners[place].property_inbound_payment_method_line_id = self.debit_line
        for customer, partner in zip(self.customers, self.partners, strict=True):
            if customer.blacklisted:
                for address in (partner | partner.child_ids).mapped("email_normalized"):
                    self.env["mail.blacklist"]._add(address)

    def _give_terms(self):
        """Give the customers their payment terms; consumers pay when they buy."""
        places = defaultdict(list)
        for place, customer in enumerate(self.customers):
            if customer.kind != CONSUMER:
                places[customer.term].append(place)
        for days, found in places.items():
            partners = self.partners.browse(self.partners[place].id for place in found)
            partners.property_payment_term_id = self._ensure_term(days)

    def _ensure_term(self, days):
        term = self.env.ref(TERMS[days], raise_if_not_found=False) if days in TERMS else None
        return term or self._create_term(f"{days} jours", (100, days))

    def _create_term(self, name, *lines):
        """Return payment terms of ``lines``: (percent, days after the invoice)."""
        return self.env["account.payment.term"].create(
            {
                "name": name,
                "company_id": self.company.id,
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": percent, "nb_days": days})
                    for percent, days in lines
                ],
            }
        )

    def _prepare_partner_vals(self, place, customer, langs):
        country = self.env.ref(f"base.{customer.country.lower().replace('gb', 'uk')}")
        vals = {
            "name": customer.name,
            "ref": f"C{place + 1:04}",
            "is_company": customer.kind != CONSUMER,
            "customer_rank": 1,
            "company_id": self.company.id,
            "country_id": country.id,
            "lang": customer.lang if customer.lang in langs else self.env.lang or "en_US",
            "phone": PHONES.get(customer.country, PHONES["FR"]).format(place % 10, place % 100),
            "category_id": [Command.set(self._categories(customer))],
        }
        if customer.email:
            vals["email"] = f"contact@{slug(customer.name)}.example"
        if customer.street:
            vals |= {"street": f"{place % 90 + 1} rue de l'Exemple", "zip": customer.zip, "city": customer.city}
        if not customer.email and not customer.street:
            vals.pop("phone")
        return vals

    def _categories(self, customer):
        xmlid = {KEY: "credit_control.category_key_account", PUBLIC: "credit_control.category_public"}.get(
            customer.kind
        )
        category = xmlid and self.env.ref(xmlid, raise_if_not_found=False)
        return category.ids if category else []

    def _prepare_contact_vals(self, customer, partner, role):
        french, english, box = CONTACTS[role]
        return {
            "name": french if customer.lang == "fr_FR" else english,
            "parent_id": partner.id,
            "type": "invoice" if role == "payable" else "contact",
            "company_id": self.company.id,
            "lang": partner.lang,
            "email": f"{box}@{slug(customer.name)}.example" if customer.email else False,
            "credit_role_ids": [Command.set(self.env.ref(f"credit_control.role_{role}").ids)],
        }

    # ------------------------------------------------------------ invoices

    def _post_invoices(self):
        tax = self._sales_tax()
        term = self._create_term("50 % à 30 jours, 50 % à 60 jours", (50, 30), (50, 60))
        found = script.invoices(self.customers, self.today, self.days)
        moves = self._post([self._prepare_invoice_vals(invoice, tax, term) for invoice in found])
        self.pairs = list(zip(found, moves, strict=True))

    def _post(self, vals_list):
        """Create and post in batches, in the order of the values."""
        moves = self.env["account.move"]
        for start in range(0, len(vals_list), BATCH):
            batch = moves.create(vals_list[start : start + BATCH])
            batch._post(soft=False)
            moves += batch
        return moves

    def _sales_tax(self):
        taxes = self.env["account.tax"].search(
            [
                ("type_tax_use", "=", "sale"),
                ("company_id", "=", self.company.id),
                ("price_include_override", "!=", "tax_included"),
            ]
        )
        return taxes.filtered(lambda tax: tax.amount == 5.5)[:1] or self.company.account_sale_tax_id

    def _prepare_invoice_vals(self, invoice, tax, term):
        customer = self.customers[invoice.customer]
        taxes = tax if customer.country == "FR" else tax.browse()
        instalments = bool(invoice.item and invoice.item.instalments)
        issued = invoice.due - timedelta(days=30) if instalments else invoice.date
        dates = {"invoice_payment_term_id": term.id} if instalments else {"invoice_date_due": invoice.due}
        return {
            "move_type": "out_invoice",
            "partner_id": self.partners[invoice.customer].id,
            "currency_id": self.currencies[customer.currency].id,
            "date": issued,
            "invoice_date": issued,
            "invoice_payment_term_id": False,
            **dates,
            "invoice_line_ids": [Command.create(self._prepare_product_vals(customer, invoice.amount, taxes))],
        }

    def _prepare_product_vals(self, customer, amount, taxes):
        rate = 1 + sum(taxes.mapped("amount")) / 100
        return {
            "name": "Farines et viennoiseries" if customer.lang == "fr_FR" else "Flour and pastries",
            "quantity": 1,
            "price_unit": round(amount / rate, 2),
            "tax_ids": [Command.set(taxes.ids)],
        }

    def _items(self, move):
        """The receivable lines of an entry, the first to fall due first."""
        lines = move.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        return lines.sorted(lambda line: (line.date_maturity or line.date, line.id))

    # ------------------------------------------------------------ payments

    def _settle_invoices(self):
        """Post and match what was paid of the invoices: all of the history, parts of what is open."""
        paid = [
            (self._items(move), -invoice.paid if invoice.item else None, invoice.paid_on)
            for invoice, move in self.pairs
            if invoice.paid
        ]
        self._pay(paid)
        for invoice, move in self.pairs:
            if invoice.item and invoice.item.returned_ago:
                self._return_debit(self._items(move), invoice)
            if invoice.item and invoice.item.bill:
                self._accept_bill(self._items(move), invoice)

    def _pay(self, paid):
        """Post a movement on the bank for each (items, amount or None for all, day), and match it."""
        if not paid:
            return self.env["account.move.line"]
        moves = self._post([self._prepare_bank_vals(items, amount, day) for items, amount, day in paid])
        payments = [self._items(move) for move in moves]
        plan = [items + payment for (items, _amount, _day), payment in zip(paid, payments, strict=True)]
        # The planner would choose plans for the empty tables that it remembers.
        self.env.flush_all()
        self.env.cr.execute("ANALYZE account_move, account_move_line, account_partial_reconcile, account_payment")
        for start in range(0, len(plan), BATCH):
            self.env["account.move.line"]._reconcile_plan(plan[start : start + BATCH])
        return payments[-1].browse([line.id for payment in payments for line in payment])

    def _prepare_bank_vals(self, items, amount, day):
        """An entry that brings ``amount`` (negative: a receipt; None: all that is open) in the items' currency."""
        currency, account = items.currency_id, items.account_id
        amount = -sum(items.mapped("amount_residual_currency")) if amount is None else amount
        balance = currency._convert(amount, self.company.currency_id, self.company, day)
        common = {"partner_id": items.partner_id.id, "currency_id": currency.id, "name": items[:1].move_id.name}
        sides = ((account, 1), (self.bank.default_account_id, -1))
        return {
            "move_type": "entry",
            "journal_id": self.bank.id,
            "date": day,
            "partner_id": items.partner_id.id,
            "line_ids": [
                Command.create(
                    {**common, "account_id": side.id, "amount_currency": sign * amount, "balance": sign * balance}
                )
                for side, sign in sides
            ],
        }

    def _return_debit(self, items, invoice):
        """Paid by direct debit on its due date, returned by the bank later."""
        payment = self._create_payment(items.partner_id, invoice.amount, invoice.item.late, self.debit_line)
        (items + self._items(payment.move_id)).reconcile()
        payment.action_credit_returned(self._ago(invoice.item.returned_ago), "Provision insuffisante")

    def _accept_bill(self, items, invoice):
        """The customer accepted a bill: the claim stands on the bills' account until the bank pays it."""
        account = self.env["account.account"].search(
            [
                ("code", "=like", "413%"),
                ("account_type", "=", "asset_receivable"),
                ("company_ids", "in", self.company.id),
            ],
            limit=1,
        )
        if not account:
            return
        account.credit_collection = "bill"
        line = self._ensure_method_line("Lettre de change", "bill", account)
        payment = self._create_payment(items.partner_id, sum(items.mapped("amount_residual")), 20, line)
        (items + self._items(payment.move_id).filtered(lambda item: item.account_id == items.account_id)).reconcile()

    def _tell_why(self, customer):
        """Return what the customer writes on a transfer: the number of the oldest open invoice, or nothing."""
        moves = [move for invoice, move in self.pairs if invoice.item and self.customers[invoice.customer] == customer]
        return f"Acompte {min(moves, key=lambda move: move.invoice_date_due).name}" if customer.tells_why else False

    def _create_payment(self, partner, amount, days_ago, line=None, memo=False):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": partner.id,
                "amount": amount,
                "date": self._ago(days_ago),
                "memo": memo,
                "journal_id": self.bank.id,
                "payment_method_line_id": (line or self.bank.inbound_payment_method_line_ids[:1]).id,
            }
        )
        payment.action_post()
        return payment

    # ------------------------------------------------------------ what isn't an invoice

    def _post_specials(self):
        """Unallocated payments, open credit notes, opening balances, and a claim that isn't trade."""
        for customer, partner in zip(self.customers, self.partners, strict=True):
            if customer.credit:
                self._create_payment(partner, customer.credit, 7, memo=self._tell_why(customer))
            if customer.refund:
                self._create_refund(customer, partner)
            if customer.opening:
                self._post_opening(partner, partner.property_account_receivable_id, customer.opening)
        vat_credit = self.env["account.account"].search(
            [
                ("non_trade", "=", True),
                ("account_type", "=", "asset_receivable"),
                ("company_ids", "in", self.company.id),
            ],
            limit=1,
        )
        if vat_credit:
            office = self.env["res.partner"].create({"name": "Remboursement de TVA", "company_id": self.company.id})
            self._post_opening(office, vat_credit, 3250.0)

    def _create_refund(self, customer, partner):
        taxes = self._sales_tax() if customer.country == "FR" else self.env["account.tax"]
        self._post(
            [
                {
                    "move_type": "out_refund",
                    "partner_id": partner.id,
                    "invoice_date": self._ago(10),
                    "date": self._ago(10),
                    "currency_id": self.currencies[customer.currency].id,
                    "invoice_line_ids": [Command.create(self._prepare_product_vals(customer, customer.refund, taxes))],
                }
            ]
        )

    def _post_opening(self, partner, account, amount):
        """A balance taken over by a general entry: such items carry Odoo's ``no_followup``."""
        suspense = self.company.account_journal_suspense_account_id or self.bank.default_account_id
        self._post(
            [
                {
                    "move_type": "entry",
                    "journal_id": self._journal("general").id,
                    "date": self._ago(60),
                    "ref": "À nouveau",
                    "line_ids": [
                        Command.create(
                            {"account_id": side.id, "partner_id": partner.id, "name": "À nouveau", "balance": balance}
                        )
                        for side, balance in ((account, amount), (suspense, -amount))
                    ],
                }
            ]
        )

    # ------------------------------------------------------------ interest and fixed sums

    def _decide_charges(self):
        """Claim the charges of two customers who paid late, waive those of one; name an account to invoice on."""
        account = self.env["account.account"].search(
            [("code", "=like", "763%"), ("company_ids", "in", self.company.id)], limit=1
        )
        self.company.credit_charge_account_id = account
        self.env["credit.debtor"]._ensure(self.company, self.partners.ids)
        charges = self.env["credit.charge"]
        settled = self.env["credit.charge.item"].search(
            [("company_id", "=", self.company.id), ("is_settled", "=", True), ("amount_interest", ">", 0)], limit=2
        )
        for item, reason in zip(settled, (False, "Geste commercial"), strict=False):
            claimed = charges._claim(item.move_line_id.ids, self.today)
            if reason:
                claimed._waive(reason)
