"""Ways to hand SMS to a provider: plain classes, one file each, that know nothing of the ORM."""

from .brevo import BrevoGateway
from .http_json import HttpJsonGateway
from .ovhcloud import OvhcloudGateway

GATEWAYS = {gateway.code: gateway for gateway in (HttpJsonGateway, BrevoGateway, OvhcloudGateway)}
