import csv
import inspect
import logging
import re
from collections import namedtuple
from contextlib import contextmanager, suppress
from datetime import date
from unittest.mock import patch

from odoo import fields, models
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.sql_db import Cursor
from odoo.tests import HttpCase, JsonRpcException, new_test_user
from odoo.tools import SQL, file_open, mute_logger

from .common import CreditControlCommon
from .row_maker import RowMaker

ROLES = ("reader", "collector", "manager", "salesperson", "dispute_owner")
STRANGERS = ("plain", "accountant", "portal")
# Who may most; a rule of companies is the same for all.
MIGHTIEST = ("manager", "salesperson")
OPERATIONS = {"c": "create", "r": "read", "w": "write", "d": "unlink"}

# Who may do what, by kind of model: one column a role, in the order of ROLES.
CONFIGURATION = ("r", "r", "crwd", "r", "")
WORK = ("r", "crw", "crw", "r", "")
CHOICE = ("r", "crwd", "crwd", "", "")
JOURNAL = ("r", "r", "r", "r", "")
READ = ("r", "r", "r", "", "")
NOBODY = ("", "", "", "", "")
WIZARD = ("", "crwd", "crwd", "", "")
MANAGERS_WIZARD = ("", "", "crwd", "", "")

LIST = "credit_control/tests/rpc_methods.csv"
CHANGES = re.compile(r"\s*(INSERT|UPDATE|DELETE|COPY|TRUNCATE)\b", re.IGNORECASE)

# What came of a call: refused for want of rights, refused for another reason, broken off, done.
Answer = namedtuple("Answer", "outcome result changes")
Method = namedtuple("Method", "addon model method caller right why")


def read_methods(addon=None):
    """Return the rows of the list of methods that may be called from outside, all or those of ``addon``."""
    with file_open(LIST) as stream:
        rows = [Method(**row) for row in csv.DictReader(stream)]
    return [row for row in rows if addon in (None, row.addon)]


class _Undone(Exception):
    """Takes what a call did back."""


class AccessCommon(CreditControlCommon):
    """Users of each role, rows of each model in two companies, and calls as they come from outside.

    A test names its ``addon`` and says in ``expected`` who may do what with each of the models that it brings.
    """

    addon = None
    expected = {}
    # What the checks of a table ask of a row, see RowMaker.
    given = {}
    # Models whose rows are of a person: {model: the field that says whose}.
    owners = {}
    # What is refused to everybody who may write: it is changed by buttons.
    by_buttons = frozenset()
    # Models that show a row only where something has happened, and the test that lets it happen.
    rowless = {}
    allow_inherited_tests_method = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {role: getattr(cls, role, None) or cls._new_user(role) for role in ROLES}
        cls.users |= {name: cls._new_outsider(name) for name in STRANGERS}
        cls.foreign = cls.setup_other_company()["company"]
        cls.rows = {company: cls._new_rows(company) for company in (cls.company, cls.foreign)}
        cls.env.flush_all()

    def setUp(self):
        super().setUp()
        # What a test makes is gone with it.
        self.rows = {company: maker.fork() for company, maker in self.rows.items()}

    @classmethod
    def _new_outsider(cls, name):
        groups = {"plain": "base.group_user", "portal": "base.group_portal"}.get(name, "account.group_account_invoice")
        companies = {"company_id": cls.company.id, "company_ids": cls.company.ids}
        return new_test_user(cls.env, f"credit_{name}", groups, **companies)

    @classmethod
    def _new_rows(cls, company):
        """Return the maker of rows of ``company``, with a customer of the salesperson and two late invoices."""
        customer = cls._new_customer(f"Customer of {company.name}", user_id=cls.users["salesperson"].id)
        moves = [cls._new_invoice(company, customer, amount) for amount in (777.25, 333.5)]
        known = {
            "account.move": moves[0].id,
            "account.move.line": cls._receivable(moves[0]).id,
            "credit.debtor": cls.env["credit.debtor"].sudo()._ensure(company, customer.ids).id,
            "res.company": company.id,
            "res.currency": company.currency_id.id,
            "res.partner": customer.id,
            "res.users": cls.users["manager"].id,
        }
        return RowMaker(cls.env(su=True), known, cls._get_given())

    @classmethod
    def _get_given(cls):
        return cls.given

    @classmethod
    def _new_invoice(cls, company, customer, amount):
        move = (
            cls.env["account.move"]
            .sudo()
            .with_company(company)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": customer.id,
                    "invoice_date": date(2024, 10, 1),
                    "invoice_date_due": date(2024, 11, 1),
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [Command.create({"name": "Flour", "price_unit": amount, "tax_ids": []})],
                }
            )
        )
        move.action_post()
        return move

    # -- what there is --------------------------------------------------------------------

    def _get_models(self):
        """Return the models that this addon brings, abstract ones too."""
        names = self.env.registry.models
        return [self.env[name] for name in names if self.env[name]._original_module == self.addon]

    def _get_own_methods(self):
        """Return ``{(model that defines it, method): models on which it can be called}`` of this addon.

        Public names only, and none that another addon or Odoo defines, too: those are theirs to answer for.
        """
        found, others = {}, set()
        for name, cls in self.env.registry.models.items():
            for definer in cls.__mro__:
                if definer.__module__.startswith(f"odoo.addons.{self.addon}."):
                    for method in self._get_public_names(definer):
                        found.setdefault((definer._name, method), set()).add(name)
                        if self._is_of_others(cls, definer, method):
                            others.add((definer._name, method))
        return {key: names for key, names in found.items() if key not in others}

    def _get_public_names(self, definer):
        return [
            name
            for name, value in vars(definer).items()
            if inspect.isfunction(value)
            and not name.startswith("_")
            and not isinstance(value, fields.Field)
            and not getattr(value, "_api_private", False)
        ]

    def _is_of_others(self, cls, definer, method):
        """Whether it overrides what isn't of this addon."""
        mro = cls.__mro__
        below = [base for base in mro[mro.index(definer) + 1 :] if method in vars(base)]
        return any(not base.__module__.startswith(f"odoo.addons.{self.addon}.") for base in below)

    # -- calls from outside ---------------------------------------------------------------

    def _call(self, role, name, method, *args):
        """Return what comes of a call by RPC; whatever it did is undone."""
        model = self.env[name].with_user(self.users[role])
        answer = None
        with suppress(_Undone), self._quietly(), self.env.cr.savepoint():
            with self._changes() as changes:
                try:
                    result = call_kw(model, method, list(args), {"context": self._get_context()})
                    self.env.flush_all()
                    answer = Answer("done", result, changes)
                except (AccessError, MissingError) as error:
                    answer = Answer("denied", str(error), changes)
                except UserError as error:
                    answer = Answer("refused", str(error), changes)
                except Exception as error:  # what a row that was made up makes of it isn't asked here
                    answer = Answer("broken", f"{type(error).__name__}: {error}", changes)
            raise _Undone
        self.env.invalidate_all(flush=False)
        return answer

    def _get_context(self):
        return {"allowed_company_ids": self.company.ids}

    @contextmanager
    def _quietly(self):
        """What a call complains about isn't asked here."""
        before = logging.root.manager.disable
        logging.disable(logging.CRITICAL)
        try:
            yield
        finally:
            logging.disable(before)

    @contextmanager
    def _changes(self):
        """Yield a list of the statements that write, as they run."""
        found, execute = [], Cursor.execute

        def note(cursor, query, *args, **kwargs):
            text = getattr(query, "code", query)
            if CHANGES.match(text):
                found.append(re.sub(r"\s+", " ", text)[:90])
            return execute(cursor, query, *args, **kwargs)

        with patch.object(Cursor, "execute", note):
            yield found

    def _own(self, name, role, company=None):
        """Return the id of the row of ``company``; what is a person's own is of who is about to use it."""
        row = self.rows[company or self.company].make(name)
        column = "create_uid" if self.env[name]._transient else self.owners.get(name)
        if row and column:
            table, column = SQL.identifier(self.env[name]._table), SQL.identifier(column)
            self.env.cr.execute(SQL("UPDATE %s SET %s = %s WHERE id = %s", table, column, self.users[role].id, row))
            self.env.invalidate_all(flush=False)
        return row

    def _get_create_vals(self, name, company, role):
        if not self.env[name]._auto:
            return {}
        values = self.rows[company].prepare(name)
        if name in self.owners:
            values[self.owners[name]] = self.users[role].id
        return {
            key: fields.Date.to_string(value) if isinstance(value, date) else value for key, value in values.items()
        }

    def _get_field(self, name):
        """Return a plain field that everybody who may see the row may see."""
        return next(
            field.name
            for field in self.env[name]._fields.values()
            if field.column_type and field.store and not field.groups and field.name not in models.MAGIC_COLUMNS
        )

    def _is_apart(self, name):
        """Whether a row of this model is a company's own."""
        field = self.env[name]._fields.get("company_id")
        is_own = field and (field.store or not self.env[name]._auto)
        return bool(is_own) and self.rows[self.foreign].make(name) != self.rows[self.company].make(name)


class AccessMatrix(AccessCommon):
    """Role × model × operation × company, and role × method, as calls from outside meet them.

    The test of an addon inherits from this class. Models, operations and methods come from the registry: a new
    one fails until it is named. Every call goes through ``call_kw``, where all of Odoo's RPC ends; each is made
    upon a row of the user's company and upon one of a company that isn't theirs.
    """

    # -- models ---------------------------------------------------------------------------

    def test_each_model_is_named(self):
        own = {model._name for model in self._get_models() if not model._abstract}
        self.assertEqual(own, set(self.expected), "each new model says here who may do what")

    def test_each_model_by_role(self):
        for name, allowed in self.expected.items():
            for role, letters in zip(ROLES, allowed, strict=True):
                model = self.env[name].with_user(self.users[role])
                granted = "".join(letter for letter, op in OPERATIONS.items() if model.has_access(op))
                self.assertEqual(granted, letters, f"{role} on {name}")

    def test_others_have_no_access(self):
        for stranger in STRANGERS:
            for name in self.expected:
                for operation in OPERATIONS.values():
                    allowed = self.env[name].with_user(self.users[stranger]).has_access(operation)
                    self.assertFalse(allowed, f"{stranger} {name}")

    def test_each_model_with_a_company_has_a_rule(self):
        """A rule for everybody narrows each stored model to the companies of the user."""
        rules = self.env["ir.rule"].search([("groups", "=", False)])
        ruled = {rule.model_id.model for rule in rules if "company_ids" in (rule.domain_force or "")}
        for model in self._get_models():
            field = model._fields.get("company_id")
            if not model._abstract and field and (field.store or not model._auto):
                self.assertIn(model._name, ruled)

    def test_each_model_has_a_row_in_both_companies(self):
        """Else the matrix would prove nothing of it."""
        missing = {}
        for name in self.expected:
            for company, maker in self.rows.items():
                if not maker.make(name):
                    missing[name, company.name] = maker.problems.get(name, "no such row")
        told = "\n".join(f"{name} {company}: {why}" for (name, company), why in missing.items())
        self.assertEqual({name for name, _company in missing}, set(self.rowless), f"\n{told}")

    def test_each_operation_by_rpc(self):
        holes = [hole for name in self.expected for role in (*ROLES, "plain") for hole in self._find_holes(name, role)]
        self.assertFalse(holes, "\n" + "\n".join(" ".join(hole.split())[:400] for hole in holes))

    def _find_holes(self, name, role):
        """Yield where an operation answers otherwise than it is said above, upon a row of ours and a foreign one."""
        letters = dict(zip(ROLES, self.expected[name], strict=True)).get(role, "")
        row, other = self._own(name, role), self._own(name, role, self.foreign)
        for letter, operation in OPERATIONS.items():
            ours = self._operate(role, name, operation, row, self.company)
            theirs = None
            if letter in letters and self._is_apart(name):
                theirs = self._operate(role, name, operation, other, self.foreign)
            if ours and letter in letters and ours.outcome == "denied" and (name, letter) not in self.by_buttons:
                yield f"{role} can't {operation} {name}: {ours.result}"
            if ours and letter not in letters and ours.outcome not in ("denied", "refused"):
                yield f"{role} may {operation} {name}: {ours}"
            if theirs and not self._is_refused(theirs, ours):
                yield f"{role} may {operation} {name} of another company: {theirs}"

    def _is_refused(self, theirs, ours):
        """What can't be done here for another reason than rights proves nothing there; what can be is refused there."""
        if theirs.outcome == "done":
            return theirs.result == []
        return theirs.outcome != "broken" or not ours or ours.outcome != "done"

    def _operate(self, role, name, operation, row, company):
        """Return what comes of one operation; None where there is no row."""
        if operation == "create":
            return self._call(role, name, "create", [self._get_create_vals(name, company, role)])
        if not row:
            return None
        if operation == "read":
            return self._call(role, name, "read", [row], [self._get_field(name)])
        if operation == "write":
            column = self._get_field(name)
            return self._call(role, name, "write", [row], {column: self._get_raw(name, row, column)})
        return self._call(role, name, "unlink", [row])

    def _get_raw(self, name, row, column):
        value = self.env[name].sudo().browse(row)[column]
        return value.id if isinstance(value, models.BaseModel) else value

    def test_each_wizard_is_of_who_opened_it(self):
        """Odoo itself lets everybody who may use a wizard read, and change, what another is about to do."""
        for name in self.expected:
            row = self._own(name, "manager") if self.env[name]._transient else None
            for role in ("collector", "salesperson", "dispute_owner") if row else ():
                found = self._call(role, name, "search", [("id", "in", [row])])
                self.assertIn(found.result if found.outcome == "done" else [], ([], False), f"{role} finds {name}")
                self.assertEqual(self._operate(role, name, "read", row, self.company).outcome, "denied")

    def test_foreign_rows_are_not_found_by_rpc(self):
        """By search, by name, in groups; and by a company switcher that names a company which isn't theirs."""
        for name in self.expected:
            foreign = self.rows[self.foreign].make(name)
            for role in ROLES if foreign and self._is_apart(name) else ():
                found = self._call(role, name, "search", [("id", "in", [foreign])])
                self.assertIn(found.result if found.outcome == "done" else [], ([], False), f"{role} finds {name}")
                with patch.object(
                    type(self), "_get_context", lambda _self: {"allowed_company_ids": [_self.foreign.id]}
                ):
                    switched = self._call(role, name, "search_count", [])
                self.assertEqual(switched.outcome, "denied", f"{role} switches on {name}: {switched}")

    def test_salesperson_finds_own_customers_only(self):
        """A row about a customer of somebody else isn't there for a salesperson."""
        partner = self.env["res.partner"].browse(self.rows[self.company].known["res.partner"])
        partner.sudo().user_id = self.users["manager"]
        self.env.flush_all()
        for name, allowed in self.expected.items():
            row = self.rows[self.company].make(name)
            kept = row and not self.env[name]._transient and "partner_id" in self.env[name]._fields
            if kept and "r" in allowed[ROLES.index("salesperson")]:
                found = self._call("salesperson", name, "search", [("id", "in", [row])])
                self.assertEqual(found.result, [], name)

    # -- methods --------------------------------------------------------------------------

    def test_each_method_is_listed(self):
        """What may be called from outside stands in rpc_methods.csv, with what for; all else is private."""
        listed = read_methods(self.addon)
        found = set(self._get_own_methods())
        self.assertEqual(found, {(row.model, row.method) for row in listed})
        self.assertEqual(len(listed), len(found), "each method stands there once")
        self.assertTrue(all(row.right and row.why for row in listed))

    def test_each_listed_button_is_one(self):
        """What is open for the sake of a button stands in a view or in an action of the menu."""
        views = self.env["ir.ui.view"].sudo().search([("type", "!=", "qweb")]).mapped("arch_db")
        code = self.env["ir.actions.server"].sudo().search([("state", "=", "code")]).mapped("code")
        words = {word for text in (*views, *code) for word in re.findall(r"\baction_\w+", text or "")}
        buttons = {row.method for row in read_methods(self.addon) if row.caller == "button"}
        self.assertEqual(buttons - words, set())
        self.assertLessEqual({row.caller for row in read_methods()}, {"button", "screen", "integrator"})

    def test_each_method_by_role(self):
        holes = []
        where = self._get_own_methods()
        for row in read_methods(self.addon):
            for name in sorted(where[row.model, row.method]):
                if not self.env[name]._abstract:
                    holes += self._find_method_holes(name, row)
        self.assertFalse(holes, "\n" + "\n".join(" ".join(hole.split())[:400] for hole in holes))

    def _find_method_holes(self, name, listed):
        """Yield who may call a method and shouldn't, or the other way round."""
        for role in (*ROLES, "plain", "portal"):
            ours = self._call_method(role, name, listed.method, self._own(name, role))
            if self._is_allowed(role, name, listed.right):
                if ours and ours.outcome == "denied":
                    yield f"{role} can't call {name}.{listed.method}: {ours.result}"
                theirs = None
                if role in MIGHTIEST and self._is_upon_rows(name, listed.method):
                    theirs = self._call_method(role, name, listed.method, self._own(name, role, self.foreign))
                if theirs and not self._is_harmless(theirs, False):
                    yield f"{role} may call {name}.{listed.method} in another company: {theirs}"
            elif ours and not self._is_harmless(ours, self._is_allowed(role, name, "read")):
                yield f"{role} may call {name}.{listed.method}: {ours}"

    def _is_upon_rows(self, name, method):
        return self._is_apart(name) and not getattr(getattr(type(self.env[name]), method), "_api_model", False)

    def _is_allowed(self, role, name, right):
        if right in OPERATIONS.values():
            return self.env[name].with_user(self.users[role]).has_access(right)
        return role in right.split()

    def _is_harmless(self, answer, may_read):
        """It is refused; or it wrote nothing, and told nothing to who may not read."""
        told = not may_read and any(secret in str(answer.result) for secret in ("777", "333.5", "Customer of"))
        return answer.outcome in ("denied", "refused") or not (answer.changes or told)

    def _call_method(self, role, name, method, row):
        function = getattr(type(self.env[name]), method)
        parameters = list(inspect.signature(function).parameters.values())[1:]
        needed = [each for each in parameters if each.default is each.empty and each.kind == each.POSITIONAL_OR_KEYWORD]
        args = ["2024-12-31" if "date" in each.name else "x" for each in needed]
        if getattr(function, "_api_model", False):
            return self._call(role, name, method, *args)
        return self._call(role, name, method, [row], *args) if row else None


class AccessMatrixHttp(AccessCommon, HttpCase):
    """The same over the wire: each role reads each model, and tries to change what is another company's."""

    @mute_logger("odoo.http")
    def test_each_model_over_http(self):
        for role in ROLES:
            login = self.users[role].login
            self.authenticate(login, login)
            for name, allowed in self.expected.items():
                letters = allowed[ROLES.index(role)]
                with self.subTest(role=role, model=name):
                    self.assertEqual(self._read(name), "r" in letters)
                    self._refuse_foreign(name, role)

    def _read(self, name):
        """Return whether the model is read; all rows are of the user's company."""
        asked = ["company_id"] if "company_id" in self.env[name]._fields else ["id"]
        rows = self._ask(name, "search_read", [[], asked])
        companies = {row["company_id"][0] for row in rows or () if row.get("company_id")}
        self.assertLessEqual(companies, {self.company.id})
        return rows is not None

    def _refuse_foreign(self, name, role):
        row = self._own(name, role, self.foreign)
        if row and role in MIGHTIEST and self._is_apart(name):
            field = self._get_field(name)
            for method, args in (("read", [[field]]), ("write", [{field: False}]), ("unlink", [])):
                self.assertFalse(self._ask(name, method, [[row], *args]), method)

    def _ask(self, name, method, args):
        """Return the answer to a call; None where it is refused."""
        params = {"model": name, "method": method, "args": args, "kwargs": {"context": self._get_context()}}
        try:
            return self.make_jsonrpc_request(f"/web/dataset/call_kw/{name}/{method}", params)
        except JsonRpcException as error:
            self.assertRegex(str(error), "AccessError|MissingError|UserError|ValidationError")
            return None
