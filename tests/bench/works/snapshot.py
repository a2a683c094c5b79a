import time
from datetime import timedelta

from work import Work, at_most


class Snapshot(Work):
    """Writing down the figures of the past 24 months and of yesterday, by every axis: the first night.

    Ours: ``credit.kpi.snapshot._cron_take`` as the cron runs it, with its commits. How long one more day takes (the
    other nights) is in the notes. A unit is a figure.
    """

    name = "snapshot"
    unit = "figure"
    rounds = 1
    measures_growth = True

    def prepare_ours(self, env):
        """Nothing to prepare."""

    def ours(self, env):
        self._get_snapshots(env)._cron_take()

    def _get_snapshots(self, env):
        # As inside of a cron: what is written is committed as it goes.
        return env["credit.kpi.snapshot"].sudo().with_context(cron_id=1)

    def count_ours(self, env):
        return env["credit.kpi.snapshot"].search_count([])

    def notes(self, env):
        snapshots = self._get_snapshots(env)
        months = snapshots._read_group([("method", "=", "rebuilt")], [], ["date:count_distinct"])
        start = time.perf_counter()
        snapshots._take(env.company, env.cr.now().date() + timedelta(days=1))
        return {"months": months[0][0], "seconds_of_a_night": round(time.perf_counter() - start, 2)}

    def targets(self, ours, peer, smaller):
        return [
            at_most("peak MB", ours.peak_mb, 1024),
            at_most("seconds of a later night", ours.notes["seconds_of_a_night"], 30),
        ]


WORK = Snapshot()
