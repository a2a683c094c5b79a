from odoo import api, models

FOOTER_STYLE = ("--footer-font-name", "Lato", "--footer-font-size", "7", "--footer-spacing", "4")


class IrActionsReport(models.Model):
    """Footers that the printer writes itself: the text in the context's ``credit_footer``, and the page of pages.

    A footer in HTML is a web page of its own for each page, with Odoo's styles and scripts: of hundreds of them the
    printer fails to load some, and leaves these out without a word.
    """

    _inherit = "ir.actions.report"

    @api.model
    def _build_wkhtmltopdf_args(self, paperformat_id, landscape, *args, **options):
        found = super()._build_wkhtmltopdf_args(paperformat_id, landscape, *args, **options)
        footer = self.env.context.get("credit_footer")
        if footer:
            # What stands in brackets is the printer's to fill in.
            text = footer.replace("[", "(").replace("]", ")")
            found += ["--footer-right", f"{text} · [page] / [topage]", *FOOTER_STYLE]
        return found

    @api.model
    def _run_wkhtmltopdf(self, bodies, report_ref=False, header=None, footer=None, **options):
        if self.env.context.get("credit_footer"):
            # Odoo always hands over both, though there is nothing in them.
            header = footer = None
        return super()._run_wkhtmltopdf(bodies, report_ref, header, footer, **options)
