import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..rating_providers.abstract import ERROR, STOPPING, UNKNOWN_VALUE, ProviderFailure, is_safe
from ..rating_providers.json_provider import PLACEHOLDERS, placeholders_of
from .company_day import company_today

_logger = logging.getLogger(__name__)

BATCH = 50
MAX_DETAIL = 120


class CreditRatingProvider(models.Model):
    """A service that a company asks for ratings over the Internet: where, with which key, how patiently.

    Only administrators set one up: who could change the address could have the key sent elsewhere.
    """

    _name = "credit.rating.provider"
    _description = "Rating provider"
    _inherit = ["credit.plug"]
    _order = "sequence, id"
    _check_company_auto = True
    _plug_method = "_ask"

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    agency_id = fields.Many2one("credit.rating.agency", required=True, ondelete="restrict")
    handler = fields.Char(
        required=True,
        default="credit.rating.provider.json",
        help="Technical name of the model that asks it. The one shipped reads any JSON.",
    )
    url = fields.Char(
        string="Address",
        required=True,
        help="HTTPS. Names of the customer stand in braces: {vat}, {siren}, {registry}, {ref}, {name}, {country}; "
        "for instance https://ratings.example.com/companies/{siren}",
    )
    key_header = fields.Char(
        string="Header of the key", default="Authorization", help="The name of the HTTP header that carries the key."
    )
    key = fields.Char(
        groups="base.group_system",
        copy=False,
        help="Sent in that header as it is, for instance Bearer and the token. It is never shown in logs or messages.",
    )
    timeout = fields.Float(
        string="Wait for (seconds)",
        default=10.0,
        required=True,
        help="After that the provider counts as not answering; it is asked again later.",
    )
    max_kb = fields.Integer(
        string="Largest answer (kB)", default=256, required=True, help="A larger answer is refused."
    )
    value_path = fields.Char(string="Rating at", default="rating", help="Where it stands: data.score, ratings.0.grade")
    date_path = fields.Char(string="Day at", help="Where the day of the rating stands; empty: today.")
    until_path = fields.Char(
        string="Valid until at", help="Where the last day of the rating stands; empty: it has none."
    )
    limit_path = fields.Char(
        string="Recommended limit at", help="Where the limit that they recommend stands; empty: none."
    )
    currency_id = fields.Many2one(
        "res.currency", string="Currency of limits", required=True, default=lambda self: self.env.company.currency_id
    )
    refresh = fields.Boolean(string="Renew stale ratings", help="Every night, ratings of its agency that are stale.")
    request_count = fields.Integer(string="Number of requests", compute="_compute_request_count")

    _patience = models.Constraint(
        "CHECK (timeout >= 0.1 AND timeout <= 60 AND max_kb BETWEEN 1 AND 10240)",
        "Wait for 0.1 to 60 seconds, and for answers of up to 10240 kB.",
    )

    def _compute_request_count(self):
        groups = self.env["credit.rating.request"]._read_group(
            [("provider_id", "in", self.ids)], ["provider_id"], ["__count"]
        )
        counts = {provider.id: count for provider, count in groups}
        for provider in self:
            provider.request_count = counts.get(provider.id, 0)

    @api.constrains("url")
    def _check_url(self):
        for provider in self:
            if not provider._is_url_sound():
                raise ValidationError(
                    self.env._(
                        "%(provider)s, “Address”: it begins with https://, has no password in it, and names the "
                        "customer by %(names)s in its path only.",
                        provider=provider.name,
                        names=", ".join(f"{{{name}}}" for name in PLACEHOLDERS),
                    )
                )

    def _is_url_sound(self):
        """Whether the address is safe, and names the customer by what we know, outside of the host."""
        try:
            names = placeholders_of(self.url)
            address = self.url.format(**dict.fromkeys(PLACEHOLDERS, "x"))
        except (ValueError, KeyError, IndexError, AttributeError):
            return False
        host = self.url.split("://")[-1].split("/")[0]
        return set(names) <= set(PLACEHOLDERS) and "{" not in host and is_safe(address)

    # -- asking ----------------------------------------------------------------------------

    def _fetch(self, partners):
        """Ask this provider for the ratings of these customers, one by one, and keep what it says.

        It never raises: what goes wrong is in the log of requests. Where asking on makes no
        sense (it can't be reached, asks us to wait), the rest isn't asked.

        :return: the ``credit.rating.request`` rows, one for each customer that was asked for
        """
        self.ensure_one()
        provider = self.sudo().with_company(self.company_id)
        log = provider.env["credit.rating.request"]
        for partner in partners.sudo().commercial_partner_id:
            request = log.create(provider._ask_for(partner))
            log |= request
            if request.reason in STOPPING:
                break
        return log

    def _ask_for(self, partner):
        """Ask for one customer, and return the values of the row that says what came of it."""
        vals = {"provider_id": self.id, "partner_id": partner.id, "user_id": self.env.uid}
        try:
            with self.env.cr.savepoint():
                return {**vals, "rating_id": self._record_answer(partner).id}
        except ProviderFailure as failure:
            code, detail = failure.code, failure.detail
        except ValidationError:
            code, detail = UNKNOWN_VALUE, ""
        except Exception as error:
            # Its words may hold the address or a header: its kind is enough to look for it.
            code, detail = ERROR, type(error).__name__
        detail = self._hide_key(str(detail))[:MAX_DETAIL]
        _logger.warning("Rating provider %s, customer %s: %s %s", self.id, partner.id, code, detail)
        return {**vals, "state": "failed", "reason": code, "detail": detail}

    def _hide_key(self, text):
        """Return the text without the key, should a provider ever repeat it."""
        key = (self.key or "").strip()
        for secret in {key, key.split(" ")[-1]} - {""}:
            text = text.replace(secret, "***")
        return text

    def _record_answer(self, partner):
        answer = self._get_handler()._ask(self, partner)
        today = company_today(self)
        vals = {
            "partner_id": partner.id,
            "agency_id": self.agency_id.id,
            "company_id": self.company_id.id,
            "date": min(answer.day or today, today),
            "value": answer.value,
            "recommended_limit": answer.limit or 0.0,
            "currency_id": self.currency_id.id,
            "date_stated": answer.until or False,
            "source": "provider",
        }
        return self.env["credit.rating"]._record([vals])

    @api.model
    def _fetch_for_person(self, partner):
        """Ask all providers of the current company for one customer; return the notification that says what came."""
        self.env["credit.rating"].check_access("create")
        providers = self.sudo().search([("company_id", "=", self.env.company.id)])
        log = self.env["credit.rating.request"].sudo()
        for provider in providers:
            log |= provider._fetch(partner)
        sentences = [request._get_sentence() for request in log]
        failed = all(request.state == "failed" for request in log)
        message = "\n".join(sentences) or self.env._("No rating provider is set up for this company.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": "warning" if failed else "success",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_open_requests(self):
        """Open what was asked, and what came of it."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_rating_request_action")
        action["domain"] = [("provider_id", "=", self.id)]
        return action

    # -- every night -----------------------------------------------------------------------

    @api.model
    def _cron_refresh(self):
        """Ask again for what is stale; each customer is asked for once a day, each answer kept at once."""
        for provider in self.search([("refresh", "=", True)]):
            for partner in provider._get_stale_partners():
                request = provider._fetch(partner)
                time_left = self.env["ir.cron"]._commit_progress(1)
                if request.reason in STOPPING or not time_left:
                    break

    def _get_stale_partners(self):
        """Return customers whose last rating of this agency is stale and that weren't asked for since yesterday."""
        today = company_today(self)
        mine = [("agency_id", "=", self.agency_id.id), ("company_id", "in", (False, self.company_id.id))]
        ratings = self.env["credit.rating"].sudo()
        valid = ratings._search([*mine, "|", ("date_until", "=", False), ("date_until", ">=", today)])
        asked = (
            self.env["credit.rating.request"]
            .sudo()
            ._search([("provider_id", "=", self.id), ("date", ">=", fields.Datetime.now() - timedelta(hours=20))])
        )
        return ratings.search(
            [
                *mine,
                ("date_until", "<", today),
                ("partner_id", "not in", valid.subselect("partner_id")),
                ("partner_id", "not in", asked.subselect("partner_id")),
                ("partner_id.active", "=", True),
            ],
            order="date_until, id",
            limit=BATCH,
        ).partner_id
