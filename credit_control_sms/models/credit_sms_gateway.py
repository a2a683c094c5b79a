import secrets

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.credit_control.models.company_day import company_today

from ..core import senders
from ..core.delivery import FAILED
from ..core.news import REPLY
from ..gateways import GATEWAYS
from ..gateways.abstract import Message, Settings, is_safe_url
from ..gateways.http_json import BODY, fill_json
from ..numbering import read_number

SECRETS = ("token", "application_key", "application_secret", "consumer_key")
ADMIN = "base.group_system"


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
    url = fields.Char(string="Address", help="HTTPS, or this machine. Empty: the provider's own.")
    account = fields.Char(help="OVHcloud: the name of the SMS service.")
    token = fields.Char(
        string="API key",
        groups=ADMIN,
        copy=False,
        exportable=False,
        help="HTTP/JSON: what stands in the header, whole (e.g. Bearer …).",
    )
    application_key = fields.Char(groups=ADMIN, copy=False, exportable=False)
    application_secret = fields.Char(groups=ADMIN, copy=False, exportable=False)
    consumer_key = fields.Char(groups=ADMIN, copy=False, exportable=False)
    header = fields.Char(default="Authorization", help="The header that carries the API key.")
    body = fields.Text(
        default=BODY, help="JSON; {{ number }}, {{ text }}, {{ sender }} and {{ uuid }} stand for the message's."
    )
    reference_key = fields.Char(default="id", help="The key of the answer that holds the provider's own reference.")
    has_key = fields.Boolean(
        string="Sends once",
        help="The provider sends messages of the same key (uuid) once only: what may have left is then sent again.",
    )
    connections = fields.Integer(default=4, help="Messages handed over at the same time.")
    price = fields.Float(string="Price of a part", digits=(12, 4), help="In the company's currency.")
    sender_name = fields.Char(help="3 to 11 letters, digits and spaces.")
    sender_number = fields.Char(help="Used where names aren't allowed or not registered.")
    sender_ids = fields.One2many("credit.sms.sender", "gateway_id", string="Senders by country")
    webhook_token = fields.Char(
        groups=ADMIN, copy=False, exportable=False, default=lambda self: secrets.token_urlsafe(32)
    )
    webhook_key = fields.Char(
        string="Signing key",
        groups=ADMIN,
        copy=False,
        exportable=False,
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

    @api.constrains("url", "provider")
    def _check_url(self):
        for gateway in self:
            if gateway.provider == "http_json" and not gateway.url:
                raise ValidationError(self.env._("The gateway “%s” needs an address.", gateway.name))
            if gateway.url and not is_safe_url(gateway.url):
                raise ValidationError(
                    self.env._(
                        "The address of the gateway “%s” must begin with https:// (or be on this machine), and must "
                        "not contain a password.",
                        gateway.name,
                    )
                )

    @api.constrains("body", "provider")
    def _check_body(self):
        for gateway in self.filtered(lambda gateway: gateway.provider == "http_json"):
            try:
                fill_json(gateway.body or BODY, Message("u", "n", "t"))
            except KeyError as error:
                raise ValidationError(
                    self.env._("The body of the gateway “%(name)s” asks for %(key)s.", name=gateway.name, key=error)
                ) from None

    @api.constrains("sender_name")
    def _check_sender_name(self):
        for gateway in self.filtered("sender_name"):
            if not senders.is_name(gateway.sender_name):
                raise ValidationError(
                    self.env._("“%s” can't be a sender name: 3 to 11 letters, digits and spaces.", gateway.sender_name)
                )

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

    def _open(self):
        """Return the provider's class with what it is set up with."""
        gateway = self.sudo()
        options = {name: gateway[name] or "" for name in ("header", "body", "reference_key")}
        return GATEWAYS[gateway.provider](
            Settings(
                url=gateway.url or "",
                account=gateway.account or "",
                has_key=gateway.has_key,
                connections=gateway.connections,
                report_url=gateway.webhook_url or "",
                options=options,
                secrets={name: gateway[name] or "" for name in SECRETS},
            )
        )

    def _get_sender(self, number):
        """Return the name or number from which ``number`` (E.164) is written to."""
        gateway = self.sudo()
        by_region = {sender.country_id.code: sender.name or "" for sender in gateway.sender_ids}
        region = read_number(number or "", "").region
        return senders.choose(region, by_region, gateway.sender_name or "", gateway.sender_number or "")

    def _warn_of_budget(self, spent):
        """Ask the credit management to look at the costs, once a month."""
        month = company_today(self.company_id).strftime("%Y-%m")
        summary = self.env._("SMS budget of %s", month)
        if self.activity_ids.filtered(lambda activity: activity.summary == summary):
            return
        note = self.env._(
            "%(spent).2f of %(budget).2f are spent.", spent=spent, budget=self.company_id.credit_sms_budget
        )
        user = self.company_id.credit_management_user_id or self.create_uid
        self.activity_schedule("mail.mail_activity_data_warning", summary=summary, note=note, user_id=user.id)

    def _take_news(self, news):
        """Take what the provider tells; False where it is about a message that isn't ours."""
        if news.kind == REPLY:
            self.env["credit.sms.reply"]._receive(self, news.reference, news.number, news.text)
            return True
        own = self.env["credit.sms.delivery"].search(
            [
                ("gateway_id", "=", self.id),
                ("uuid", "=", news.uuid) if news.uuid else ("reference", "=", news.reference),
            ],
            limit=1,
        )
        own._record(news.state, "sms_not_delivered" if news.state == FAILED else "", news.detail)
        return bool(own)
