import base64
import inspect
import re
from datetime import timedelta
from urllib.parse import quote

from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_access import read_methods
from .common_answers import ClearAnswers, EmptiedForms, EveryValue, Undone
from .common_fuzz import CLEAR, Fuzz
from .common_portal import ROOT, PortalCommon
from .common_rating import RatingCommon
from .test_access import OwnModels

LEDGER = b"""Customer,Customer name,Invoice number,Invoice date,Due date,Amount,Currency,\
Settled date,Amount paid,Disputed
EX,Boulangerie Exemple,F1,2024-01-10,2024-02-09,100.50,,2024-02-20,,
EX,Boulangerie Exemple,F2,2024-01-15,2024-02-14,80,,2024-02-20,30,Yes
NO,Atelier Nord,F3,2024-01-15,2024-02-14,50,,,,
NO,Atelier Nord,F3,2024-01-15,2024-03-15,70,,,,
NO,"Atelier, Nord",A1,2024-01-20,2024-01-20,-20,,,,
"""
RATINGS = b"""VAT;SIREN;Reference;Name;Rating;Date;Limit;Currency;Valid until
FR40303265045;;;;AAA;31/01/2026;12 500,00;;31/12/2026
;;EX;;B;31/01/2026;;;
"""


@tagged("post_install", "-at_install")
class TestFuzzImport(Fuzz, RatingCommon):
    """Files that are broken in every way: imported as a whole, or refused in words."""

    def test_files(self):
        self.customer.ref = "EX"
        self.fuzz(self._try_file)

    def _try_file(self, chance):
        name, sample = chance.choice((("credit.ledger.import", LEDGER), ("credit.rating.import", RATINGS)))
        content = self.mutate(chance, sample) if chance.random() < 0.9 else self.text(chance).encode("utf-8", "ignore")
        file = base64.b64encode(content).decode() if chance.random() < 0.95 else self.text(chance)
        values = {"company_id": self.company.id, "file": file, "filename": self.text(chance).replace("\x00", "")}
        if chance.random() < 0.5:
            values["date_order"] = chance.choice(("dmy", "mdy", "ymd"))
        if name == "credit.rating.import":
            values["agency_id"] = self.agency.id
        before = self._count()
        try:
            with self.env.cr.savepoint():
                self._import(name, values)
                raise Undone
        except (Undone, *CLEAR):
            self.env.invalidate_all()
        self.assertEqual(self._count(), before)

    def _import(self, name, values):
        wizards = self.env[name].with_user(self.manager).with_company(self.company)
        wizard = call_kw(wizards, "create", [values], {})
        call_kw(wizards, "action_check", [[wizard]], {})
        self.env.flush_all()
        found = wizards.browse(wizard)
        self.assertTrue(found.preview or found.problem_count)
        count = self._count()
        try:
            with self.env.cr.savepoint():
                call_kw(wizards, "action_import", [[wizard]], {})
        except UserError:
            # Nothing half-loaded.
            self.assertEqual(self._count(), count)

    def _count(self):
        self.env.flush_all()
        return tuple(
            self.env[name].sudo().search_count([])
            for name in ("account.move", "res.partner", "credit.rating", "credit.dispute")
        )


@tagged("post_install", "-at_install")
class TestFuzzPortal(Fuzz, PortalCommon):
    """What a browser may send to the customer's pages: an answer, a refusal or a question, never an error."""

    rounds = 60

    @mute_logger("odoo.http")
    def test_pages(self):
        self._lift_limits()
        self.fuzz(self._try_page)

    def _try_page(self, chance):
        self._log_in(chance.choice((self.one, self.two, None)))
        # Where no page is at an address, Odoo looks for a file there, and PostgreSQL knows no text with a NUL.
        nobody = f"{ROOT}/{quote(self.text(chance).replace(chr(0), ''))}"
        way = chance.choice((self._way(self.one), self._link(self.one), self._way(self.two), nobody))
        path = way + chance.choice(("", "/statement.pdf", "/paid", "/promise", "/dispute", "/thanks/paid", "/document"))
        if chance.random() < 0.4:
            answer = self._get(f"{path}?{quote(self.text(chance))}={quote(self.text(chance))}")
        else:
            answer = self._post(path, self._form(chance), self._files(chance), form=self._way(self.one))
        self.assertLess(answer.status_code, 500, (path, answer.text[-2000:]))
        self.assertNotIn("Traceback", answer.text)

    def _form(self, chance):
        day = self.today + timedelta(days=chance.randrange(-400, 4000))
        fields = {
            "item": [chance.choice((*self.one["items"], self.text(chance), self.number(chance))) for _ in range(3)],
            "amount": chance.choice(("400", "400,00", self.text(chance), self.number(chance))),
            "date": chance.choice((str(day), self.text(chance))),
            "reason": chance.choice((str(self.reason.id), self.text(chance))),
            "currency": self.text(chance),
            "reference": self.text(chance),
            "note": self.text(chance),
            "text": self.text(chance),
            "act": chance.choice(("pdf", "pay", "page", self.text(chance))),
            f"amount_{self.one['items'][0]}": chance.choice(("10", self.text(chance))),
            # Odoo can't call a page with a field whose name is none, or can't be read.
            re.sub(r"[^\w .-]", "", self.text(chance)) or "x": self.text(chance),
        }
        return {name: value for name, value in fields.items() if chance.random() < 0.8}

    def _files(self, chance):
        if chance.random() < 0.8:
            return None
        name = self.text(chance) or "x"
        return [("files", (name, self.text(chance).encode("utf-8", "ignore"), "application/pdf"))]


@tagged("post_install", "-at_install")
class TestFuzzRpc(Fuzz, OwnModels, ClearAnswers):
    """Methods and operations that may be called from outside, with values of the right kind that make no sense."""

    rounds = 250

    def test_calls(self):
        where = self._get_own_methods()
        self.targets = [
            (name, row.method)
            for row in read_methods("credit_control")
            for name in sorted(where[row.model, row.method])
            if not self.env[name]._abstract and self.env[name]._original_module == "credit_control"
        ]
        self.fuzz(self._try_call)

    def _try_call(self, chance):
        role = chance.choice(("collector", "manager", "reader", "salesperson"))
        name = chance.choice(list(self.expected))
        kind = chance.choice(("method", "write", "create", "search", "read", "onchange"))
        if kind == "method":
            name, method = chance.choice(self.targets)
            row = self._own(name, role)
            args = [[row] if row else [], *self._arguments(chance, getattr(type(self.env[name]), method))]
            if getattr(getattr(type(self.env[name]), method), "_api_model", False):
                args = args[1:]
        else:
            method, args = self._operation(chance, role, name, kind)
        self._expect_clear(role, name, method, args)

    def _arguments(self, chance, function):
        parameters = list(inspect.signature(function).parameters.values())[1:]
        needed = [each for each in parameters if each.kind == each.POSITIONAL_OR_KEYWORD]
        return [self._argument(chance, each) for each in needed if each.default is each.empty or chance.random() < 0.3]

    def _argument(self, chance, parameter):
        if "date" in parameter.name or parameter.name.endswith("_on"):
            return chance.choice(("2024-12-31", "1900-01-01", "9999-12-31"))
        if isinstance(parameter.default, (int, float)) and not isinstance(parameter.default, bool):
            return chance.choice((0, -1, 10**9, 0.001))
        return self.text(chance).replace("\x00", "")

    def _operation(self, chance, role, name, kind):
        row = self._own(name, role)
        if kind == "search":
            fields = self.env[name]._fields
            field = chance.choice([field for field in fields if fields[field]._description_searchable])
            operators = ("=", "!=", "in", *(("ilike",) if fields[field].type in ("char", "text") else ()))
            return "search", [[(field, chance.choice(operators), self._plain(chance, fields[field]))]]
        if kind == "read":
            return "read", [[row] if row else [], [chance.choice(list(self.env[name]._fields))]]
        vals = {
            field.name: self._plain(chance, field)
            for field in chance.sample(list(self.env[name]._fields.values()), min(3, len(self.env[name]._fields)))
            if field.type not in ("one2many", "many2many") and not field.readonly
        }
        if kind == "create":
            return "create", [{**self._get_create_vals(name, self.company, role), **vals}]
        if kind == "onchange":
            return kind, [[row] if row else [], vals, list(vals)[:1], self._get_shown(role, name)]
        return "write", [[row] if row else [], vals]

    def _plain(self, chance, field):
        """Return a value of the kind of ``field`` that makes no sense there."""
        values = self._get_odd_values(field)
        return chance.choice(values) if values else self.text(chance).replace("\x00", "") or False


@tagged("post_install", "-at_install")
class TestEmptiedForms(OwnModels, EmptiedForms):
    """The forms of this addon."""

    at_least = 150


@tagged("post_install", "-at_install", "-standard", "faults")
class TestFuzzImportLong(TestFuzzImport):
    """The same for minutes."""

    allow_inherited_tests_method = True
    is_long = True


@tagged("post_install", "-at_install", "-standard", "faults")
class TestFuzzPortalLong(TestFuzzPortal):
    """The same for minutes."""

    allow_inherited_tests_method = True
    is_long = True


@tagged("post_install", "-at_install", "-standard", "faults")
class TestFuzzRpcLong(TestFuzzRpc):
    """The same for minutes."""

    allow_inherited_tests_method = True
    is_long = True


@tagged("post_install", "-at_install", "-standard", "faults")
class TestEveryValueLong(OwnModels, EveryValue):
    """Nothing left to chance in this addon, and in what filters offer on any model."""

    at_least = 2000

    def test_searches(self):
        """Each field of ours that filters offer, on any model, with each operator that they offer for its kind."""
        self._expect_all_clear(self._get_searches(), at_least=5000)

    def _get_searches(self):
        for name in sorted(name for name in self.env if not self.env[name]._abstract):
            for field in self.env[name]._fields.values():
                is_ours = (field._module or "").startswith("credit_control")
                for operator, value in self._get_conditions(field) if is_ours and field._description_searchable else ():
                    yield "manager", name, "search", [[(field.name, operator, value)]]

    def _get_conditions(self, field):
        """Yield ``(operator, value)`` as the editor of filters has them for a field of that kind."""
        yield from (("=", False), ("!=", False), ("in", []))
        if field.type in ("date", "datetime", "integer", "float", "monetary"):
            for value in self._get_odd_values(field)[1:]:
                yield from ((operator, value) for operator in ("=", "!=", "<", "<=", ">", ">="))
        elif field.type == "boolean":
            yield from (("=", True), ("!=", True))
        elif field.type == "selection":
            values = field.get_values(self.env)[:2]
            yield from ((operator, values) for operator in ("in", "not in"))
        elif field.relational:
            yield from (("in", [1, 10**6]), ("not in", [1]), ("ilike", "x"), ("not ilike", "x"), ("any", []))
        elif field.type in ("char", "text", "html"):
            yield from ((operator, "%_x") for operator in ("=", "!=", "ilike", "not ilike", "=ilike"))
