import re
from dataclasses import replace
from typing import NamedTuple

from markupsafe import Markup

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext
from odoo.tools.rendering_tools import convert_inline_template_to_qweb

from ..channels.abstract import Content


class Medium(NamedTuple):
    """How a text is set: where its template stands, the QWeb view around it, its tables."""

    template_field: str
    document: str
    blocks: str
    is_formal: bool


MAIL = Medium("mail_template_id", "credit_control.mail_document", "credit_control.mail_", is_formal=False)
LETTER = Medium("letter_template_id", "credit_control.letter_document", "credit_control.letter_", is_formal=True)

# Stands in the rendered words where a block (table of items, bank details…) belongs. Private
# use characters: no customer's name holds them.
MARK = "\ue000%s\ue001"
MARK_PATTERN = re.compile("\ue000(\\w+)\ue001")
BLOCKS = ("summary", "items", "instalments", "charges", "parties", "payment", "answers", "signature")


class CreditDunningMessageText(models.AbstractModel):
    """What the customer reads.

    How it works: the notices are grouped by company, language and template. For a group
    the values are gathered in few queries, the words of the template are rendered for all
    at once, then each is set in its layout with its tables.
    """

    _name = "credit.dunning.message.text"
    _description = "What the customer reads"

    def _render_mail_contents(self, attachments=True):
        """Return each notice as an e-mail, in the customer's language.

        :param attachments: False for a preview: statement and invoices aren't made
        :return: ``{notice id: Content}``, a UserError in place of a content where its
            template can't be rendered
        """
        return self._render_contents(MAIL, attachments)

    def _render_letter_contents(self, attachments=True):
        """Return each notice as a letter; see :meth:`_render_mail_contents`.

        The body is what stands between the address and the foot of the page.
        """
        return self._render_contents(LETTER, attachments)

    def _render_call_scripts(self):
        """Return for each notice what the caller may say, in the *caller's* language.

        Scripts name their values in double braces, ``{{ total }}``: the editor of HTML keeps these.
        """
        contents = {}
        values_of = self._prepare_text_values()
        for step, notices in self.grouped("step_id").items():
            script = convert_inline_template_to_qweb(Markup(step.call_script or ""))
            template = self.env["mail.template"].new({"name": step.name, "subject": step.name, "body_html": script})
            words = template._render_notice_words({notice.id: values_of[notice.id] for notice in notices})
            contents |= {key: _as_script(pair) for key, pair in words.items()}
        return contents

    def _render_contents(self, medium, attachments):
        edited = self.filtered("is_edited")
        contents = {notice.id: Content(notice.subject or "", notice.body or "") for notice in edited}
        for (company, lang), notices in (self - edited).grouped(lambda n: (n.company_id, n._get_text_lang())).items():
            contents |= notices.with_context(lang=lang, tz=company.partner_id.tz or self.env.user.tz)._render_language(
                medium
            )
        if attachments:
            for notice_id, ids in self._prepare_attachments(contents).items():
                contents[notice_id] = replace(contents[notice_id], attachment_ids=tuple(ids))
        return contents

    def _get_text_lang(self):
        """Return the language the customer is written in: their own where it is installed."""
        installed = dict(self.env["res.lang"].get_installed())
        wanted = (self.partner_id.lang, self.company_id.partner_id.lang, self.env.lang, "en_US")
        return next((lang for lang in wanted if lang in installed), None)

    def _render_language(self, medium):
        contents = {}
        values_of = self._prepare_text_values(medium.is_formal)
        for template, notices in self._group_by_text(medium).items():
            if not template:
                contents |= {notice.id: notice._no_text_error(medium) for notice in notices}
                continue
            # A template is the manager's; who sends a notice needn't be allowed to edit it.
            words = template.sudo()._render_notice_words({notice.id: values_of[notice.id] for notice in notices})
            for key, found in words.items():
                failed = isinstance(found, Exception)
                contents[key] = found if failed else self._set_in_layout(medium, values_of[key], *found)
        return contents

    def _group_by_text(self, medium):
        """Return ``{template: notices}``; each step is asked once which text it has."""
        groups = {}
        for (template, step), notices in self.grouped(lambda notice: (notice.template_id, notice.step_id)).items():
            text = template or (step and step._get_text(medium.template_field))
            groups[text] = groups.get(text, self.browse()) + notices
        return groups

    def _no_text_error(self, medium):
        label = self.step_id._fields[medium.template_field].get_description(self.env, ["string"])["string"]
        return UserError(
            self.env._(
                "The step “%(step)s” has no text for %(customer)s: choose its “%(field)s”.",
                step=self.step_id.name or "",
                customer=self.partner_id.display_name,
                field=label,
            )
        )

    def _set_in_layout(self, medium, values, subject, words):
        """Return the content made of ``words`` with its blocks in the layout of ``medium``."""
        # Words at the even places, names of blocks at the odd ones.
        pieces = [Markup(piece) for piece in MARK_PATTERN.split(words)]
        body = self.env["ir.qweb"]._render(
            medium.document,
            values | {"subject": subject, "pieces": pieces, "blocks": medium.blocks},
            minimal_qcontext=True,
        )
        # Without it mail readers and browsers fall back to the rules of old pages, where tables inherit no font.
        doctype = Markup("<!DOCTYPE html>") if medium is MAIL else Markup()
        return Content(subject, doctype + body, text=self._prepare_plain_text(values, words))

    def _prepare_plain_text(self, values, words):
        """Return the words in plain text, the blocks in lines of text."""
        text = html2plaintext(str(words).replace("</p>", "</p><br/>"))
        text = MARK_PATTERN.sub(lambda found: "\n" + self._prepare_text_block(found[1], values) + "\n", text)
        return re.sub(r"\n\s*\n\s*(\n\s*)+", "\n\n", text).strip() + "\n"

    def _prepare_preview_values(self):
        """Return the values with each block as HTML, for renderers that know no marks."""
        result = {}
        for notice_id, values in self._prepare_text_values().items():
            blocks = {name: self._render_block(name, values) for name in BLOCKS if values[name]}
            result[notice_id] = values | blocks
        return result

    def _render_block(self, name, values):
        return self.env["ir.qweb"]._render(MAIL.blocks + name, values, minimal_qcontext=True)


def _as_script(found):
    return found if isinstance(found, Exception) else Content(found[0], found[1])
