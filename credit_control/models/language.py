"""In whose language a task is written, and how that language writes a figure."""

from odoo import models
from odoo.api import Environment
from odoo.tools.misc import formatLang


def in_language_of(records: models.BaseModel, user: models.BaseModel) -> models.BaseModel:
    """Return ``records`` so that their terms are in the language of ``user``, whose task it is, not of whoever made it.

    Without a language of the user as they are.
    """
    return records.with_context(lang=user.lang) if user.lang else records


def format_figure(env: Environment, value: float) -> str:
    """Return ``value`` as the language of ``env`` writes it, with the decimals that it has, up to four."""
    decimals = f"{value:.4f}".rstrip("0").partition(".")[2]
    return formatLang(env, value, digits=len(decimals))
