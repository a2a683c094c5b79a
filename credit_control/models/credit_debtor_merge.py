from markupsafe import Markup, escape

from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..core import law
from .company_day import company_today
from .credit_charge import OPEN_STATES
from .credit_debtor import QUIET_DAYS
from .credit_insurance_guarantee import IN_FORCE

# What a card has from a person: taken from the card that goes, where the one that stays says nothing.
SINGLE_SETTINGS = ("policy_id", "portfolio_id", "collector_id", "preferred_channel_id")
SCORE = ("score_id", "score_date", "score_state", "score_value", "score_grade")
MANUAL_STATUS = ("manual_status", "manual_status_reason", "manual_status_on", "manual_status_user_id")
# Reckoned again from the ledger: those of the customer that goes are dropped where the other has its own.
RECKONED = ("credit.score", "credit.payment.profile")
# What the database doesn't allow to overlap: see the guarantee.
HELD = (*IN_FORCE, "expired", "cancelled")


class CreditDebtorMerge(models.AbstractModel):
    """Two customers become one: cards, limits, guarantees, ratings, procedures, and all keys to the one that goes.

    Nothing about law or money is lost, and nothing is added up that nobody granted. Where two records say
    different things and only a person can tell which holds, the merge is refused and names both. Called with
    the rights of the system: whoever may merge contacts may not see every company's cards.
    """

    _name = "credit.debtor.merge"
    _description = "Merging of customers"

    @api.model
    def _merge(self, source, target):
        """Let what hangs on the commercial partner ``source`` follow to the commercial partner ``target``.

        :raise UserError: where a person must decide first
        """
        both = source | target
        self._check_procedures(both)
        self._check_guarantees(source, target)
        self._settle_ratings(source, target)
        notes = [*self._settle_limits(source, target), *self._tell_pauses(source, target)]
        self._drop_reckoned(source, target)
        self.env.flush_all()
        cards = self.env["credit.debtor"].search([("partner_id", "in", both.ids)])
        for company, some in cards.grouped("company_id").items():
            told = [words for of, words in notes if of == company]
            self._merge_cards(some, source, target, told)
        self._move_keys(source, target)

    @api.model
    def _judge(self, partner):
        """Let a procedure that is running hold for what ``partner`` owes now: interest stops at its judgment."""
        running = self.env["credit.insolvency"].search([("partner_id", "=", partner.id), ("state", "!=", "closed")])
        running._freeze_charges()
        for procedure in running:
            procedure.message_post(
                body=self.env._("Customers were merged: check the claim to declare, more items may belong to it.")
            )

    @api.model
    def _check_lawful(self, partner):
        """Refuse where what was claimed of a business would be claimed of a consumer."""
        charges = self.env["credit.charge"].search([("partner_id", "=", partner.id), ("state", "in", OPEN_STATES)])
        try:
            charges._check_lawful()
        except ValidationError as error:
            raise UserError(
                self.env._(
                    "%(problem)s Waive what was claimed, or say what the customer is in law (segment), then merge.",
                    problem=error.args[0],
                )
            ) from error

    # -- where a person must decide -----------------------------------------------------

    def _refuse(self, company, first, second, advice):
        raise UserError(
            self.env._(
                "These customers can't be merged (%(company)s): “%(first)s” and “%(second)s”. %(advice)s",
                company=company.name or self.env._("all companies"),
                first=first,
                second=second,
                advice=advice,
            )
        )

    def _check_procedures(self, partners):
        running = self.env["credit.insolvency"].search(
            [("partner_id", "in", partners.ids), ("state", "!=", "closed")], order="id"
        )
        for company, found in running.grouped("company_id").items():
            if len(found) > 1:
                self._refuse(
                    company,
                    found[0].display_name,
                    found[1].display_name,
                    self.env._(
                        "Both have a collective procedure that is running. Close the one that was recorded twice "
                        "(“Recorded by mistake”), then merge."
                    ),
                )

    def _check_guarantees(self, source, target):
        """Refuse two guarantees that hold at once; those of the past stay, marked as the other customer's."""
        guarantees = self.env["credit.insurance.guarantee"]
        domain = [("kind", "=", "permanent"), ("state", "in", HELD), ("date_from", "!=", False)]
        theirs = guarantees.search([*domain, ("partner_id", "=", source.id), ("merged_from", "=", False)])
        ours = guarantees.search([*domain, ("partner_id", "=", target.id), ("merged_from", "=", False)])
        for their, our in ((their, our) for their in theirs for our in ours):
            if their.company_id != our.company_id or not _overlap(their, our):
                continue
            if self._is_to_hold(their) and self._is_to_hold(our):
                self._refuse(
                    our.company_id,
                    our.display_name,
                    their.display_name,
                    self.env._("Both are guaranteed for the same days. End one of the guarantees, then merge."),
                )
            (our if self._is_to_hold(their) else their).merged_from = source.name or str(source.id)

    def _is_to_hold(self, guarantee):
        day = company_today(guarantee)
        return guarantee.state in IN_FORCE and (not guarantee.date_to or guarantee.date_to >= day)

    def _settle_ratings(self, source, target):
        """Keep one of two equal ratings of a day; refuse where they differ."""
        ratings = self.env["credit.rating"].search([("partner_id", "in", (source | target).ids)])
        by_day = ratings.grouped(lambda rating: (rating.agency_id, rating.date, rating.company_id))
        for (_agency, day, company), found in by_day.items():
            kept = found.filtered(lambda rating: rating.partner_id == target)
            twin = found - kept
            if not kept or not twin:
                continue
            if _says(kept) != _says(twin) or (kept.document and twin.document):
                self._refuse(
                    company,
                    f"{kept.display_name}, {day}",
                    f"{twin.display_name}, {day}",
                    self.env._("The same agency rated both on that day. Delete or date the one that doesn't hold."),
                )
            kept.write({name: twin[name] for name in ("document", "document_name", "note") if not kept[name]})
            twin.unlink()

    # -- limits -------------------------------------------------------------------------

    def _settle_limits(self, source, target):
        """End the limits of ``source`` where ``target`` has its own; two are never added up.

        :return: ``[(company, words for the card)]``
        """
        approved = self.env["credit.limit"].search(
            [("partner_id", "in", (source | target).ids), ("state", "=", "approved")]
        )
        figures = {partner: self._get_own_figures(partner) for partner in (source, target)}
        notes = []
        for company in self.env["res.company"].browse({*approved.company_id.ids, *figures[source]}):
            rows = approved.filtered(lambda row, company=company: row.company_id == company)
            theirs = rows.filtered(lambda row: row.partner_id == source)
            ours = rows - theirs
            figure = figures[target].get(company.id)
            if not ours and figure is None:
                continue
            self._check_coming_limits(company, theirs, ours, figure)
            notes += self._end_limits(company, theirs, ours, source, figures[source].get(company.id))
        return notes

    def _get_own_figures(self, partner):
        """Return ``{company id: core's figure}`` of the companies in which ``partner`` has one of its own."""
        self.env["res.partner"].flush_model(["credit_limit"])
        [(stored,)] = self.env.execute_query(SQL("SELECT credit_limit FROM res_partner WHERE id = %s", partner.id))
        return {int(company): figure for company, figure in (stored or {}).items() if figure is not None}

    def _check_coming_limits(self, company, theirs, ours, figure):
        """Refuse where a decided limit of the customer that goes is temporary, or is still to begin."""
        day = company_today(company)
        coming = theirs.filtered(lambda row: row.date_from > day or (row.date_to and row.date_to >= day))[:1]
        if coming:
            own = (ours.filtered("is_in_force") or ours)[:1].display_name
            self._refuse(
                company,
                own or company.currency_id.format(figure),
                coming.display_name,
                self.env._(
                    "The second limit runs from %(start)s and would hold for both. End it, or merge after it.",
                    start=coming.date_from,
                ),
            )

    def _end_limits(self, company, rows, kept, source, figure):
        rows.write(
            {
                "state": "expired",
                "is_in_force": False,
                "replaced_by_id": kept.filtered("is_in_force")[:1].id,
                "decision_reason": self.env._("The customer was merged into another, whose own limit goes on."),
            }
        )
        amount = rows.filtered(lambda row: not row.date_to)[:1].amount if rows else figure
        if amount is None:
            return []
        words = self.env._(
            "The credit limit of %(customer)s, %(amount)s, has ended: limits are not added up.",
            customer=source.name,
            amount=company.currency_id.format(amount),
        )
        return [(company, words)]

    # -- cards --------------------------------------------------------------------------

    def _tell_pauses(self, source, target):
        """Say which pause of the customer that goes holds both from now on."""
        pauses = self.env["credit.dunning.pause"]
        found = pauses.search([("partner_id", "=", source.id)])
        return [
            (
                pause.company_id,
                self.env._(
                    "The pause of %(customer)s until %(end)s holds the whole customer now.",
                    customer=source.name,
                    end=pause.date_end or "…",
                ),
            )
            for pause in found.filtered_domain(pauses._get_domain_on(company_today(found)))
        ]

    def _drop_reckoned(self, source, target):
        for name in RECKONED:
            rows = self.env[name].search([("partner_id", "in", (source | target).ids)])
            for some in rows.grouped("company_id").values():
                kept = some.filtered(lambda row: row.partner_id == target)
                if kept:
                    (some - kept).unlink()
        # Found again of the customer that stays, if it still holds.
        found = [("partner_id", "=", source.id), ("user_id", "=", False), ("holds", "=", True)]
        self.env["credit.signal"].search(found).unlink()

    def _merge_cards(self, cards, source, target, notes):
        """Merge the cards of one company, and say on the one that stays what was done."""
        card = cards.filtered(lambda card: card.partner_id == source)
        kept = cards - card
        if not card:
            return
        if kept:
            notes = [*notes, *self._fill(kept, card)]
            self._refuse_twin_proposals(kept, card)
            self._follow(kept, card)
            card.unlink()
        else:
            kept = card
            kept.partner_id = target
        lines = [self.env._("%s was merged into this customer; all that concerned it is here.", source.name), *notes]
        kept.message_post(body=Markup("<br/>").join(escape(line) for line in lines))

    def _fill(self, kept, card):
        """Give ``kept`` the settings that it has not; return what to say of those that it has otherwise."""
        kept.write(self._get_missing_settings(kept, card))
        if not card.manual_status:
            return []
        labels = dict(card._fields["manual_status"]._description_selection(self.env))
        words = self.env._(
            "%(customer)s was %(status)s: %(reason)s (%(user)s, %(day)s).",
            customer=card.partner_id.name,
            status=labels[card.manual_status].lower(),
            reason=card.manual_status_reason,
            user=card.manual_status_user_id.name or "",
            day=card.manual_status_on or "",
        )
        if not kept.manual_status:
            self._copy_columns(kept, card, MANUAL_STATUS)
        return [words]

    def _get_missing_settings(self, kept, card):
        """Return the settings of ``card`` that ``kept`` has not: those of a group together."""
        names = [name for name in SINGLE_SETTINGS if not kept[name]]
        if card.segment_locked and not kept.segment_locked:
            names += ["segment_id", "segment_locked"]
        if kept.tone in (False, "neutral") and card.tone:
            names.append("tone")
        if not any(kept[name] for name in QUIET_DAYS):
            names += QUIET_DAYS
        if not kept.score_id and not kept.credit_score_objection:
            names += SCORE
        regime = card.interest_regime_id
        if not kept.interest_regime_id and regime and law.is_allowed(regime.kind, kept._get_legal_kind()):
            names += ["interest_regime_id", "interest_regime_reason"]
        vals = {name: kept._fields[name].convert_to_write(card[name], card) for name in names}
        # Who objected to being scored, under whatever name, isn't scored: a right of natural persons.
        objects = card.credit_score_objection and kept.is_natural_person
        return vals | ({"credit_score_objection": True} if objects else {})

    def _copy_columns(self, kept, card, names):
        """Copy what a person signed with their name and day, which a write would sign anew."""
        columns = SQL(", ").join(SQL("%(name)s = card.%(name)s", name=SQL.identifier(name)) for name in names)
        self.env.execute_query(
            SQL(
                "UPDATE credit_debtor kept SET %s FROM credit_debtor card WHERE kept.id = %s AND card.id = %s "
                "RETURNING kept.id",
                columns,
                kept.id,
                card.id,
            )
        )
        kept.invalidate_recordset()

    def _refuse_twin_proposals(self, kept, card):
        """Leave one of two proposals open; the other is refused, with the reason."""
        domain = [("debtor_id", "in", (kept | card).ids), ("state", "=", "proposed")]
        proposals = self.env["credit.terms.proposal"].search(domain)
        if len(proposals) > 1:
            proposals.filtered(lambda proposal: proposal.debtor_id == card).write(
                {
                    "state": "refused",
                    "reason": self.env._("The customers were merged: the other proposal is decided on."),
                    "decided_by_id": self.env.uid,
                    "decided_on": company_today(kept),
                }
            )

    def _follow(self, kept, card):
        """Let messages, files, followers, activities and keys of ``card`` follow to ``kept``, as core does it."""
        followers = self.env["mail.followers"].search(
            [("res_model", "=", card._name), ("res_id", "in", (kept | card).ids)]
        )
        known = followers.filtered(lambda follower: follower.res_id == kept.id).partner_id
        # Core drops all of them where one follows both.
        followers.filtered(lambda follower: follower.res_id == card.id and follower.partner_id in known).unlink()
        self.env.flush_all()
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._update_foreign_keys_generic(card._name, card, kept)
        wizard._update_reference_fields_generic(card._name, card, kept)
        self.env.flush_all()
        self.env.invalidate_all()

    # -- keys ---------------------------------------------------------------------------

    def _move_keys(self, source, target):
        """Write ``target`` in place of ``source`` wherever our tables name a customer."""
        self.env.flush_all()
        for table in self._get_tables():
            query = SQL(
                "UPDATE %s SET partner_id = %s WHERE partner_id = %s", SQL.identifier(table), target.id, source.id
            )
            self.env.cr.execute(query)
        self.env.invalidate_all()

    def _get_tables(self):
        """Return the tables of our addons that name a customer; the keys that the database doesn't check, too."""
        return [
            model._table
            for model in self.env.values()
            if model._auto and not model._abstract and model._original_module.startswith("credit_control")
            for field in [model._fields.get("partner_id")]
            if field and field.store and field.type == "many2one" and field.comodel_name == "res.partner"
        ]


def _overlap(first, second):
    """Whether two guarantees have a day in common."""
    return (not first.date_to or first.date_to >= second.date_from) and (
        not second.date_to or second.date_to >= first.date_from
    )


def _says(rating):
    return rating.value, rating.recommended_limit, rating.currency_id, rating.date_stated
