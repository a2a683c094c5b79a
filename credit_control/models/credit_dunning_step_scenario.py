from odoo import models


class CreditDunningStep(models.Model):
    """One station of the scenario's line of time."""

    _inherit = "credit.dunning.step"

    def _get_when(self):
        """Return the day of the step in few words: +15 d, previous +10 d, end of month +30 d."""
        self.ensure_one()
        days = self.env._("%+d d", self.delay_days)
        words = {
            "due": days,
            "end_of_month": self.env._("end of month %s", days),
            "previous": self.env._("previous %s", days),
            "promise_broken": self.env._("broken promise %s", days),
            "dispute_closed": self.env._("dispute closed %s", days),
        }
        return words[self.delay_basis]

    def _prepare_mark(self):
        channels = self.channel_ids.sorted()
        selections = {name: dict(self._fields[name]._description_selection(self.env)) for name in ("mode", "kind")}
        is_decision = self.kind == "decision"
        return {
            "is_due": False,
            "is_decision": is_decision,
            "when": self._get_when(),
            "name": self.name or self.env._("New step"),
            "icons": [(channel.icon or "fa-paper-plane-o", channel.name) for channel in channels]
            or [("fa-gavel" if is_decision else "fa-question", selections["kind"].get(self.kind))],
            "channels": " + ".join(channels.mapped("name")),
            "mode": selections["kind"]["decision"] if is_decision else selections["mode"].get(self.mode, ""),
            "mode_code": self.mode,
            "roles": ", ".join(self.role_ids.mapped("name")),
            "repeat": self.repeat_days
            and self.env._("again every %(days)s d, %(times)s ×", days=self.repeat_days, times=self.repeat_max),
        }
