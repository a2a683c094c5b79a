import json
import logging
import secrets
from datetime import timedelta
from math import ceil

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import formatLang

from odoo.addons.credit_control.models.company_day import company_today

from ..core import answers, backoff, senders
from ..core.answers import Result
from ..core.delivery import UNCERTAIN
from ..core.news import REPLY
from ..gateways import GATEWAYS
from ..gateways.abstract import GatewayError, Message, Settings, is_safe_url
from ..gateways.http_json import BODY, fill_json
from ..numbering import read_number

_logger = logging.getLogger(__name__)

# How far back a provider is asked, and for how many uncertain messages at a time.
ASKED_FOR = timedelta(days=3)
ASKED_MOST = 100
SECRETS = ("token", "application_key", "application_secret", "consumer_key")
# An address or a body may hold a key as well.
HIDDEN = (*SECRETS, "webhook_token", "webhook_key", "url", "body")
KEYS = (*SECRETS, "webhook_key")
SET_UP = {"provider", "url", "body", "sender_name", "sender_number"}
ADMIN = "base.group_system"


def secret_field(kind, name, **options):
    """Return a field that administrators alone see, and that is kept in :class:`CreditSmsSecret`."""
    options = {"copy": False, **options}
    return kind(
        compute=lambda self: self._compute_secret(name),
        inverse=lambda self: self._inverse_secret(name),
        groups=ADMIN,
        exportable=False,
        **options,
    )


class CreditSmsGateway(models.Model):
    """A company's own provider of SMS: what Odoo's queue of SMS holds for the company leaves through it."""

    _name = "credit.sms.gateway"
    _description = "SMS gateway"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "company_id, sequence, id"

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True)
    active = fields.Boolean(default=True, help="The company's first active gateway carries all its SMS.")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    provider = fields.Selection(
        [(code, gateway.name) for code, gateway in GATEWAYS.items()], required=True, default="http_json"
    )
    account = fields.Char(help="OVHcloud: the name of the SMS service.")
    url = secret_field(
        fields.Char, "url", string="Address", copy=True, help="HTTPS, or this machine. Empty: the provider's own."
    )
    token = secret_field(
        fields.Char,
        "token",
        string="API key",
        help="HTTP/JSON: what stands in the header, whole (e.g. Bearer …).",
    )
    application_key = secret_field(fields.Char, "application_key")
    application_secret = secret_field(fields.Char, "application_secret")
    consumer_key = secret_field(fields.Char, "consumer_key")
    header = fields.Char(
        default="Authorization", groups=ADMIN, help="The header that carries the API key. Empty: none does."
    )
    body = secret_field(
        fields.Text,
        "body",
        copy=True,
        default=BODY,
        help="JSON; {{ number }}, {{ text }}, {{ sender }} and {{ uuid }} stand for the message's, {{ report_url }} "
        "for the address of reports and answers, {{ key }} for the API key.",
    )
    reference_key = fields.Char(
        string="Key of the reference",
        default="id",
        groups=ADMIN,
        help="The key of the answer that holds the provider's own reference.",
    )
    has_key = fields.Boolean(
        string="Sends once",
        help="The provider sends messages of the same key (uuid) once only: what may have left is then sent again.",
    )
    connections = fields.Integer(default=4, help="Messages handed over at the same time.")
    price = fields.Float(string="Price of a part", digits=(12, 4), help="In the company's currency.")
    sender_name = fields.Char(string="Sender's name", help="3 to 11 letters, digits and spaces.")
    sender_number = fields.Char(
        string="Sender's number",
        help="Used where names aren't allowed or not registered: a short number, or one with + and the country.",
    )
    sender_ids = fields.One2many("credit.sms.sender", "gateway_id", string="Senders by country")
    not_before = fields.Datetime(
        string="Waits until",
        readonly=True,
        copy=False,
        help="The provider asked not to be called before (Retry-After).",
    )
    warned_on = fields.Date(
        string="Warned on",
        readonly=True,
        copy=False,
        help="When the credit management was told that the month's budget is nearly spent.",
    )
    exceeded_on = fields.Date(
        string="Budget spent on",
        readonly=True,
        copy=False,
        help="When the credit management was told that the month's budget is spent.",
    )
    webhook_token = secret_field(fields.Char, "webhook_token", default=lambda self: secrets.token_urlsafe(32))
    webhook_key = secret_field(
        fields.Char,
        "webhook_key",
        string="Signing key",
        help="Where given, reports and answers have to be signed with it.",
    )
    webhook_url = fields.Char(
        string="Address for reports and answers", compute="_compute_webhook_url", groups=ADMIN, exportable=False
    )

    _connections_bounded = models.Constraint(
        "CHECK (connections BETWEEN 1 AND 32)", "Between 1 and 32 messages at the same time."
    )
    _price_positive = models.Constraint("CHECK (price >= 0)", "A price isn't negative.")

    @api.depends("webhook_token")
    def _compute_webhook_url(self):
        for gateway in self:
            path = f"/credit_sms/{gateway._origin.id}/{gateway.webhook_token}"
            gateway.webhook_url = f"{gateway.get_base_url()}{path}" if gateway._origin else False

    def _check_set_up(self):
        """Check the address and the body of the requests.

        :raise ValidationError: where nothing could be sent with them
        """
        for gateway in self:
            is_described = gateway.provider == "http_json"
            if is_described and not gateway.url:
                raise ValidationError(self.env._("The gateway “%s” needs an address.", gateway.name))
            if gateway.url and not is_safe_url(gateway.url):
                raise ValidationError(
                    self.env._(
                        "The address of the gateway “%s” must begin with https:// (or be on this machine), and must "
                        "not contain a password.",
                        gateway.name,
                    )
                )
            if is_described:
                gateway._check_body()
            if GATEWAYS[gateway.provider].needs_sender and not (gateway.sender_name or gateway.sender_number):
                raise ValidationError(
                    self.env._("The gateway “%s” needs a sender: a name, a number or both.", gateway.name)
                )

    def _check_body(self):
        try:
            json.loads(fill_json(self.body or BODY, Message("u", "n", "t")))
        except KeyError as error:
            raise ValidationError(
                self.env._("The body of the gateway “%(name)s” asks for %(key)s.", name=self.name, key=error)
            ) from None
        except ValueError:
            raise ValidationError(self.env._("The body of the gateway “%s” isn't JSON.", self.name)) from None

    @api.constrains("sender_name")
    def _check_sender_name(self):
        for gateway in self.filtered("sender_name"):
            if not senders.is_name(gateway.sender_name):
                raise ValidationError(
                    self.env._("“%s” can't be a sender name: 3 to 11 letters, digits and spaces.", gateway.sender_name)
                )

    @api.constrains("sender_number")
    def _check_sender_number(self):
        for gateway in self.filtered("sender_number"):
            if not senders.is_number(gateway.sender_number):
                raise ValidationError(
                    self.env._("“%s” can't be a sender's number: digits, or + and digits.", gateway.sender_number)
                )

    # -- secrets ------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        gateways = super().create(vals_list)
        gateways._check_set_up()
        return gateways

    def write(self, vals):
        if not {*SET_UP, *SECRETS}.isdisjoint(vals):
            # Who sets it up anew wants to see whether it works now.
            vals = {**vals, "not_before": False}
        done = super().write(vals)
        if not SET_UP.isdisjoint(vals):
            self._check_set_up()
        return done

    def _compute_secret(self, name):
        known = self.env["credit.sms.secret"]._read_values(self._origin.ids, name)
        for gateway in self:
            gateway[name] = known.get(gateway._origin.id, False)

    def _inverse_secret(self, name):
        for gateway in self:
            value = gateway[name] or ""
            if name in KEYS:
                gateway._check_key(name, value)
            self.env["credit.sms.secret"]._keep_value(gateway.id, name, value)

    def _check_key(self, name, value):
        if not value.isprintable() or not value.isascii():
            field = self._fields[name]._description_string(self.env)
            raise ValidationError(
                self.env._("“%s” has characters that no key has: was it copied as a whole, and nothing else?", field)
            )

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        """Secrets don't leave in a file, whoever asks."""
        if any(path and path[0] in (*HIDDEN, "webhook_url") for path in fields):
            raise AccessError(self.env._("Keys and addresses of SMS gateways aren't exported."))
        return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)

    def action_renew_webhook(self):
        """Make a new address for reports; the old one is refused from now on."""
        self.ensure_one()
        self.check_access("write")
        self.webhook_token = secrets.token_urlsafe(32)
        return True

    @api.model
    def _get_by_company(self, companies):
        """Return ``{company id: gateway}`` of those of ``companies`` that have one of their own."""
        found = {}
        for gateway in self.sudo().search([("company_id", "in", companies.ids)]):
            found.setdefault(gateway.company_id.id, gateway)
        return found

    def _rest(self, results):
        """Keep until when the gateway asked to be left alone, if one of ``results`` says so."""
        asked = [result.wait for result in results if result.is_general and result.wait is not None]
        if self and asked:
            self.not_before = fields.Datetime.now() + timedelta(seconds=backoff.wait(1, max(asked), True))

    def _get_rest(self):
        """Return the result of what isn't tried because the gateway asked to be left alone; None where it didn't."""
        rest = (self.not_before - fields.Datetime.now()).total_seconds() if self.not_before else 0
        return Result("", answers.RETRY, answers.SERVER, is_general=True, wait=ceil(rest)) if rest > 0 else None

    def _open(self):
        """Return the provider's class with what it is set up with."""
        gateway = self.sudo()
        options = {name: gateway[name] or "" for name in ("header", "body", "reference_key")}
        return GATEWAYS[gateway.provider](
            Settings(
                url=gateway.url or "",
                account=gateway.account or "",
                has_key=gateway.has_key and GATEWAYS[gateway.provider].may_have_key,
                connections=gateway.connections,
                report_url=gateway.webhook_url or "",
                options=options,
                secrets={name: gateway[name] or "" for name in SECRETS},
            )
        )

    def _sends_once(self):
        """Whether a message of the same key may be handed over again."""
        return bool(self) and self._open().settings.has_key

    def _get_sender(self, number):
        """Return the name or number from which ``number`` (E.164) is written to."""
        gateway = self.sudo()
        by_region = {sender.country_id.code: sender.name or "" for sender in gateway.sender_ids}
        region = read_number(number or "", "").region
        return senders.choose(region, by_region, gateway.sender_name or "", gateway.sender_number or "")

    def _warn_of_budget(self, spent):
        """Ask the credit management to look at the costs: once a month near the budget, once where it is spent."""
        today = company_today(self.company_id)
        told = ("exceeded_on", "warned_on") if spent >= self.company_id.credit_sms_budget else ("warned_on",)
        if self[told[0]] and self[told[0]] >= today.replace(day=1):
            return
        self.write(dict.fromkeys(told, today))
        user = self.company_id.credit_management_user_id or self.create_uid
        env = self.with_context(lang=user.lang).env
        note = env._(
            "%(spent)s of %(budget)s %(currency)s are spent.",
            spent=formatLang(env, spent, digits=2),
            budget=formatLang(env, self.company_id.credit_sms_budget, digits=2),
            currency=self.currency_id.name,
        )
        self.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=env._("SMS budget of %s", f"{today:%Y-%m}"),
            note=note,
            user_id=user.id,
        )

    @api.model
    def _cron_ask(self, now=None):
        """Ask those providers that don't tell everything by themselves.

        :param now: the moment (UTC, naive); without it the clock's
        """
        now = now or fields.Datetime.now()
        if self.env["credit.dunning.notice"]._is_neutralized():
            return
        providers = [code for code, gateway in GATEWAYS.items() if gateway.can_be_asked]
        notices = self.env["credit.dunning.notice"]
        for gateway in self.sudo().search([("provider", "in", providers)]):
            try:
                with notices._own_transaction():
                    gateway.with_company(gateway.company_id)._ask(now - ASKED_FOR)
            except GatewayError as error:
                _logger.warning("SMS gateway %s can't be asked: %s", gateway.id, error)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                _logger.info("SMS gateway %s is asked again later", gateway.id)
            except Exception:  # what one of them says must not keep the others from being asked
                _logger.exception("What SMS gateway %s answered can't be taken", gateway.id)

    def _ask(self, since):
        """Take what the provider knows of the time after ``since``."""
        recent = [("gateway_id", "=", self.id), ("create_date", ">=", since)]
        deliveries = self.env["credit.sms.delivery"].search([*recent, ("state", "=", UNCERTAIN)], limit=ASKED_MOST)
        replies = self.env["credit.sms.reply"].search_fetch([("gateway_id", "=", self.id)], ["reference"])
        known = set(replies.mapped("reference"))
        for news in self._open().ask(deliveries.mapped("uuid"), known, since):
            self._take_news(news)

    def _take_news(self, news):
        """Take what the provider tells; False where it is about a message that isn't ours."""
        if news.kind == REPLY:
            self.env["credit.sms.reply"]._receive(self, news.reference, news.number, news.text)
            return True
        deliveries = self.env["credit.sms.delivery"]
        names = [("uuid", "=", news.uuid)] if news.uuid else []
        names += [("reference", "=", news.reference)] if news.reference else []
        own = deliveries
        for name in names:
            own = own or deliveries.search([("gateway_id", "=", self.id), name], limit=1)
        own._take_report(news.state, news.detail)
        return bool(own) or self.env["credit.sms.early.report"]._keep(self, news)
