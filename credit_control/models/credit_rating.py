from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ..core import rating
from .company_day import company_today


class CreditRating(models.Model):
    """What an agency said of a customer on a day; of prospects too, who have no ledger yet.

    A rating belongs to the commercial partner. Without a company all companies see it.
    """

    _name = "credit.rating"
    _description = "External rating"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one(
        "res.company", index=True, default=lambda self: self.env.company, help="Empty: for all companies."
    )
    agency_id = fields.Many2one("credit.rating.agency", required=True, index=True, ondelete="restrict", tracking=True)
    date = fields.Date(string="Rated on", required=True, default=company_today, tracking=True)
    value = fields.Char(string="Rating", required=True, tracking=True, help="As the agency gave it.")
    score = fields.Float(
        string="Common scale",
        digits=(5, 2),
        compute="_compute_score",
        store=True,
        aggregator="avg",
        help="0: worst, 100: best; by the agency's scale.",
    )
    ceiling = fields.Float(string="Our score at most", digits=(5, 2), compute="_compute_score", store=True)
    floor = fields.Float(string="Our score at least", digits=(5, 2), compute="_compute_score", store=True)
    meaning = fields.Char(compute="_compute_meaning")
    recommended_limit = fields.Monetary(
        string="Recommended limit",
        currency_field="currency_id",
        tracking=True,
        help="The credit that the agency recommends. 0: it says nothing.",
    )
    currency_id = fields.Many2one("res.currency", required=True, default=lambda self: self.env.company.currency_id)
    date_stated = fields.Date(
        string="Valid until (stated)", help="The last valid day, where the agency states one.", tracking=True
    )
    date_until = fields.Date(
        string="Valid until",
        compute="_compute_date_until",
        store=True,
        help="As the agency states it, else by its usual validity. Empty: for ever.",
    )
    is_stale = fields.Boolean(string="Stale", compute="_compute_is_stale", search="_search_is_stale")
    source = fields.Selection(
        [("manual", "By hand"), ("file", "From a file"), ("provider", "From a provider")],
        required=True,
        default="manual",
        readonly=True,
    )
    document = fields.Binary(attachment=True, help="The agency's report.")
    document_name = fields.Char(string="Name of the document")
    note = fields.Text()

    _limit_positive = models.Constraint("CHECK (recommended_limit >= 0)", "A recommended limit can't be negative.")
    _day_unique = models.UniqueIndex(
        "(partner_id, agency_id, date, COALESCE(company_id, 0))",
        "This agency's rating of that day is recorded for this customer already: change that one.",
    )

    # -- what follows from what -------------------------------------------------------

    @api.depends(
        "value",
        "agency_id.kind",
        "agency_id.worst",
        "agency_id.best",
        "agency_id.scale_ids.value",
        "agency_id.scale_ids.score",
        "agency_id.scale_ids.ceiling",
        "agency_id.scale_ids.floor",
    )
    def _compute_score(self):
        scale_of = {agency: agency._get_scale() for agency in self.agency_id}
        for record in self:
            scale = scale_of.get(record.agency_id)
            mapped = scale and rating.place(record.value or "", scale)
            # What the scale doesn't know is refused below; where the scale loses a step, its ratings bound nothing.
            record.score, record.ceiling, record.floor = (
                (mapped.score, mapped.ceiling, mapped.floor) if mapped else (0.0, rating.HIGHEST, rating.LOWEST)
            )

    @api.depends("value", "agency_id")
    def _compute_meaning(self):
        for record in self:
            wanted = rating.normalize(record.value or "")
            steps = record.agency_id.scale_ids.filtered(
                lambda step, wanted=wanted: rating.normalize(step.value or "") == wanted
            )
            record.meaning = steps[:1].name

    @api.depends("date", "date_stated", "agency_id.validity_days")
    def _compute_date_until(self):
        for record in self:
            days = record.agency_id.validity_days
            record.date_until = record.date and rating.valid_until(record.date, record.date_stated or None, days)

    @api.depends("date_until")
    def _compute_is_stale(self):
        today = company_today(self)
        for record in self:
            record.is_stale = bool(record.date_until) and record.date_until < today

    def _search_is_stale(self, operator, value):
        if operator != "in":
            return NotImplemented
        stale = Domain("date_until", "<", company_today(self))
        return Domain.OR(stale if wanted else ~stale for wanted in set(value))

    @api.depends("agency_id", "value", "partner_id")
    def _compute_display_name(self):
        for record in self:
            record.display_name = f"{record.partner_id.display_name}: {record.value} ({record.agency_id.name})"

    # -- what can't be ------------------------------------------------------------------

    @api.constrains("value", "agency_id")
    def _check_value(self):
        scale_of = {agency: agency._get_scale() for agency in self.agency_id}
        # Without an agency it can't be stored, and that is said by Odoo.
        for record in self.filtered("agency_id"):
            if rating.place(record.value or "", scale_of[record.agency_id]) is None:
                raise ValidationError(
                    self.env._(
                        "“%(value)s” of %(customer)s isn't a rating of %(agency)s: it gives %(known)s.",
                        value=record.value,
                        customer=record.partner_id.display_name,
                        agency=record.agency_id.display_name,
                        known=record.agency_id._describe_scale(),
                    )
                )

    @api.constrains("date", "date_stated")
    def _check_dates(self):
        for record in self:
            if record.date and record.date_stated and record.date_stated < record.date:
                raise ValidationError(
                    self.env._(
                        "Rating of %(customer)s, “Valid until”: %(until)s is before the day of the rating, %(day)s.",
                        customer=record.partner_id.display_name,
                        until=record.date_stated,
                        day=record.date,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Keep the rating on the commercial partner: who is rated is a company, not its contact."""
        for vals in vals_list:
            self._put_on_commercial(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._put_on_commercial(vals)
        return super().write(vals)

    @api.model
    def _put_on_commercial(self, vals):
        if vals.get("partner_id"):
            vals["partner_id"] = self.env["res.partner"].browse(vals["partner_id"]).commercial_partner_id.id

    # -- the ways in which others ask for ratings ------------------------------------------

    @api.model
    def _get_opinions(self, company, partner_ids, day=None):
        """Return ``{commercial partner id: [rating.Opinion]}``: the last word of each agency up to ``day``.

        With the rights of the system, in one query for any number of customers; prospects too. Ratings
        of all companies count. Stale ones are there: see :meth:`rating.Opinion.is_stale`.
        """
        day = day or company_today(self)
        records = self.sudo().search(
            [
                ("company_id", "in", (False, company.id)),
                ("partner_id", "in", list(partner_ids)),
                ("date", "<=", day),
            ],
            order="date desc, id desc",
        )
        last = {}
        for record in records:
            last.setdefault((record.partner_id.id, record.agency_id.id), record)
        opinions = defaultdict(list)
        for (partner_id, _agency_id), record in last.items():
            opinions[partner_id].append(record._prepare_opinion())
        return dict(opinions)

    def _prepare_opinion(self):
        return rating.Opinion(
            id=self.id,
            agency=self.agency_id.id,
            score=self.score,
            day=self.date,
            until=self.date_until or None,
            ceiling=self.ceiling,
            floor=self.floor,
            tolerance=self.agency_id.tolerance,
        )

    @api.model
    def _get_leading(self, company, partner_ids, day=None):
        """Return ``{commercial partner id: rating.Opinion}``: the latest valid word, else the latest stale one."""
        day = day or company_today(self)
        opinions = self._get_opinions(company, partner_ids, day)
        return {partner_id: rating.leading(found, day) for partner_id, found in opinions.items()}

    @api.model
    def _get_score_caps(self, company, partner_ids, day=None):
        """Return ``{commercial partner id: {code: figure}}`` of what valid ratings bound our own score to.

        The codes are ``rating_ceiling`` and ``rating_floor``; who isn't bounded isn't there.
        """
        day = day or company_today(self)
        caps = {}
        for partner_id, found in self._get_opinions(company, partner_ids, day).items():
            ceiling, floor = rating.bounds(found, day)
            facts = {"rating_ceiling": ceiling, "rating_floor": floor}
            facts = {code: figure for code, figure in facts.items() if figure is not None}
            if facts:
                caps[partner_id] = facts
        return caps

    # -- in words --------------------------------------------------------------------------

    @api.model
    def _describe_many(self, company, partner_ids):
        """Return ``{commercial partner id: rating_id, words, state, conflict}`` of those whose rating the user may see.

        ``state`` is valid or stale; ``conflict`` a sentence where our own score says something else.
        """
        today = company_today(self)
        leading = self._get_leading(company, partner_ids, today)
        visible = self.browse(opinion.id for opinion in leading.values())._filtered_access("read")
        own_scores = self._get_own_scores(company, leading)
        described = {}
        for partner_id, opinion in leading.items():
            record = self.browse(opinion.id) & visible
            if record:
                gap = rating.conflict(own_scores.get(partner_id), opinion, today)
                described[partner_id] = {
                    "rating_id": record.id,
                    "words": record._get_words(today),
                    "state": "stale" if opinion.is_stale(today) else "valid",
                    "conflict": gap and self._get_conflict_words(gap, own_scores[partner_id], opinion),
                }
        return described

    @api.model
    def _get_own_scores(self, company, partner_ids):
        """Return ``{commercial partner id: our own score}`` of those who have one in this company."""
        debtors = (
            self.env["credit.debtor"]
            .sudo()
            .search(
                [
                    ("company_id", "=", company.id),
                    ("partner_id", "in", list(partner_ids)),
                    ("score_state", "=", "scored"),
                ]
            )
        )
        return {debtor.partner_id.id: debtor.score_value for debtor in debtors}

    @api.model
    def _get_conflict_words(self, gap, own, opinion):
        values = {"points": f"{abs(gap):.0f}", "own": f"{own:.0f}", "theirs": f"{opinion.score:.0f}"}
        if gap > 0:
            return self.env._("%(points)s points above our own score: %(theirs)s against %(own)s", **values)
        return self.env._("%(points)s points below our own score: %(theirs)s against %(own)s", **values)

    def _get_words(self, today):
        """Return the rating in one line: ``3+ (85/100), Agency, 31 Jan 2026``."""
        record = self.sudo()
        values = {
            "value": record.value,
            "score": f"{record.score:.0f}",
            "agency": record.agency_id.name,
            "day": format_date(self.env, record.date),
        }
        if record.date_until and record.date_until < today:
            return self.env._("%(value)s (%(score)s/100), %(agency)s, %(day)s: stale", **values)
        return self.env._("%(value)s (%(score)s/100), %(agency)s, %(day)s", **values)

    # -- recording -------------------------------------------------------------------------

    @api.model
    def _record(self, vals_list):
        """Create these ratings; where an agency's rating of that day is known already, that one is brought up to date.

        :param vals_list: dicts with ``partner_id``, ``agency_id``, ``company_id`` and ``date``, no two of them the same
        :return: the ratings
        """
        names = ("partner_id", "agency_id", "company_id", "date")
        known = self.search([(name, "in", list({vals[name] for vals in vals_list})) for name in names])
        record_of = {record._get_key(): record for record in known}
        same = [(record_of.get(tuple(vals[name] for name in names)), vals) for vals in vals_list]
        for record, vals in same:
            if record:
                record.write(vals)
        created = self.create([vals for record, vals in same if not record])
        return self.union(*(record for record, _vals in same if record), created)

    def _get_key(self):
        return self.partner_id.id, self.agency_id.id, self.company_id.id, self.date
