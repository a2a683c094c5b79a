import base64
import inspect
from contextlib import suppress
from itertools import product

from odoo.service.model import call_kw

from .common_access import ROLES, AccessCommon
from .common_fuzz import CLEAR


class Undone(Exception):
    """Takes back what a round did."""


class ClearAnswers(AccessCommon):
    """Whatever is called from outside is done, or refused in words."""

    def _expect_clear(self, role, name, method, args):
        model = self.env[name].with_user(self.users[role])
        try:
            with self._quietly(), suppress(Undone, *CLEAR), self.env.cr.savepoint():
                found = call_kw(model, method, args, {"context": self._get_context()})
                self.env.flush_all()
                if method in ("create", "write"):
                    self._read_back(model, found if method == "create" else args[0])
                raise Undone
        except Exception as error:
            if not self._is_of_the_framework(error):
                message = f"{role}: {name}.{method}({args!r:.400}): {type(error).__name__}: {error}"
                raise AssertionError(message) from error
        finally:
            self.env.invalidate_all(flush=False)

    def _read_back(self, model, ids):
        """What was taken has to be shown, too: each figure that is reckoned from it."""
        self.env.invalidate_all()
        call_kw(model, "read", [ids], {"context": self._get_context()})

    def _is_of_the_framework(self, error):
        """Whether it comes from Odoo's own reading of values or names, or from the database's own limits."""
        frames = inspect.getinnerframes(error.__traceback__)
        ours = [frame for frame in frames if "/credit_control" in frame.filename and "/tests/" not in frame.filename]
        return not ours

    def _expect_all_clear(self, calls, at_least):
        """Try them all, and tell everything that went wrong at once."""
        found, tried = [], 0
        for call in calls:
            try:
                self._expect_clear(*call)
            except AssertionError as failure:
                found.append(str(failure))
            tried += 1
        self.assertGreater(tried, at_least)
        self.assertFalse(found, "\n".join(found))

    def _get_shown(self, role, name):
        """Return what a form with each field that the role may see asks for."""
        return {field: {} for field in self.env[name].with_user(self.users[role]).fields_get(attributes=["type"])}

    def _get_changes(self, get_values):
        """Yield the calls of a form with all fields: opened for a new record, and fields of a row of ours changed.

        :param get_values: takes a field, returns the values to be tried
        """
        for name in sorted(self.expected):
            shown = self._get_shown("manager", name)
            yield "manager", name, "onchange", [[], {}, [], shown]
            for field in self.env[name]._fields.values():
                if field.readonly or field.name not in shown or field.type in ("one2many", "many2many"):
                    continue
                for value in get_values(field):
                    row = self._own(name, "manager")
                    yield "manager", name, "onchange", [[row] if row else [], {field.name: value}, [field.name], shown]

    def _get_odd_values(self, field):
        """Return values of the kind of ``field`` that make no sense there; none for a text."""
        if field.type in ("integer", "many2one_reference"):
            return (0, -1, 10**6, 2**31 - 1)
        if field.type in ("float", "monetary"):
            return (0.0, -1.0, 1e12, 0.001, -0.0)
        if field.type == "boolean":
            return (False, True)
        if field.type == "date":
            return (False, "1900-01-01", "9999-12-31", "2024-02-29")
        if field.type == "datetime":
            return (False, "1900-01-01 00:00:00", "9999-12-31 23:59:59")
        if field.type == "many2one":
            return (False, 10**6, self.env[field.comodel_name].sudo().search([], limit=1).id)
        if field.type == "selection":
            return (False, *field.get_values(self.env))
        if field.type == "binary":
            # Odoo decodes it before any model sees it: of what isn't base64 it says so itself, on every model.
            return (False, "", "eA==", base64.b64encode(b"\x00<script>=1+1" * 500).decode())
        if field.type == "json":
            return (False, {}, [], {"x": [1]}, [{"x": None}], "x", -1)
        return ()


class EmptiedForms(ClearAnswers):
    """What a person sees who opens each form, and empties in it what is required."""

    at_least = 0

    def test_opened(self):
        """A row of each model with all its figures, also those that nobody may write, for each role."""
        rows = {(role, name): self._own(name, role) for name in sorted(self.expected) for role in ROLES}
        calls = [(role, name, "read", [[row]]) for (role, name), row in rows.items() if row]
        self._expect_all_clear(calls, self.at_least)

    def test_emptied(self):
        self._expect_all_clear(self._get_changes(lambda field: (False,) if field.required else ()), self.at_least)


class EveryValue(ClearAnswers):
    """Nothing left to chance: each field that can be written, with each value that makes no sense there."""

    # Fewer calls than this, and something isn't looked at any more.
    at_least = 0

    def test_values(self):
        """What is written and read again."""
        self._expect_all_clear(self._get_writes(), self.at_least)

    def _get_writes(self):
        """Yield ``(role, model, method, args)``, one after the other: each makes the row that it is about."""
        for name in sorted(self.expected):
            for role, method, vals in self._get_attempts(name):
                row = self._own(name, role)
                is_new = method == "create"
                args = (
                    [{**self._get_create_vals(name, self.company, role), **vals}]
                    if is_new
                    else [[row] if row else [], vals]
                )
                yield role, name, method, args

    def _get_attempts(self, name):
        for field in self.env[name]._fields.values():
            if field.type in ("one2many", "many2many") or field.readonly:
                continue
            for value in self._get_odd_values(field) or ("x" * 5000, "<b>{{ 7*7 }} %s"):
                for method in ("create", "write"):
                    yield "manager", method, {field.name: value}

    def test_pairs(self):
        """Two at once, written and in the form: a field emptied that no row can be without, beside each other field."""
        self._expect_all_clear(self._get_pairs(), self.at_least)

    def _get_pairs(self):
        for name in sorted(self.expected):
            shown = self._get_shown("manager", name)
            for vals in self._get_emptied_vals(name):
                row = self._own(name, "manager")
                ids = [row] if row else []
                yield "manager", name, "write", [ids, vals]
                yield "manager", name, "create", [self._get_create_vals(name, self.company, "manager") | vals]
                if vals.keys() <= shown.keys():
                    yield "manager", name, "onchange", [ids, vals, list(vals), shown]

    def _get_emptied_vals(self, name):
        """Yield the values of two fields: one that is required and emptied, and one with each odd value."""
        writable = [
            field
            for field in self.env[name]._fields.values()
            if not field.readonly and field.type not in ("one2many", "many2many")
        ]
        required = [field for field in writable if field.required]
        for emptied, other in product(required, writable):
            if emptied != other:
                yield from ({emptied.name: False, other.name: value} for value in self._get_odd_values(other))

    def test_forms(self):
        """What a person sees before anything is saved."""
        self._expect_all_clear(
            self._get_changes(lambda field: self._get_odd_values(field) or (False, "x")), self.at_least / 2
        )
