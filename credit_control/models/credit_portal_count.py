from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, hmac

SCOPE = "credit_control-portal-count"


class CreditPortalCount(models.Model):
    """How often somebody did something on the portal lately: one row for each who and what.

    Nobody is named: the key is a keyed hash, so that the table tells no address of the net.
    """

    _name = "credit.portal.count"
    _description = "Count of what was done on the portal"
    _log_access = False

    key = fields.Char(required=True, help="Keyed hash of what was done, and of who did it.")
    times = fields.Integer(required=True)
    lapses_at = fields.Datetime(string="Lapses on", required=True, index=True, help="From then on it is counted anew.")

    _key_unique = models.Constraint("UNIQUE (key)", "Each who and what is counted once.")

    @api.model
    def _allow(self, allowances, who, now=None):
        """Count one more time for each of ``allowances``; return whether all of them still allow it.

        Two at once: the later transaction is replayed by Odoo, so that none slips through.

        :param who: ``{what the allowance is per: who it is}``
        """
        now = now or fields.Datetime.now()
        counts = [(allowance, self._count(allowance, who[allowance.per], now)) for allowance in allowances]
        return all(allowance.allows(count) for allowance, count in counts)

    def _count(self, allowance, who, now):
        query = SQL(
            """
            INSERT INTO credit_portal_count AS count (key, times, lapses_at)
                 VALUES (%(key)s, 1, %(lapses_at)s)
            ON CONFLICT (key) DO UPDATE
                    SET times = CASE WHEN count.lapses_at <= %(now)s THEN 1 ELSE count.times + 1 END,
                        lapses_at = CASE WHEN count.lapses_at <= %(now)s THEN %(lapses_at)s ELSE count.lapses_at END
              RETURNING times
            """,
            key=hmac(self.env(su=True), SCOPE, (allowance.code, allowance.per, str(who))),
            now=now,
            lapses_at=now + timedelta(seconds=allowance.seconds),
        )
        # Two at once are replayed: that is no error to tell of.
        self.env.cr.execute(query, log_exceptions=False)
        return self.env.cr.fetchone()[0]

    @api.autovacuum
    def _gc_lapsed(self):
        """Forget what is counted anew anyway."""
        self.env.execute_query(
            SQL("DELETE FROM credit_portal_count WHERE lapses_at < %s RETURNING id", fields.Datetime.now())
        )
