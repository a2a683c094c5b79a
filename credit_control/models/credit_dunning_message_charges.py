from odoo import models
from odoo.tools import format_date

from ..core import law
from ..core.interest import fixed_sum


class CreditDunningMessageCharges(models.AbstractModel):
    """Interest and fixed sums in a message: shown apart from the sum that it asks, claimed when it left."""

    _name = "credit.dunning.message.charges"
    _description = "Interest and fixed sums of a message"

    def _get_customer_kind(self):
        """Return what the law sees in the customer: business, consumer or public."""
        return self.debtor_id._get_legal_kind()

    def _gather_charges(self):
        """Return ``{notice id: {item id: Outcome}}`` of the notices whose text speaks of charges."""
        by_text = self.grouped(lambda notice: (notice.template_id, notice.step_id))
        speaking = self.browse(
            notice.id for notices in by_text.values() if notices[:1]._is_speaking_of_charges() for notice in notices
        )
        charges = {}
        for day, notices in speaking.grouped("date").items():
            lines = notices.line_ids.move_line_id
            outcomes = self.env["credit.charge.engine"]._get_outcomes(day, line_ids=lines.ids)
            charges.update({notice.id: outcomes for notice in notices})
        return charges

    def _is_speaking_of_charges(self):
        """Whether a text of the notice places them: most don't, and nothing is to be reckoned for these."""
        texts, step = self.template_id, self.step_id
        if step and not texts:
            texts = step._get_text("mail_template_id") | step._get_text("letter_template_id")
        return any("charges" in body or "claims" in body for body in map(str, texts.sudo().mapped("body_html")))

    def _prepare_charges(self, charges):
        """Return ``[(label, amount)]`` of what the law adds to the principal.

        Never a fixed sum or the interest of businesses for a consumer, whatever a template asks: the engine has none
        (C. com. L441-10 and D441-5 hold between businesses; CPCE L111-8).
        """
        outcomes = charges.get(self.id)
        if outcomes is None:
            return []
        regime = self.debtor_id.applied_regime_id.sudo()
        if not regime:
            return []
        late = self.line_ids.filtered(lambda line: line._get_claim_row().days_late(self.date))
        own = [outcomes[line.move_line_id.id] for line in late if line.move_line_id.id in outcomes]
        loose = late.filtered(lambda line: line.move_line_id.id not in outcomes)
        return self._prepare_fixed_sums(regime, own, loose) + self._prepare_interest(regime, own, loose)

    def _prepare_fixed_sums(self, regime, own, loose):
        """Return the fixed sums, once for each invoice; ``loose`` are lines whose item is gone."""
        sums = [outcome.fixed_sum for outcome in own if outcome.fixed_sum]
        if law.bears_fixed_sum(self._get_customer_kind()):
            tiers = [(tier.amount_from, tier.amount) for tier in regime.tier_ids]
            first = {line.reference: fixed_sum(tiers, line.amount_original or line.amount) for line in loose}
            sums += [amount for amount in first.values() if amount]
        label = self.env._("Fixed sum for recovery costs: %(count)s × %(amount)s")
        return [
            (
                label % {"count": sums.count(each), "amount": self._text_amount(each, regime.currency_id)},
                self._text_amount(each * sums.count(each), regime.currency_id),
            )
            for each in sorted(set(sums))
        ]

    def _prepare_interest(self, regime, own, loose):
        """Return the interest run up to the day of the message, by currency; in words where it can't be reckoned."""
        sums = {}
        lines = self.env["account.move.line"].sudo()
        for outcome in own:
            currency = lines.browse(outcome.case.item).currency_id
            sums[currency] = sums.get(currency, 0.0) + outcome.interest
        day = format_date(self.env, self.date)
        label = self.env._("Late-payment interest up to %(day)s (%(rate)s)", day=day, rate=regime.rate_text)
        rows = [(label, self._text_amount(amount, currency)) for currency, amount in sums.items() if amount]
        unknown = loose or [outcome for outcome in own if outcome.problem == law.RATE_MISSING]
        # Consumers are told what the formal notice says: a rate, no sum of businesses.
        if unknown and regime.kind != law.CONSUMER:
            from_when = self.env._("Late-payment interest from the day after each due date")
            rows.append((from_when, self.env._("to be computed on the day of payment")))
        return rows

    def _claim_charges(self):
        """Store what these notices claim, as of their day: by their letter, not by what is known later."""
        notices = self.sudo()
        notices.fetch(["step_id"])
        notices.step_id.fetch(["claims_charges"])
        for notice in notices.filtered("step_id.claims_charges"):
            self.env["credit.charge"].sudo()._claim(notice.line_ids.move_line_id.ids, notice.date, notice)
