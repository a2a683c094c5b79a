from work import at_most

from .aged_balance import AgedBalance


class AgedBalanceXlsx(AgedBalance):
    """The aged balance of all customers as a workbook, from the click to the bytes of the file."""

    name = "aged_balance_xlsx"
    in_large = False

    def ours(self, env):
        self.balance = env["credit.aged.balance"]
        self.file = self.balance._render_report({"as_of": self.get_day(env)}, "xlsx")

    def count_ours(self, env):
        self.options = self.balance._read_options({"as_of": self.get_day(env)})
        self.report = self.balance._get_report(self.options)
        return super().count_ours(env)

    def notes(self, env):
        return {**super().notes(env), "kilobytes": len(self.file.content) // 1024}

    def oca(self, env):
        wizard, data = self.get_oca_wizard(env)
        report = env["report.a_f_r.report_aged_partner_balance_xlsx"]
        report.with_context(active_model=wizard._name).create_xlsx_report(wizard.ids, data)

    def count_oca(self, env):
        super().oca(env)
        return super().count_oca(env)

    def floor_sql(self):
        """There is none: most of it is writing the file."""

    def targets(self, ours, peer, smaller):
        return [at_most("seconds", ours.seconds, 4), *super().targets(ours, peer, smaller)[1:]]


WORK = AgedBalanceXlsx()
