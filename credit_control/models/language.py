"""In whose language a task is written: of the person whose task it is, not of whoever or whatever made it."""

from odoo import models


def in_language_of(records: models.BaseModel, user: models.BaseModel) -> models.BaseModel:
    """Return ``records`` so that their terms are in the language of ``user``; without one as they are."""
    return records.with_context(lang=user.lang) if user.lang else records
