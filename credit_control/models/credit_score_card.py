from dataclasses import dataclass
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, format_date

from ..core import scoring
from .company_day import company_today
from .credit_score_scheme import GRADES

# With what the figure on the card is compared.
DELTA_DAYS = 30
# How far back the graph looks.
GRAPH_DAYS = 731
# What the engine keeps on the card.
FIGURES = {"score_id", "score_date", "score_state", "score_value", "score_grade"}
OBJECTED = "objected"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What rules may know of a score.

    ``state``: ``scored``, ``insufficient``, ``objected``, or empty before the first score.
    ``value`` and ``grade`` are None without one; a ceiling gives a grade even without a figure.
    ``label`` are the words for people. ``is_binding``: whether a rule may draw a consequence
    from it by itself. Of natural persons never (GDPR art. 22; CJEU C-634/21): a named person decides.
    """

    state: str
    value: float | None
    grade: str | None
    label: str
    is_binding: bool


class CreditScoreCard(models.AbstractModel):
    """The trust score on a debtor's card: the last one, where it comes from, and what the law asks for."""

    _name = "credit.score.card"
    _description = "Trust score of a debtor"

    # Those of the card itself; named here because the figures need them.
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")

    # Written by the engine, in one statement for all.
    score_id = fields.Many2one("credit.score", string="Last score", readonly=True, copy=False, index="btree_not_null")
    score_date = fields.Date(string="Scored on", readonly=True, copy=False)
    score_state = fields.Selection(
        [(scoring.SCORED, "Scored"), (scoring.INSUFFICIENT, "Insufficient data"), (OBJECTED, "Objected")],
        string="State of the score",
        readonly=True,
        copy=False,
    )
    score_value = fields.Float(string="Score", digits=(5, 2), readonly=True, copy=False, aggregator="avg")
    score_grade = fields.Selection(GRADES, string="Grade", readonly=True, copy=False)
    credit_score_objection = fields.Boolean(
        string="Objects to being scored",
        copy=False,
        tracking=True,
        help="A natural person may object to profiling (GDPR art. 21): no score is computed while this is set.",
    )
    is_natural_person = fields.Boolean(
        string="Natural person",
        compute="_compute_is_natural_person",
        search="_search_is_natural_person",
        help="A contact that isn't a company, or a customer of a segment of consumers. Nothing follows from the score "
        "of a natural person by itself.",
    )
    score_label = fields.Char(string="Trust", compute="_compute_score_label")
    score_delta = fields.Float(
        string="Change of the score",
        digits=(5, 2),
        compute="_compute_score_dial",
        help="Against the score of a month before; empty where there was none.",
    )
    score_dial = fields.Json(
        string="Dial of the score",
        compute="_compute_score_dial",
        help="What the dial shows: label, figure, grade, change.",
    )
    score_count = fields.Integer(
        string="Number of scores", compute="_compute_score_dial", help="Scores in the history."
    )
    score_graph = fields.Json(
        string="Graph of the score", compute="_compute_score_graph", help="The history of two years, for the graph."
    )
    score_explanation = fields.Html(
        string="Explanation of the score", compute="_compute_score_explanation", sanitize=False
    )

    # Whom it is about

    @api.depends("partner_id.is_company", "segment_id.kind")
    def _compute_is_natural_person(self):
        for debtor in self:
            debtor.is_natural_person = not debtor.partner_id.is_company or debtor.segment_id.kind == "consumer"

    def _search_is_natural_person(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._get_natural_person_domain()
        return Domain.OR(domain if wanted else ~domain for wanted in set(value))

    @api.model
    def _get_natural_person_domain(self):
        """Return the domain of the debtors that are natural persons: who isn't a company, and all consumers."""
        return Domain("partner_id.is_company", "=", False) | Domain("segment_id.kind", "=", "consumer")

    @api.constrains("credit_score_objection")
    def _check_credit_score_objection(self):
        for debtor in self.filtered("credit_score_objection"):
            if not debtor.is_natural_person:
                raise UserError(
                    self.env._(
                        "%s isn't a natural person: only natural persons may object to being scored.",
                        debtor.partner_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Scores are made by the engine, never by a user."""
        self._check_figures_untouched(*vals_list)
        return super().create(vals_list)

    def write(self, vals):
        """Take the score off the cards of those who object; a score follows when they no longer do."""
        self._check_figures_untouched(vals)
        result = super().write(vals)
        if "credit_score_objection" in vals:
            objecting = self.filtered("credit_score_objection")
            objecting._clear_score(OBJECTED)
            (self - objecting)._clear_score(False)
        return result

    def _check_figures_untouched(self, *vals_list):
        if not self.env.su and any(vals.keys() & FIGURES for vals in vals_list):
            raise AccessError(self.env._("A trust score is worked out; nobody writes it."))

    def _clear_score(self, state):
        self.sudo().write(
            {"score_id": False, "score_date": False, "score_state": state, "score_value": 0.0, "score_grade": False}
        )

    @api.model
    def _forget_erased_scores(self):
        """Take from the cards what stood in scores that were erased."""
        domain = [("score_id", "=", False), ("score_state", "in", (scoring.SCORED, scoring.INSUFFICIENT))]
        self.search(domain)._clear_score(False)

    # What is said of it

    @api.depends("score_id", "score_state")
    @api.depends_context("lang")
    def _compute_score_label(self):
        for debtor in self:
            debtor.score_label = debtor._get_score_label()

    def _get_score_label(self):
        """Return the words for the score: ``43 · D``, “insufficient data”, “objected”; everywhere the same."""
        scores = self.env["credit.score"]
        score = self.sudo().score_id
        return score.label if score else scores._get_label(self.score_state, None, None)

    def _get_score_verdicts(self):
        """Return ``{debtor id: Verdict}``, every debtor named: the one way for rules to ask for a score."""
        verdicts = {}
        for debtor in self.sudo():
            is_scored = debtor.score_state == scoring.SCORED
            verdicts[debtor.id] = Verdict(
                state=debtor.score_state or "",
                value=debtor.score_value if is_scored else None,
                grade=debtor.score_grade or None,
                label=debtor._get_score_label(),
                is_binding=bool(debtor.score_grade) and not debtor.is_natural_person,
            )
        return verdicts

    def _get_score_facts(self, as_of):
        """Return ``{debtor id: {code of a cap: figure of its own, or None}}`` of what limits a score.

        Extended by what knows of another fact: an external rating (``rating_ceiling`` and
        ``rating_floor``, each with its figure), a salesperson's warning (``warning``, with the
        points that it takes off). Facts that the scheme has no cap for do nothing.
        """
        procedures = self._get_procedures(as_of)
        return {debtor_id: dict.fromkeys(since) for debtor_id, since in procedures.items()}

    @api.depends("score_id", "score_state")
    @api.depends_context("lang")
    def _compute_score_dial(self):
        before = self._query_scores_before()
        counts = self._count_scores()
        for debtor in self:
            is_scored = debtor.score_state == scoring.SCORED
            earlier = before.get(debtor.id) if is_scored else None
            delta = None if earlier is None else debtor.score_value - earlier
            debtor.score_delta = delta or 0.0
            debtor.score_count = counts.get((debtor.partner_id.id, debtor.company_id.id), 0)
            debtor.score_dial = {
                "label": debtor._get_score_label(),
                "state": debtor.score_state or "",
                "value": scoring.shown(debtor.score_value) if is_scored else None,
                "grade": debtor.score_grade or "",
                "delta": None if earlier is None else scoring.shown(debtor.score_value) - scoring.shown(earlier),
            }

    def _query_scores_before(self):
        """Return ``{debtor id: figure}`` of the last score that was a month old when the present one was given."""
        if not self.ids:
            return {}
        self.env["credit.score"].flush_model()
        self.flush_model(["score_id", "partner_id", "company_id"])
        query = SQL(
            """
            SELECT DISTINCT ON (debtor.id) debtor.id, before.value::float8
              FROM credit_debtor debtor
              JOIN credit_score before
                ON before.partner_id = debtor.partner_id AND before.company_id = debtor.company_id
             WHERE debtor.id = ANY(%s)
               AND before.id <> debtor.score_id
               AND before.state = %s
               AND before.date <= debtor.score_date - %s
             ORDER BY debtor.id, before.date DESC
            """,
            self.ids,
            scoring.SCORED,
            DELTA_DAYS,
        )
        return dict(self.env.execute_query(query))

    def _count_scores(self):
        domain = [("partner_id", "in", self.partner_id.ids), ("company_id", "in", self.company_id.ids)]
        groups = self.env["credit.score"]._read_group(domain, ["partner_id", "company_id"], ["__count"])
        return {(partner.id, company.id): count for partner, company, count in groups}

    @api.depends("score_id")
    @api.depends_context("lang")
    def _compute_score_graph(self):
        scores = self._get_score_history()
        for debtor in self:
            own = scores.filtered(debtor._is_own)
            debtor.score_graph = debtor._prepare_graph(own) if len(own) > 1 else False

    def _prepare_graph(self, scores):
        """Return what the graph shows of at least two scores, oldest first: x runs from 0 to 1."""
        first, last = scores[0].date, scores[-1].date
        bands = scores[-1].version_id.content["bands"]
        return {
            "points": [
                {
                    "x": (score.date - first).days / (last - first).days,
                    "y": score.value,
                    "label": self._get_graph_label(score),
                }
                for score in scores
            ],
            "bands": [band for band in bands if band["minimum"]],
            "from": format_date(self.env, first),
            "to": format_date(self.env, last),
        }

    def _get_graph_label(self, score):
        words = f"{format_date(self.env, score.date)}: {score.label}"
        return self.env._("%s (worked out later)", words) if score.is_backfilled else words

    def _get_score_history(self):
        """Return the scores of two years that have a figure, oldest first."""
        since = company_today(self) - timedelta(days=GRAPH_DAYS)
        return self.env["credit.score"].search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("state", "=", scoring.SCORED),
                ("date", ">=", since),
            ],
            order="date, id",
        )

    # The explanation

    @api.depends_context("lang", "as_of", "uid")
    def _compute_score_explanation(self):
        for debtor in self:
            # A card that isn't stored yet has no score.
            debtor.score_explanation = bool(debtor.ids) and self.env["ir.qweb"]._render(
                "credit_control.score_explanation", {"explanation": debtor._explain_score()}
            )

    def _explain_score(self, as_of=None):
        """Return the score of the day in words: the values of the explanation and of the print.

        It is worked out anew, so that what paying would bring is exact.

        :param as_of: the day; today, or the context's, by default
        :return: ``label``, ``state``, ``date``, ``factors`` (name, value, share, points, sentence), ``caps`` and
            ``gains`` (sentences), ``plain``; only label, state and date for who objects
        """
        self.ensure_one()
        as_of = as_of or self.env["credit.open.item"]._as_of()
        common = {"date": format_date(self.env, as_of), "is_natural_person": self.is_natural_person}
        if self.credit_score_objection:
            label = self.env["credit.score"]._get_label(OBJECTED, None, None)
            return {**common, "label": label, "state": OBJECTED, "factors": [], "caps": [], "gains": []}
        engine = self.env["credit.score.engine"]
        measurement = engine._measure(self.company_id, self.ids, as_of)
        [customer] = measurement.customers
        score = customer.score
        return {
            **common,
            "label": self.env["credit.score"]._get_label(score.state, score.value, score.grade, score.ceiling),
            "state": score.state,
            "value": score.value,
            "plain": score.plain,
            "count": score.count,
            "minimum": measurement.version.content["minimum_items"],
            "version": measurement.version.number,
            "bands": [(band["grade"], band["minimum"]) for band in measurement.version.content["bands"]],
            "factors": self._explain_factors(measurement, customer),
            "caps": self._explain_caps(measurement, score),
            "gains": [self._explain_gain(gain, measurement) for gain in engine._get_gains(measurement, customer)],
        }

    def _explain_factors(self, measurement, customer):
        """Return a dict a factor, those that weigh most first, what has no material last."""
        rows = []
        by_id = {factor.id: factor for factor in measurement.weights}
        for part in customer.score.components:
            factor = by_id[part.factor].with_env(self.env).sudo()
            handler = factor._get_handler()
            is_known = part.value is not None
            inputs = customer.inputs.get(part.factor)
            rows.append(
                {
                    "code": factor.code,
                    "name": factor.name,
                    "description": factor.description or "",
                    "is_known": is_known,
                    "value": part.value,
                    "share": part.share,
                    "points": part.points,
                    "sentence": handler._explain(inputs, self.company_id.currency_id)
                    if is_known
                    else handler._explain_nothing(),
                }
            )
        return sorted(rows, key=lambda row: (not row["is_known"], -row["share"]))

    def _explain_caps(self, measurement, score):
        names = {cap.code: cap.name for cap in measurement.version.scheme_id.with_env(self.env).sudo().cap_ids}
        sentences = {
            scoring.AT_MOST: self.env._("%(cap)s: %(amount)g at most."),
            scoring.AT_LEAST: self.env._("%(cap)s: %(amount)g at least."),
            scoring.LESS: self.env._("%(cap)s: lowered by %(amount)g."),
        }
        return [
            sentences[cap.kind] % {"cap": names.get(cap.code, cap.code), "amount": cap.amount} for cap in score.caps
        ]

    def _explain_gain(self, gain, measurement):
        """Return what paying these items today would bring: a sentence and its figure."""
        names = [item.reference for item in gain.items]
        figure = scoring.shown(gain.value)
        grade = scoring.grade_of(gain.value, measurement.version._get_rules().bands)
        amount = format_amount(self.env, sum(item.amount for item in gain.items), self.company_id.currency_id)
        if len(names) == 1:
            sentence = self.env._("If %(item)s (%(amount)s) was paid today", item=names[0], amount=amount)
        elif len(names) == 2:
            sentence = self.env._(
                "If these two were paid today: %(first)s and %(second)s (%(amount)s)",
                first=names[0],
                second=names[1],
                amount=amount,
            )
        else:
            sentence = self.env._(
                "If all %(count)s overdue items were paid today (%(amount)s)", count=len(names), amount=amount
            )
        return {
            "sentence": sentence,
            "label": f"{figure} · {grade}",
            "value": gain.value,
            "item_ids": [item.id for item in gain.items],
        }

    # Buttons

    def action_compute_score(self):
        """Score these debtors as of today."""
        self.check_access("write")
        objecting = self.filtered("credit_score_objection")
        if objecting and len(self) == 1:
            raise UserError(
                self.env._("%s objects to being scored: no score is computed.", objecting.partner_id.display_name)
            )
        for company, debtors in (self - objecting).grouped("company_id").items():
            today = company_today(self)
            self.env["credit.score.engine"].with_company(company)._compute(company, debtors.ids, today)
        return True

    def action_explain_score(self):
        """Open the explanation of the score, in words."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why this score? %s", self.partner_id.display_name),
            "res_model": "credit.debtor",
            "res_id": self.id,
            "views": [[self.env.ref("credit_control.credit_debtor_view_form_score").id, "form"]],
            "target": "new",
        }

    def action_open_scores(self):
        """Open the history of the score."""
        return self._get_related_action("credit_control.credit_score_action")

    def action_propose_terms(self):
        """Propose the terms that go with the grade; a credit manager decides."""
        self.ensure_one()
        proposal = self.env["credit.terms.proposal"]._propose(self)
        return proposal._get_records_action(name=self.env._("Proposed terms"))
