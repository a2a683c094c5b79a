import time

from work import Work, at_most


class Dashboard(Work):
    """The credit manager's page until its figures stand there: the page itself, then the tiles.

    Ours: what the browser asks for, one call after the other. The blocks that come later, each by a call of its own,
    are measured one by one and told in the notes. Every customer has a card with a score by then, as after a night. A
    unit is a tile.
    """

    name = "dashboard"
    unit = "tile"

    def prepare_ours(self, env):
        env["credit.score"]._cron_compute()

    def ours(self, env):
        self.dashboard = env["credit.report.dashboard"]
        self.page = self.dashboard.get_dashboard()
        self.figures = self.dashboard.get_figures()

    def count_ours(self, env):
        return len(self.figures["tiles"])

    def notes(self, env):
        """Return the seconds of each block."""
        return {block["code"]: self._time(block["code"]) for block in self.page["blocks"] if not block["with_figures"]}

    def _time(self, code):
        start = time.perf_counter()
        self.dashboard.get_block(code)
        return round(time.perf_counter() - start, 2)

    def targets(self, ours, peer, smaller):
        blocks = [at_most(f"{code}, seconds", seconds, 2) for code, seconds in ours.notes.items()]
        return [at_most("seconds", ours.seconds, 1), at_most("queries", ours.queries, 40), *blocks]


WORK = Dashboard()
