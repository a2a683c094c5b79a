from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError

from .common_report import ReportCommon

ADDON = "credit_control_reporting"
# What a screen asks for, where it isn't what is usual.
VALUES = {
    "credit.aged.balance": {"axes": ["company", "customer"], "details": True},
    "credit.report.indicators": {"axis": "customer"},
}


class EveryReportCommon(ReportCommon):
    """A company in which something stands on every report, and a reader of another company.

    Reports, what may be asked of them and the models behind them are taken from the registry: a new one is looked at
    without being named here, or fails where it can't be.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.values = {}
        cls.calls = {}
        cls.today = date.today()
        cls.secret = cls.customer.name
        cls._let_things_happen()
        cls.stranger = cls._new_foreign_reader()
        cls.foreign = cls.stranger.company_id

    @classmethod
    def _let_things_happen(cls):
        """Sell, remind, promise, dispute, pay, and give the customer up."""
        long_ago = cls.today - timedelta(days=400)
        cls.move = cls._invoice(777.25, long_ago, issued=long_ago)
        cls._debtor(cls).write({"manual_status": "lost", "manual_status_reason": "Closed down"})
        disputed = cls._invoice(400.0, cls.today - timedelta(days=20), issued=cls.today - timedelta(days=50))
        cls._dispute(cls, disputed, 100.0, cls.today - timedelta(days=10))
        promised = cls._invoice(200.0, cls.today - timedelta(days=15), issued=cls.today - timedelta(days=45))
        cls.env["credit.promise"].create(
            {
                "partner_id": cls.customer.id,
                "company_id": cls.company.id,
                "date": cls.today + timedelta(days=3),
                "amount": 200.0,
                "move_line_ids": cls._receivable(promised).ids,
            }
        )
        cls.env["credit.delay.cause.item"].create(
            {
                "move_line_id": cls._receivable(disputed).id,
                "cause_id": cls.env["credit.delay.cause"].search([], limit=1).id,
            }
        )
        cls._pay(cls, promised, 50.0, cls.today)

    def _names(self):
        return list(self.env["credit.report"]._get_reports())

    def _values(self, name):
        return VALUES.get(name, {})

    def _public(self, name):
        """Return the names of the methods of a report that its screen may call."""
        model = type(self.env[name])
        own = {each for base in model.mro() if ADDON in base.__module__ for each in vars(base)}
        return sorted(each for each in own if not each.startswith("_") and callable(getattr(model, each)))

    def _calls(self, name):
        """Return (method, arguments) of all that the reader's screen may ask, with all keys that it shows.

        They are found out once: the ledger is the same for all tests of a class.
        """
        if name not in self.calls:
            asked = [(method, getattr(self, f"_ask_{method}")(name)) for method in self._public(name)]
            self.calls[name] = [(method, args) for method, choices in asked for args in choices]
        return self.calls[name]

    def _ask_get_dashboard(self, _name):
        return [()]

    _ask_get_figures = _ask_get_dashboard

    def _ask_get_block(self, name):
        blocks = self._report(model=name).get_dashboard()["blocks"]
        return [(block["code"],) for block in blocks if not block["with_figures"]]

    def _ask_get_screen(self, name):
        return [(self._values(name),)]

    _ask_action_schedule = _ask_get_screen

    def _ask_get_lines(self, name):
        return [(self._values(name), [line["key"]]) for line in self._get_screen(name)["lines"]]

    def _ask_action_open_customers(self, name):
        if name == "credit.aged.balance":
            return [(self._values(name), keys) for keys, _column in self._get_figures(name)]
        return [(self._values(name), table, key) for table, key, _column in self._get_cells(name)]

    def _ask_action_open(self, name):
        if name == "credit.aged.balance":
            return [(self._values(name), *cell) for cell in self._get_figures(name)]
        return [(self._values(name), *cell) for cell in self._get_cells(name)]

    def _get_screen(self, name):
        return self._report(model=name).get_screen(self._values(name))

    def _get_cells(self, name):
        """Return (table, key, column) of the cells that open, and of whole rows."""
        return [
            (table["code"], row["key"], column)
            for table in self._get_screen(name)["tables"]
            for row in [*table["rows"], table["total"]]
            if row
            for column in [None, *(each["code"] for each in table["columns"] if each["opens"])]
        ]

    def _get_figures(self, name):
        """Return (keys, column) of the figures of the aged balance."""
        screen = self._get_screen(name)
        keys = [[], *([line["key"]] for line in screen["lines"])]
        keys += [[self.company.id, self.customer.id]]
        return [(each, column["code"]) for each in keys for column in screen["columns"]]

    def _act(self, report, method, args):
        """Return what a call answers, or the error that it is refused with; what it opens is searched for."""
        try:
            answer = getattr(report, method)(*args)
        except (AccessError, UserError) as error:
            return str(error), ()
        found = ()
        if isinstance(answer, dict) and answer.get("res_model") and "domain" in answer:
            records = report.env[answer["res_model"]].with_context(**(answer.get("context") or {}))
            found = records.search(answer["domain"] or [])
        return answer, found
