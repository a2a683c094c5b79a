import re
import uuid

from lxml import etree, html

from odoo import models
from odoo.exceptions import UserError
from odoo.tools.rendering_tools import parse_inline_template, render_inline_template

NOTICE = "credit.dunning.notice"


class MailTemplate(models.Model):
    """The words of a notice.

    A template of ``credit.dunning.notice`` knows, beside ``object``, the values that
    ``credit.dunning.notice._prepare_text_values`` gives (``total``, ``deadline``, ``items``…).
    """

    _inherit = "mail.template"

    def _render_notice_words(self, values_of):
        """Return subject and words of each notice, in this template's language (context).

        All notices are rendered by one compilation of the template. Where one of them
        breaks, each is rendered by itself, so that the others don't suffer.

        :param values_of: ``{notice id: values}``
        :return: ``{notice id: (subject, words)}``; a UserError in place of the pair where the
            template breaks, naming the template and the customer
        """
        self.ensure_one()
        try:
            return self._try_notice_words(values_of)
        except Exception:  # each notice by itself tells whose fault it is
            return {key: self._render_one_notice(key, values) for key, values in values_of.items()}

    def _render_one_notice(self, key, values):
        try:
            return self._try_notice_words({key: values})[key]
        except Exception as error:
            return UserError(
                self.env._(
                    "The text “%(template)s” can't be written for %(customer)s: %(error)s",
                    template=self.name,
                    customer=values["customer"],
                    error=_innermost(error),
                )
            )

    def _try_notice_words(self, values_of):
        common = self._render_eval_context()
        with self.env.cr.savepoint():
            bodies = self._render_notice_bodies(common, list(values_of.values()))
            subject = parse_inline_template(self.subject or "")
            return {
                key: (_one_line(render_inline_template(subject, common | values)), body)
                for (key, values), body in zip(values_of.items(), bodies, strict=True)
            }

    def _render_notice_bodies(self, common, letters):
        """Render the body once for all ``letters`` (values) and cut the result apart."""
        mark = uuid.uuid4().hex
        node = self._prepare_notice_tree(mark, letters[0])
        rendered = self.env["ir.qweb"]._render(node, common | {"letters": letters})
        # Each is in the <div> that made one fragment of the template.
        return [part.strip()[len("<div>") : -len("</div>")] for part in rendered.split(mark)[:-1]]

    def _prepare_notice_tree(self, mark, names):
        """Return the QWeb tree that writes the body for each letter, ``mark`` after each.

        What the template sets for one customer is emptied before the next. (A scope by
        ``t-call`` would do the same, but is compiled anew for each.)
        """
        body = html.fragment_fromstring(str(self.body_html or ""), create_parent="div")
        loop = etree.Element("t", {"t-foreach": "letters", "t-as": "letter"})
        for name in {node.get("t-set") for node in body.iter("*")} - {None}:
            etree.SubElement(loop, "t", {"t-set": name, "t-value": "None"})
        for name in names:
            etree.SubElement(loop, "t", {"t-set": name, "t-value": f"letter['{name}']"})
        loop.append(body)
        etree.SubElement(loop, "t").text = mark
        return loop

    def _render_template(self, template_src, model, res_ids, engine="inline_template", add_context=None, options=None):
        """Give a notice's values to whatever else renders its template (Odoo's own preview)."""
        render = super()._render_template
        if model != NOTICE or add_context:
            return render(template_src, model, res_ids, engine, add_context, options)
        values_of = self.env[NOTICE].browse(res_ids)._prepare_preview_values()
        return {
            res_id: render(template_src, model, [res_id], engine, values_of[res_id], options)[res_id]
            for res_id in res_ids
        }


def _one_line(text):
    return re.sub(r"\s+", " ", text).strip()


def _innermost(error):
    """Return the words of what went wrong first, without the source of the template."""
    while error.__cause__:
        error = error.__cause__
    return f"{type(error).__name__}: {error}" if not isinstance(error, UserError) else str(error)
