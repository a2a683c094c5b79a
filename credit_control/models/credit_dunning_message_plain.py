from odoo import models


class CreditDunningMessagePlain(models.AbstractModel):
    """The blocks of a text as plain text, for mail readers without HTML."""

    _name = "credit.dunning.message.plain"
    _description = "A notice in plain text"

    def _prepare_text_block(self, name, values):
        """Return the block ``name`` in lines of text; empty for a name that isn't one."""
        write = getattr(self, f"_prepare_text_{name}", None)
        return "\n".join(write(values)) if write else ""

    def _prepare_text_summary(self, values):
        line = self.env._(
            "Amount to pay: %(total)s, by %(deadline)s", total=values["total"], deadline=values["deadline"]
        )
        return [line, self.env._("Pay online: %s", values["pay_url"])] if values["pay_url"] else [line]

    def _prepare_text_items(self, values):
        lines = []
        for section in values["sections"]:
            lines += [self._text_row(row, values) for row in section["rows"]]
            lines += self._text_sums(section)
        return lines

    def _text_row(self, row, values):
        state = self.env._("credit to you") if row["is_credit"] else self.env._("due %s", row["due"])
        if row["days_late"]:
            state += ", " + self.env._("%s days late", row["days_late"])
        line = self._text_pair(f"- {row['reference']} ({row['date']}), {state}", row["open"])
        if row["paid"]:
            line += " (" + self.env._("%(amount)s less %(paid)s paid", amount=row["amount"], paid=row["paid"]) + ")"
        link = values["pay_links"].get(row["move_id"]) if values["pay_each"] else None
        return "\n  ".join([line, self.env._("Pay online: %s", link)]) if link else line

    def _text_sums(self, section):
        lines = []
        if section["is_split"]:
            lines.append(self.env._("Outstanding: %s", section["open"]))
        if section["disputed"]:
            lines.append(self.env._("Disputed, not asked today: %s", section["disputed"]))
        if section["promised"]:
            lines.append(self.env._("Promised, not asked today: %s", section["promised"]))
        return [
            *lines,
            self.env._(
                "Total asked in %(currency)s: %(amount)s", currency=section["currency"], amount=section["asked"]
            ),
        ]

    def _prepare_text_instalments(self, values):
        lines = []
        for row in values["plan_rows"]:
            state = f" ({row['state']})" if row["state"] else ""
            lines.append(self._text_pair(f"- {row['date']}", row["amount"] + state))
        return lines

    def _prepare_text_charges(self, values):
        return [self._text_pair(f"- {label}", amount) for label, amount in values["claims"]]

    def _text_pair(self, label, amount):
        return self.env._("%(label)s: %(amount)s", label=label, amount=amount)

    def _prepare_text_parties(self, values):
        creditor = f"{values['company'].name} {values['company_registry']}".strip()
        debtor = f"{values['customer']} {values['customer_registry']}".strip()
        return [self.env._("Creditor: %s", creditor), self.env._("Debtor: %s", debtor)]

    def _prepare_text_payment(self, values):
        bank = values["bank"]
        if not bank:
            return []
        lines = [self.env._("By transfer to %s", bank["holder"])]
        lines.append(f"IBAN: {bank['number']}" if bank["is_iban"] else self.env._("Account: %s", bank["number"]))
        if bank["bic"]:
            lines.append(f"BIC: {bank['bic']}")
        return [*lines, self.env._("Reference: %s", values["communication"])]

    def _prepare_text_answers(self, values):
        if values["portal_url"]:
            account = self.env._("Your account: %s", values["portal_url"])
            return [*(self._text_pair(label, link) for label, link in values["answer_links"]), account]
        if not values["answer_links"]:
            return []
        return [self.env._("Have you paid, do you need time or do you disagree? Just answer this message.")]

    def _prepare_text_signature(self, values):
        sender, company = values["sender"], values["company"]
        lines = [values["closing"], "", sender["name"], sender["function"]]
        if sender["is_person"]:
            lines.append(company.name)
        lines += [sender["phone"], sender["email"]]
        if values["enclosures"]:
            lines += ["", self.env._("Attached: %s", ", ".join(values["enclosures"]))]
        return [line for index, line in enumerate(lines) if line or index == 1]
