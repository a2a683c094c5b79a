"""What may be sold on credit in the demonstration: limits, credit insurance, external ratings.

How to use it, after :func:`ledger.build`::

    from odoo.addons.credit_control.demo import risk
    risk.grant(env, date.today())

Apart from :mod:`ledger`, because those who had asked for something are told what was decided: call it only where
mail goes nowhere else than to a catcher. All is done by the buttons that people press, and moved back to its days
afterwards. Customers that aren't there are left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from odoo import Command


@dataclass(frozen=True)
class Limit:
    """A limit that was asked for ``ago`` days ago, and what was decided: granted, refused, or nothing yet.

    A temporary one ends in ``days``. ``review_in`` days it is to be looked at again, where not as the company does.
    """

    customer: str
    amount: float
    ago: int
    decided: str = "granted"
    days: int = 0
    review_in: int = 0
    why: str = ""
    answer: str = ""


@dataclass(frozen=True)
class Guarantee:
    """What was asked of the insurer ``ago`` days ago, and what of it was granted (0: refused; None: no answer yet)."""

    customer: str
    asked: float
    granted: float | None
    ago: int
    ends_in: int = 0
    kind: str = "permanent"


@dataclass(frozen=True)
class Rating:
    """What the agency said of a customer ``ago`` days ago."""

    customer: str
    value: str
    ago: int
    limit: float = 0.0


LIMITS = (
    Limit("Groupe Hôtelier Exemple", 90000, 210),
    Limit("Restauration Collective Nationale", 60000, 190),
    Limit("Équipements Fournil", 30000, 150),
    Limit("Moulin de la Vallée", 12000, 140),
    Limit("Boulangerie Exemple", 4000, 120),
    Limit("Hôtel de la Plage", 5000, 95),
    Limit("Hôtel des Voyageurs", 2000, 60),
    Limit("Traiteur du Canal", 2500, 80),
    Limit("Grossiste du Centre", 15000, 330, review_in=-6),
    Limit("Traiteur du Canal", 9000, 4, days=24, why="Banquets de fin d'année."),
    Limit("Hôtel de la Plage", 9000, 2, decided="", why="Ouverture d'un second établissement."),
    Limit("Salaisons de la Montagne", 6000, 1, decided="", days=45, why="Commande de saison."),
    Limit(
        "Traiteur des Lilas",
        12000,
        9,
        decided="refused",
        why="Le client demande un délai plus long.",
        answer="Deux factures en retard : d'abord le règlement.",
    ),
)
INSURER = "Assureur-crédit Exemple"
GUARANTEES = (
    Guarantee("Groupe Hôtelier Exemple", 80000, 60000, 200),
    Guarantee("Restauration Collective Nationale", 50000, 50000, 180),
    Guarantee("Enseigne Grand Nord", 25000, 25000, 345, ends_in=20),
    Guarantee("Équipements Fournil", 20000, 20000, 150),
    Guarantee("Équipements Fournil", 8000, 8000, 20, ends_in=40, kind="temporary"),
    Guarantee("Traiteur des Lilas", 8000, 0, 70),
    Guarantee("Moulin de la Vallée", 15000, None, 6),
)
AGENCY = "Agence de notation Exemple"
# (grade, its meaning in English and French, where it stands from 0 to 100)
SCALE = (
    ("A", "Very sound", "Très solide", 92),
    ("B", "Sound", "Solide", 72),
    ("C", "Average", "Moyen", 52),
    ("D", "Weak", "Fragile", 30),
    ("E", "In danger", "En danger", 8),
)
RATINGS = (
    Rating("Groupe Hôtelier Exemple", "A", 60, 100000),
    Rating("Équipements Fournil", "B", 45, 25000),
    Rating("Moulin de la Vallée", "C", 30, 10000),
    # Pays on time, and the agency warns.
    Rating("Traiteur du Canal", "E", 12, 500),
    # Stale.
    Rating("Hôtel de la Plage", "B", 420, 6000),
    # Has bought nothing yet.
    Rating("Traiteur Nouveau Départ", "D", 5, 1000),
)
PROSPECT = "Traiteur Nouveau Départ"
# What the company holds beside the rules that come with the addon, each before the milder one of its criterion.
RULES = (
    (
        "More than 90 days late",
        "Plus de 90 jours de retard",
        {"criterion": "overdue_days", "threshold": 90},
        "approval",
    ),
    ("In litigation", "En contentieux", {"criterion": "litigation"}, "hold"),
)


def grant(env, today: date):
    """Decide in ``env.company`` what this module says, as of ``today``."""
    DemoRisk(env, today).grant()


def find_user(env, group):
    """Return who was given this group in the company, else who runs this.

    The last of them: the administrator, who has every group, was there before.
    """
    people = [("group_ids", "in", env.ref(group).ids), ("company_ids", "in", env.company.ids), ("id", "!=", env.uid)]
    return env["res.users"].search(people, order="id desc", limit=1) or env.user


def write_french(record, **values):
    """Write the French words of a record, where the database speaks French."""
    if "fr_FR" in dict(record.env["res.lang"].get_installed()):
        record.with_context(lang="fr_FR").write(values)


class DemoRisk:
    """The steps of :func:`grant`."""

    def __init__(self, env, today):
        self.collector = find_user(env, "credit_control.group_collector")
        self.manager = find_user(env, "credit_control.group_manager")
        # What is written down is in the language of those who work here.
        self.env = env(context={"allowed_company_ids": env.company.ids, "lang": self.manager.lang})
        self.today = today
        self.company = self.env.company

    def grant(self):
        """Make everything."""
        self._make_prospect()
        self._add_rules()
        self._grant_limits()
        self._insure()
        self._rate()

    def _ago(self, days):
        return self.today - timedelta(days=days)

    def _find(self, stories: Iterable):
        """Yield each story with its customer."""
        names = {story.customer for story in stories}
        own = [("company_id", "=", self.company.id), ("name", "in", list(names)), ("parent_id", "=", False)]
        partner_of = {partner.name: partner for partner in self.env["res.partner"].search(own)}
        return [(story, partner_of[story.customer]) for story in stories if story.customer in partner_of]

    def _make_partner(self, name, **values):
        return self.env["res.partner"].create(
            {"name": name, "is_company": True, "company_id": self.company.id, **values}
        )

    def _make_prospect(self):
        self._make_partner(PROSPECT, city="Lille", country_id=self.env.ref("base.fr").id)

    def _add_rules(self):
        for place, (name, french, values, effect) in enumerate(RULES):
            vals = {"name": name, "effect": effect, "sequence": 22 + place, "company_id": self.company.id, **values}
            write_french(self.env["credit.rule"].with_context(lang="en_US").create(vals), name=french)

    # ------------------------------------------------------------ limits

    def _grant_limits(self):
        for story, partner in self._find(LIMITS):
            limit = self.env["credit.limit"].with_user(self.collector).create(self._prepare_limit(story, partner))
            if story.decided:
                self._decide(limit.with_user(self.manager), story)

    def _prepare_limit(self, story, partner):
        return {
            "partner_id": partner.id,
            "company_id": self.company.id,
            "amount": story.amount,
            "date_from": self._ago(story.ago),
            "date_to": self.today + timedelta(days=story.days) if story.days else False,
            "review_date": self._ago(-story.review_in) if story.review_in else False,
            "reason": story.why,
        }

    def _decide(self, limit, story):
        if story.decided == "refused":
            limit.decision_reason = story.answer
            limit.action_refuse()
        else:
            limit.action_approve()
        day = self._ago(story.ago)
        review = limit.review_date and not story.review_in
        limit.sudo().write(
            {
                "decided_on": day,
                "applied_on": limit.applied_on and day,
                "review_date": limit.review_date - timedelta(days=story.ago) if review else limit.review_date,
            }
        )

    # ------------------------------------------------------------ insurance

    def _insure(self):
        found = self._find(GUARANTEES)
        if not found:
            return
        insurance = self._make_policy()
        for story, partner in found:
            values = {
                "policy_id": insurance.id,
                "partner_id": partner.id,
                "kind": story.kind,
                "amount_requested": story.asked,
                "date_requested": self._ago(story.ago),
                "date_to": self.today + timedelta(days=story.ends_in) if story.ends_in else False,
            }
            request = self.env["credit.insurance.guarantee"].with_user(self.collector).create(values)
            if story.granted is not None:
                self._answer(request, story)

    def _make_policy(self):
        """Return a policy of a year that is under way, in force."""
        insurance = self.env["credit.insurance.policy"].create(
            {
                "name": "Clients France et Europe",
                "reference": "2100-4471",
                "insurer_id": self._make_partner(INSURER).id,
                "company_id": self.company.id,
                "discretionary_limit": 5000,
                "deductible": 2000,
                "maximum": 150000,
                "date_from": self._ago(350),
                "date_to": self.today + timedelta(days=15),
                "user_id": self.collector.id,
            }
        )
        insurance.action_activate()
        return insurance

    def _answer(self, request, story):
        answer = self.env["credit.insurance.answer"].with_user(self.collector)
        values = {
            "guarantee_id": request.id,
            "date": self._ago(max(story.ago - 4, 0)),
            "reference": f"G{request.id:05}",
        }
        if story.granted:
            answer.create({**values, "amount": story.granted, "date_to": request.date_to}).action_apply()
        else:
            answer.create({**values, "answer": "refuse", "note": "Bilan non publié."}).action_apply()

    # ------------------------------------------------------------ ratings

    def _rate(self):
        agency = (
            self.env["credit.rating.agency"]
            .with_context(lang="en_US")
            .create(
                {
                    "name": AGENCY,
                    "scale_ids": [
                        Command.create({"value": value, "name": meaning, "score": score})
                        for value, meaning, _french, score in SCALE
                    ],
                }
            )
        )
        for step, (_value, _meaning, french, _score) in zip(agency.scale_ids, SCALE, strict=True):
            write_french(step, name=french)
        self.env["credit.rating"].with_user(self.collector).create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": self.company.id,
                    "agency_id": agency.id,
                    "date": self._ago(story.ago),
                    "value": story.value,
                    "recommended_limit": story.limit,
                }
                for story, partner in self._find(RATINGS)
            ]
        )
