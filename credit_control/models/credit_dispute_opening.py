from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

from .company_day import company_today


class CreditDisputeOpening(models.AbstractModel):
    """How a dispute is opened by something else than its form: the portal, a call, an e-invoice's status."""

    _name = "credit.dispute.opening"
    _description = "Opening of a dispute"

    @api.model
    def _open(
        self,
        parts,
        reason,
        *,
        note="",
        source="user",
        submission=None,
        user=None,
        date=None,
        in_document_currency=False,
        author=None,
        attachments=(),
        confirm=False,
    ):
        """Open one dispute on items of one customer, and return it.

        The same ``submission`` again (a double click, the same news twice) returns the dispute that
        it opened at first, and changes nothing.

        Who may dispute these items is the caller's affair: with ``sudo()`` (the portal) nothing of
        the user's rights is asked; without it the user needs the right to create disputes.

        :param parts: ``{account.move.line: disputed part}``; 0 or None is all that can still be
            disputed of the item. In company currency
        :param reason: a ``credit.dispute.reason``, or the code of one
        :param note: what the customer says: plain text, whatever it holds
        :param source: a key of ``source``: ``user``, ``call``, ``portal``, ``einvoice``
        :param submission: names this submission within ``source`` and the company
        :param user: the owner; by default the reason's owner, else the customer's collector
        :param date: the day on which it was raised; today without it
        :param in_document_currency: the parts are in the currency of each item, as customers see them
        :param author: the ``res.partner`` who says so: the note becomes their message in the thread
        :param attachments: ``(file name, bytes)`` of files that come with it
        :param confirm: whether to confirm it to the customer by a message
        :raise ValidationError: naming the document: more than is open, paid, disputed already,
            not a claim on this customer
        """
        items = self._get_disputed_items(parts)
        known = self._find_submission(items.company_id, source, submission)
        if known:
            return known
        vals = self._prepare_opening(items, reason, user) | {
            "note": note,
            "source": source,
            "submission": submission or False,
            "date": date or company_today(self),
            "line_ids": self._prepare_parts(items, parts, in_document_currency),
        }
        dispute = self.create(vals)
        dispute._post_opening(note, author, attachments)
        if confirm:
            dispute._confirm()
        return dispute

    def _prepare_opening(self, items, reason, user):
        """Return whom a dispute is with, why and whose it is; the customer's card is there afterwards."""
        company, partner = items.company_id, items.partner_id.commercial_partner_id
        self.env["credit.debtor"].sudo()._ensure(company, partner.ids)
        reason = self.env["credit.dispute.reason"]._get(reason) if isinstance(reason, str) else reason
        vals = {"partner_id": partner.id, "company_id": company.id, "reason_id": reason.id}
        # Without one the dispute finds its own owner.
        return vals | ({"user_id": user.id} if user else {})

    def _get_disputed_items(self, parts):
        """Return the items, of one customer and company.

        :raise ValidationError: where there is none, or they are of several
        """
        items = self.env["account.move.line"].sudo().union(*parts)
        if not items:
            raise ValidationError(self.env._("Choose what is disputed."))
        if len(items.company_id) > 1 or len(items.partner_id.commercial_partner_id) > 1:
            raise ValidationError(self.env._("A dispute is about the items of one customer and one company."))
        return items

    def _find_submission(self, company, source, submission):
        domain = [("company_id", "=", company.id), ("source", "=", source), ("submission", "=", submission)]
        found = self.sudo().search(domain, limit=1) if submission else self.browse()
        return found.with_env(self.env)

    def _prepare_parts(self, items, parts, in_document_currency):
        """Return the commands that make the lines.

        :raise ValidationError: where a part can't be disputed
        """
        lines = self.env["credit.dispute.line"].sudo()
        drafts = lines.browse()
        amount_of = {item.id: amount or 0.0 for item, amount in parts.items()}
        for item in items:
            amount = amount_of[item.id]
            if in_document_currency and amount:
                amount = self._to_company_currency(item, amount)
            drafts += lines.new({"move_line_id": item.id, "amount": amount, "currency_id": item.company_currency_id.id})
        open_of, rivals = drafts._read_open(), drafts._get_rivals()
        return [Command.create(self._prepare_part(draft, open_of, rivals)) for draft in drafts]

    def _prepare_part(self, draft, open_of, rivals):
        part = draft._check_item(open_of, rivals)
        if part.refusal:
            raise ValidationError(draft._explain(part))
        return {"move_line_id": draft.move_line_id.id, "amount": part.amount}

    def _to_company_currency(self, item, amount):
        """Return ``amount`` of the item's currency at the rate at which the item itself stands in the books.

        All that is open stays all: the rounding of two currencies doesn't leave a cent apart.
        """
        if item.currency_id.compare_amounts(amount, item.amount_residual_currency) == 0:
            return item.amount_residual
        rate = item.balance / item.amount_currency if item.amount_currency else 1.0
        return item.company_currency_id.round(amount * rate)

    def _post_opening(self, note, author, attachments):
        """Keep what the customer said, and their files, as a message of theirs."""
        if not (author or attachments):
            return
        self.sudo().message_post(
            body=note or self.env._("Files of the customer"),
            author_id=author.id if author else None,
            attachments=list(attachments),
            message_type="comment",
            subtype_xmlid="mail.mt_note",
        )

    @api.model
    def _get_free(self, items):
        """Return those of ``items`` of which something is open and not disputed yet: ``{item: how much}``."""
        return {item: part.free for item, part in self._check_items(items).items() if not part.refusal}

    def _check_items(self, items):
        """Return ``{item: the core's answer}`` for who wants to dispute all that is left of each."""
        lines = self.env["credit.dispute.line"].sudo()
        drafts = lines.union(
            *(lines.new({"move_line_id": item.id, "currency_id": item.company_currency_id.id}) for item in items)
        )
        open_of, rivals = drafts._read_open(), drafts._get_rivals()
        return {draft.move_line_id: draft._check_item(open_of, rivals) for draft in drafts}

    @api.model
    def _prepare_new_action(self, items):
        """Return the action that opens the form of a new dispute on ``items``, filled in as far as it can be.

        :raise ValidationError: where nothing of them can be disputed
        """
        items = self._get_disputed_items(items)
        free = self._get_free(items)
        if not free:
            raise ValidationError(
                self.env._(
                    "Nothing of %s can be disputed: it is paid, or disputed already.",
                    ", ".join(items[:3].mapped("move_name")),
                )
            )
        lines = [Command.create({"move_line_id": item.id, "amount": part}) for item, part in free.items()]
        return self._prepare_form_action(items.partner_id.commercial_partner_id, items.company_id, lines)

    @api.model
    def _prepare_form_action(self, partner, company, lines=()):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New dispute"),
            "res_model": "credit.dispute",
            "views": [(False, "form")],
            "context": {
                "default_partner_id": partner.id,
                "default_company_id": company.id,
                "default_line_ids": list(lines),
            },
        }
