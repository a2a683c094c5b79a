import re
from collections import Counter
from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from odoo.fields import Command
from odoo.sql_db import Cursor
from odoo.tests import new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

# What Odoo keeps in caches of a limited size: whether it is read again depends on all that ran before.
OWN_CACHES = re.compile(r'FROM "?(ir_|res_lang|res_groups|res_users)')


class CreditControlCommon(AccountTestInvoicingCommon):
    """A company with a collector, a credit manager and a reader, one policy and one customer.

    The policy is that of the specification: first reminder 10 days after due, second at the
    end of the month of due + 30, third 10 days after the second; 7 days between contacts.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        # Its day is that of the server's clock, by which the tests reckon.
        cls.company.partner_id.tz = "UTC"
        cls.company.email = "accounts@company.example.com"
        cls.env.user.group_ids += cls.env.ref("credit_control.group_manager")
        cls.collector = cls._new_user("collector")
        cls.manager = cls._new_user("manager")
        cls.reader = cls._new_user("reader")
        cls.email = cls.env.ref("credit_control.channel_email")
        cls.letter = cls.env.ref("credit_control.channel_letter")
        cls.phone = cls.env.ref("credit_control.channel_phone")
        cls.env["credit.segment"].search([("company_id", "=", cls.company.id)]).active = False
        cls.first, cls.second, cls.third = cls._new_policy(
            {"name": "First", "delay_days": 10},
            {"name": "Second", "delay_days": 30, "delay_basis": "end_of_month"},
            {"name": "Third", "delay_days": 10, "delay_basis": "previous"},
        ).step_ids
        cls.policy = cls.first.policy_id
        cls.company.credit_dunning_policy_id = cls.policy
        cls.customer = cls._new_customer("Boulangerie Exemple")

    @classmethod
    def _create_company(cls, **values):
        """Take a company that ``setup/test`` holds ready, where there is one: its chart takes seconds to load."""
        ready = cls.env["res.company"].sudo().search([("name", "=", values.get("name"))], limit=1)
        if not ready or set(values) != {"name"} or cls.chart_template or cls.country_code:
            return super()._create_company(**values)
        cls.env.user.company_ids = [Command.link(ready.id)]
        return ready

    @contextmanager
    def _statements(self):
        """Yield a counter of the statements that run inside, each without its values: see :meth:`_assert_not_more`."""
        found, execute = Counter(), Cursor.execute

        def count(cursor, query, *args, **kwargs):
            text = re.sub(r"\s+", " ", getattr(query, "code", query)).strip()
            if not OWN_CACHES.search(text):
                found[re.sub(r"%s(, ?%s)+", "%s", text)] += 1
            return execute(cursor, query, *args, **kwargs)

        with patch.object(Cursor, "execute", count):
            yield found

    def _assert_not_more(self, many, few):
        """Assert that no statement of our work ran more often for many records than for few; name those that did."""
        self.assertTrue(few)
        self.assertEqual(many - few, Counter())

    @classmethod
    def _new_user(cls, role):
        return new_test_user(
            cls.env,
            login=f"credit_{role}",
            groups=f"credit_control.group_{role}",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _new_stranger(cls, company, role="manager"):
        """Return a user of another company, who isn't one of ours."""
        return new_test_user(
            cls.env,
            login="credit_stranger",
            groups=f"credit_control.group_{role}",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    @classmethod
    def _new_policy(cls, *steps, **values):
        """Return a policy of automatic e-mail steps, unless they say otherwise."""
        defaults = {"channel_ids": [Command.set(cls.email.ids)], "mode": "auto"}
        return cls.env["credit.dunning.policy"].create(
            {
                "name": "Policy of the test",
                "company_id": cls.company.id,
                "step_ids": [
                    Command.create({**defaults, "sequence": rank, **step}) for rank, step in enumerate(steps, 1)
                ],
                **values,
            }
        )

    @classmethod
    def _new_customer(cls, name, **values):
        return cls.env["res.partner"].create(
            {
                "name": name,
                "is_company": True,
                "email": f"{name.split()[-1].lower()}@example.com",
                "street": "1 rue de la Paix",
                "zip": "75002",
                "city": "Paris",
                "country_id": cls.env.ref("base.fr").id,
                **values,
            }
        )

    @classmethod
    def _invoice(cls, amount, due, partner=None, issued=date(2024, 10, 1), move_type="out_invoice", **values):
        """Return a posted invoice of ``amount`` without tax, due on ``due``."""
        move = cls.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": (partner or cls.customer).id,
                "invoice_date": issued,
                "date": issued,
                "invoice_date_due": due,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create({"name": "Flour", "price_unit": amount, "quantity": 1, "tax_ids": []})
                ],
                **values,
            }
        )
        move.action_post()
        return move

    @classmethod
    def _tax_on_receipts(cls, tax):
        """Return a tax like ``tax`` that falls due on payment only, as that of services does in France."""
        waiting = cls.company_data["default_account_assets"].copy({"reconcile": True})
        cls.company.tax_exigibility = True
        return tax.copy(
            {
                "name": f"{tax.name} on receipts",
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": waiting.id,
            }
        )

    @classmethod
    def _receivable(cls, move):
        return move.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")

    @classmethod
    def _book_off(cls, move, amount, day, account):
        """Take ``amount`` off ``move`` by an entry of a general journal that debits ``account``; return the entry."""
        claim = cls._receivable(move)
        sides = ((account, amount), (claim.account_id, -amount))
        entry = cls.env["account.move"].create(
            {
                "date": day,
                "journal_id": cls.company_data["default_journal_misc"].id,
                "line_ids": [
                    Command.create({"account_id": one.id, "partner_id": move.partner_id.id, "balance": balance})
                    for one, balance in sides
                ],
            }
        )
        entry.action_post()
        (claim | cls._receivable(entry)).reconcile()
        return entry

    def _plan(self, day, user=None, **values):
        """Return the run of ``day``, planned by the collector."""
        run = self.env["credit.dunning.run"].with_user(user or self.collector).with_company(self.company)
        run = run.create({"date": day, "company_id": self.company.id, **values})
        run.action_plan()
        return run

    def _run(self, day):
        """Return the run of ``day``, planned, approved and sent by the collector."""
        run = self._plan(day)
        run.action_approve()
        run.action_send()
        return run

    def _reason(self, move, run):
        """Return the reason code that the run gives for the one receivable item of ``move``."""
        line = self._receivable(move)
        return run.decision_ids.filtered(lambda decision: decision.move_line_id == line).reason
