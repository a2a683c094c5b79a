import json
import math
from string import Formatter
from urllib.parse import quote

from odoo import models

from ..core import ledger_file, rating_file
from .abstract import NO_IDENTIFIER, NONSENSE, Answer, ProviderFailure

# What an address may name of the customer.
PLACEHOLDERS = ("vat", "siren", "registry", "ref", "name", "country")


def placeholders_of(url):
    """Return the names between braces in an address.

    :raise ValueError: where the braces don't match
    """
    return [name for _text, name, _spec, _conversion in Formatter().parse(url) if name is not None]


class CreditRatingProviderJson(models.AbstractModel):
    """A service that answers a GET with JSON: the record says where, with which key, and what stands where.

    The address names the customer: ``https://ratings.example.com/companies/{siren}``. Paths lead to the
    values in the answer: ``data.score`` or ``ratings.0.grade``.
    """

    _name = "credit.rating.provider.json"
    _inherit = "credit.rating.provider.handler"
    _description = "Rating provider that answers with JSON"

    def _ask(self, provider, partner):
        body = self._call(provider, self._get_url(provider, partner), self._get_headers(provider))
        try:
            data = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise ProviderFailure(NONSENSE, "JSON") from error
        return Answer(
            value=self._read_value(data, provider.value_path),
            day=self._read_date(data, provider.date_path),
            limit=self._read_limit(data, provider.limit_path),
            until=self._read_date(data, provider.until_path),
        )

    def _get_headers(self, provider):
        headers = {"Accept": "application/json"}
        if provider.sudo().key:
            headers[provider.key_header or "Authorization"] = provider.sudo().key
        return headers

    def _get_url(self, provider, partner):
        """Return the address for this customer.

        :raise ProviderFailure: where the customer lacks what the address names
        """
        values = {
            "vat": rating_file.squeeze(partner.vat or ""),
            "siren": rating_file.siren_of(partner.vat or "", partner.company_registry or ""),
            "registry": rating_file.squeeze(partner.company_registry or ""),
            "ref": partner.ref or "",
            "name": partner.name or "",
            "country": partner.country_id.code or "",
        }
        missing = [name for name in placeholders_of(provider.url) if not values.get(name)]
        if missing:
            raise ProviderFailure(NO_IDENTIFIER, ", ".join(missing))
        return provider.url.format(**{name: quote(value, safe="") for name, value in values.items()})

    def _read_path(self, data, path):
        """Return what stands at ``path`` (names and places, with dots between), None where nothing does."""
        for name in (path or "").split(".") if path else ():
            if isinstance(data, dict):
                data = data.get(name)
            elif isinstance(data, list) and name.isascii() and name.isdigit() and int(name) < len(data):
                data = data[int(name)]
            else:
                return None
        return data if path else None

    def _read_value(self, data, path):
        value = self._read_path(data, path)
        if isinstance(value, bool) or not isinstance(value, str | int | float) or not str(value).strip():
            raise ProviderFailure(NONSENSE, path)
        return str(value).strip()[:80]

    def _read_date(self, data, path):
        text = self._read_path(data, path)
        if text is None:
            return None
        day = ledger_file.parse_date(text, "ymd") if isinstance(text, str) else None
        if day is None:
            raise ProviderFailure(NONSENSE, path)
        return day

    def _read_limit(self, data, path):
        amount = self._read_path(data, path)
        if amount is None:
            return None
        try:
            amount = float("nan" if isinstance(amount, bool) else amount)
        except (TypeError, ValueError, OverflowError) as error:
            raise ProviderFailure(NONSENSE, path) from error
        if not math.isfinite(amount) or not 0 <= amount < 1e15:
            raise ProviderFailure(NONSENSE, path)
        return amount
