from datetime import date

from odoo.fields import Command

from ..models.credit_kpi import KpiOptions
from .common_ledger import LedgerCommon

NOVEMBER = date(2025, 11, 30)


class KpiCommon(LedgerCommon):
    """Ledgers whose indicators are worked out by hand."""

    def _options(self, day=NOVEMBER, **values):
        return KpiOptions(day, (self.company.id,), **values)

    def _kpi(self, user=None):
        return self.env["credit.kpi"].with_user(user or self.reader).with_company(self.company)

    def _value(self, code, day=NOVEMBER, **options):
        """Return one indicator of the whole company on ``day``."""
        return self._kpi()._get_total(self._options(day, **options), [code])[code][-1]

    def _amount(self, code, day=NOVEMBER, **options):
        """As :meth:`_value`, rounded to a hundredth."""
        found = self._value(code, day, **options).amount
        return found if found is None else round(found, 2)

    def _opening(self, amount, day, due=None):
        """Book ``amount`` on the receivable account that no sale is behind: an opening balance."""
        receivable, other = (self.company_data[f"default_account_{kind}"] for kind in ("receivable", "revenue"))
        entry = self.env["account.move"].create(
            {
                "date": day,
                "journal_id": self.company_data["default_journal_misc"].id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": receivable.id,
                            "partner_id": self.customer.id,
                            "debit": max(amount, 0.0),
                            "credit": max(-amount, 0.0),
                            "date_maturity": due or day,
                        }
                    ),
                    Command.create({"account_id": other.id, "debit": max(-amount, 0.0), "credit": max(amount, 0.0)}),
                ],
            }
        )
        entry.action_post()
        return entry
