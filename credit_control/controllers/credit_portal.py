from dataclasses import dataclass

from odoo import fields, http
from odoo.exceptions import UserError
from odoo.http import content_disposition, request

from odoo.addons.portal.controllers.portal import CustomerPortal

from ..core import allowance, answer_input
from ..models.company_day import company_today
from ..models.credit_customer_link import PATH

STATEMENT_REPORT = "credit_control.action_report_statement"
# The files and a bit of form around them; a form without files.
MAX_UPLOAD = answer_input.MAX_TOTAL_BYTES + 4 * answer_input.MEGABYTE
MAX_FORM = answer_input.MEGABYTE
# A link opens a statement: neither caches nor other sites nor search engines are to know it.
HEADERS = {
    "Cache-Control": "no-store, private",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "frame-ancestors 'none'",
}
KINDS = ("paid", "promise", "dispute")


@dataclass(frozen=True)
class Visit:
    """Who looks at whose statement, and by which way: ``user`` logged in, ``link`` of a message, ``look`` of ours."""

    debtor: object
    contact: object
    url: str
    way: str

    @property
    def is_look(self):
        """Whether it is only a look: our own people don't answer in a customer's name."""
        return self.way == "look" or request.env.user._is_internal()

    @property
    def key(self):
        """Return who is counted: a contact, whichever of their links they use."""
        return self.debtor.company_id.id, self.debtor.partner_id.id, self.contact.id


def route(paths, auth, max_content_length=MAX_FORM):
    """Return the route of these addresses of the portal.

    Each takes forms, also where nothing is asked: with two languages Odoo can't draw its page of what isn't there for
    a form that was sent to an address, or to one that begins with it, which takes none.
    """
    return http.route(
        paths,
        type="http",
        auth=auth,
        methods=["GET", "POST"],
        website=True,
        multilang=False,
        sitemap=False,
        max_content_length=max_content_length,
    )


def page(suffix, **options):
    """Return the route of a page of the statement, for each way to it.

    All of them are open to the public: who may see what is decided by :meth:`CreditPortal._visit`,
    the same way for each, and what isn't theirs looks to everybody as if it weren't there.
    """
    ways = [f"{PATH}/<int:company_id>", f"{PATH}/t/<string:token>", f"{PATH}/preview/<int:debtor_id>"]
    return route([way + suffix for way in ways], "public", **options)


class CreditPortal(CustomerPortal):
    """The customer's statement on the portal, and what they answer there."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "credit_count" in counters:
            values["credit_count"] = request.env["credit.debtor"]._count_portal_items(request.env.user.partner_id)
        return values

    # -- pages ----------------------------------------------------------------------

    @route(PATH, "user")
    def index(self, **_query):
        """Show the statement, or which companies there is one from."""
        debtors = request.env["credit.debtor"]._get_portal_debtors(request.env.user.partner_id)
        if len(debtors) == 1:
            return request.redirect(f"{PATH}/{debtors.company_id.id}")
        statements = [
            {"url": f"{PATH}/{debtor.company_id.id}", **debtor._with_reader(request.env.lang)._prepare_portal_head()}
            for debtor in debtors
        ]
        return self._render("credit_control.portal_companies", {"statements": statements, "page_name": "credit"})

    @page("")
    def statement(self, **way):
        """Show what is open, how late it is, and what was said about it."""
        visit = self._visit(**way)
        if not isinstance(visit, Visit):
            return visit
        statement = visit.debtor._prepare_portal_statement()
        values = {"statement": statement, "pay_all_url": self._get_pay_all_url(visit)}
        return self._render_visit("credit_control.portal_statement", visit, values)

    @page("/statement.pdf")
    def statement_pdf(self, **way):
        """Download the statement as of today."""
        visit = self._visit(**way)
        if not isinstance(visit, Visit):
            return visit
        if not self._is_allowed(allowance.FILES, visit):
            return self._too_many(visit)
        pdf, kind = visit.debtor._print_portal_statement()
        name = f"{visit.debtor.env._('Statement of account')} {company_today(visit.debtor)}.{kind}"
        mimetype = "application/pdf" if kind == "pdf" else "text/html; charset=utf-8"
        headers = [("Content-Type", mimetype), ("Content-Disposition", content_disposition(name))]
        return self._protect(request.make_response(pdf, headers))

    @page("/paid")
    def paid(self, **form):
        """Tell that it is paid."""
        return self._answer("paid", form)

    @page("/promise")
    def promise(self, **form):
        """Say by when it will be paid."""
        return self._answer("promise", form)

    @page("/dispute", max_content_length=MAX_UPLOAD)
    def dispute(self, **form):
        """Say what is wrong with it."""
        return self._answer("dispute", form)

    @page("/thanks/<string:kind>")
    def thanks(self, kind, **way):
        """Say that the answer arrived."""
        visit = self._visit(**way)
        if not isinstance(visit, Visit):
            return visit
        if kind not in KINDS:
            return self._gone()
        return self._render_visit("credit_control.portal_thanks", visit, {"kind": kind})

    @page("/document")
    def document(self, item="", act="", **way):
        """Go to Odoo's own page of an invoice: to look at it, download it or pay it.

        By a form and not a link, so that the page of the statement holds no key to any invoice. Whoever comes back to
        the address without the form is shown the statement.
        """
        visit = self._visit(**way)
        if not isinstance(visit, Visit):
            return visit
        if request.httprequest.method != "POST":
            return self._protect(request.redirect(visit.url))
        items = self._get_items(visit, [item] if isinstance(item, str) else [])
        if not items:
            return self._gone()
        if visit.is_look:
            return self._refuse(visit)
        if not self._is_allowed(allowance.FILES, visit):
            return self._too_many(visit)
        url = visit.debtor._get_portal_document_url(items, act)
        return self._protect(request.redirect(url, code=303, local=False)) if url else self._gone()

    # -- who ------------------------------------------------------------------------

    def _visit(self, company_id=None, token=None, debtor_id=None, **_form):
        """Return the visit, or the response to who may not."""
        if token is not None:
            return self._visit_by_link(token)
        if request.env.user._is_public():
            return request.redirect(f"/web/login?redirect={PATH}")
        return self._visit_by_look(debtor_id) if debtor_id is not None else self._visit_by_user(company_id)

    def _visit_by_user(self, company_id):
        contact = request.env.user.partner_id.sudo()
        debtors = request.env["credit.debtor"]._get_portal_debtors(contact)
        debtor = debtors.filtered(lambda debtor: debtor.company_id.id == company_id)
        if not debtor:
            return self._gone()
        return Visit(debtor._with_reader(request.env.lang, contact), contact, f"{PATH}/{company_id}", "user")

    def _visit_by_link(self, token):
        debtor, contact = request.env["credit.debtor"]._find_by_portal_token(token)
        if not debtor:
            is_allowed = self._count(allowance.GUESSES, {"address": self._get_address()})
            return self._gone() if is_allowed else self._too_many()
        self._speak(contact.lang)
        return Visit(debtor._with_reader(request.env.lang, contact), contact, f"{PATH}/t/{token}", "link")

    def _visit_by_look(self, debtor_id):
        debtor = request.env["credit.debtor"].browse(debtor_id).exists()
        # In any of the companies that the user may work for: the portal knows no choice of company.
        is_ours = request.env.user._is_internal() and debtor.with_context(allowed_company_ids=None).has_access("read")
        if not (debtor and is_ours):
            return self._gone()
        contact = debtor.partner_id.sudo()
        return Visit(
            debtor.sudo()._with_reader(request.env.lang, contact), contact, f"{PATH}/preview/{debtor_id}", "look"
        )

    def _speak(self, code):
        """Show the page in the contact's language, as the message was."""
        languages = request.env["res.lang"]
        code = request.env["ir.http"].get_nearest_lang(code)
        if code:
            request.lang = languages._get_data(code=code)
            request.update_context(lang=code)

    # -- answers --------------------------------------------------------------------

    def _answer(self, kind, form):
        visit = self._visit(**form)
        if not isinstance(visit, Visit):
            return visit
        # A file where a text belongs is no text.
        form = {name: value for name, value in form.items() if isinstance(value, str)}
        if request.httprequest.method != "POST":
            return self._render_form(kind, visit, form)
        if visit.is_look:
            return self._refuse(visit)
        if not self._is_allowed(allowance.ANSWERS, visit):
            return self._too_many(visit)
        try:
            with request.env.cr.savepoint():
                getattr(self, f"_take_{kind}")(visit, form)
        except UserError as error:
            return self._render_form(kind, visit, form, str(error))
        return self._protect(request.redirect(f"{visit.url}/thanks/{kind}", code=303))

    def _take_paid(self, visit, form):
        items = self._get_chosen_items(visit)
        date = self._read_date(form.get("date"))
        visit.debtor._answer_paid(visit.contact, items, date, form.get("reference"), form.get("note"))

    def _take_promise(self, visit, form):
        items = self._get_chosen_items(visit)
        amount = answer_input.read_amount(form.get("amount") or "")
        date = self._read_date(form.get("date"))
        visit.debtor._answer_promise(visit.contact, items, amount, date, form.get("note"))

    def _take_dispute(self, visit, form):
        parts = {item: self._read_part(form.get(f"amount_{item.id}")) for item in self._get_chosen_items(visit)}
        reasons = visit.debtor._get_portal_reasons()
        reason = reasons.filtered(lambda reason: [reason.id] == answer_input.read_ids([form.get("reason") or ""]))
        visit.debtor._answer_dispute(visit.contact, parts, reason, form.get("text"), self._read_files())

    def _get_chosen_items(self, visit):
        """Return the items that were ticked; one that isn't the customer's is no longer there, to them."""
        ids = request.httprequest.form.getlist("item")
        items = self._get_items(visit, ids)
        if len(items) != len(set(ids)):
            raise UserError(
                request.env._("What is open has changed meanwhile: please look at the list and choose again.")
            )
        return items

    def _get_items(self, visit, texts):
        """Return the items with these ids on the customer's statement, no others."""
        wanted = set(answer_input.read_ids(texts))
        return visit.debtor._get_portal_items().filtered(lambda item: item.id in wanted)

    def _read_date(self, text):
        try:
            day = fields.Date.to_date((text or "").strip()[:10])
        except ValueError:
            day = None
        if not day:
            raise UserError(request.env._("Choose a day."))
        return day

    def _read_part(self, text):
        """Return the disputed amount: 0 where nothing was written, for all of it; None where it can't be read."""
        return answer_input.read_amount(text) if (text or "").strip() else 0.0

    def _read_files(self):
        """Return what was sent along, no more than is needed to see that it is too much."""
        files = [file for file in request.httprequest.files.getlist("files") if file.filename]
        found = []
        for file in files[: answer_input.MAX_FILES + 1]:
            # Where the request is replayed, Odoo rewinds only the first file of each name.
            file.seek(0)
            found.append((file.filename, file.read(answer_input.MAX_FILE_BYTES + 1)))
        return found

    # -- how often ------------------------------------------------------------------

    def _is_allowed(self, allowances, visit):
        company, partner, _contact = visit.key
        who = {"visitor": visit.key, "address": self._get_address(), "debtor": (company, partner)}
        return self._count(allowances, who)

    def _count(self, allowances, who):
        return request.env["credit.portal.count"].sudo()._allow(allowances, who)

    def _get_address(self):
        return request.httprequest.remote_addr or ""

    # -- responses ------------------------------------------------------------------

    def _render_form(self, kind, visit, form, error=""):
        statement = visit.debtor._prepare_portal_statement()
        chosen = set(self._get_ticked(form))
        values = {
            "statement": statement,
            "form": form,
            "chosen": chosen,
            "is_new": request.httprequest.method != "POST",
            "error": error,
            "kind": kind,
            **visit.debtor._prepare_portal_form(kind),
            **self._prepare_promise(statement, form, chosen),
        }
        response = self._render_visit(f"credit_control.portal_form_{kind}", visit, values)
        response.status_code = 422 if error else 200
        return response

    def _prepare_promise(self, statement, form, chosen):
        """Return the section of the one currency that is promised in, and the amount to suggest."""
        parts = [part for part in statement["sections"] if any(row["asked_value"] for row in part["rows"])]
        named = [part for part in parts if part["currency"] == form.get("currency")]
        section = next(iter([*named, *parts]), None)
        rows = section["rows"] if section else []
        ticked = [row for row in rows if (row["id"] in chosen if chosen else row["days_late"])]
        total = sum(row["asked_value"] for row in ticked)
        return {"section": section, "parts": parts, "suggested": f"{total:.{section['decimals']}f}" if total else ""}

    def _get_ticked(self, form):
        if request.httprequest.method == "POST":
            return answer_input.read_ids(request.httprequest.form.getlist("item"))
        return answer_input.read_ids([form["item"]] if form.get("item") else [])

    def _render_visit(self, template, visit, values):
        common = {
            "visit": visit,
            "page_name": "credit",
            "no_breadcrumbs": visit.way != "user",
            "company_name": visit.debtor.company_id.name,
        }
        return self._render(template, {**common, **values, "res_company": visit.debtor.company_id})

    def _render(self, template, values, status=200):
        values = {"html_data": {"lang": (request.env.lang or "en_US").replace("_", "-")}, **values}
        return self._protect(request.render(template, values, status=status))

    def _protect(self, response):
        response.headers.update(HEADERS)
        return response

    def _gone(self):
        """Answer who asks for what isn't there, or isn't theirs: nobody can tell which."""
        return self._render("credit_control.portal_gone", {"page_name": "credit", "no_breadcrumbs": True}, status=404)

    def _refuse(self, visit):
        return self._render("credit_control.portal_look_only", {"visit": visit, "no_breadcrumbs": True}, status=403)

    def _too_many(self, visit=None):
        values = {"visit": visit, "page_name": "credit", "no_breadcrumbs": True}
        response = self._render("credit_control.portal_too_many", values, status=429)
        response.headers["Retry-After"] = str(10 * allowance.MINUTE)
        return response

    def _get_pay_all_url(self, visit):
        """Return Odoo's page that pays all overdue invoices at once; it is for who is logged in, in one currency."""
        if visit.way != "user" or not visit.debtor._has_portal_payment():
            return ""
        moves = request.env["account.move"].search(self._get_overdue_invoices_domain())
        is_one = len(moves.currency_id) == 1 and moves.company_id == visit.debtor.company_id.with_env(moves.env)
        return "/my/invoices/overdue" if is_one else ""
