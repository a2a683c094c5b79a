"""Search on relational fields that are computed: one shape for all of them."""

from collections.abc import Callable

from odoo.fields import Domain
from odoo.models import BaseModel


def search_through(comodel: BaseModel, operator: str, value, to_domain: Callable[[BaseModel], Domain]):
    """Return the domain of the records that are linked with what the condition names.

    :param comodel: the model that the field points at
    :param operator: ``in`` (with ids, and False for "none at all") or ``any`` (with a domain)
    :param to_domain: gives the domain of the records linked with some records of ``comodel``
    :return: a domain, or NotImplemented for other operators, which Odoo derives or refuses
    """
    if operator == "in":
        domain = to_domain(comodel.browse([record_id for record_id in value if record_id]))
        return domain | ~to_domain(comodel.search([])) if False in value else domain
    if operator in ("any", "any!"):
        found = comodel.search(value) if isinstance(value, Domain | list) else comodel.search([("id", "in", value)])
        return to_domain(found)
    return NotImplemented
