from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..core import rating, rating_file
from ..core.ledger_file import Problem
from ..models.company_day import company_today
from . import credit_rating_import_sentences as words

SHOWN_PROBLEMS = 100
SHOWN_ROWS = 10
PLAIN = SQL("'[^0-9A-Z]'")


class CreditRatingImport(models.TransientModel):
    """Load an agency's ratings from a CSV.

    Customers are found by VAT number, SIREN or register number, our reference, or name. A rating
    of a day that is known already is brought up to date, so the same file can be loaded twice.
    """

    _name = "credit.rating.import"
    _description = "Import of external ratings"
    _inherit = "credit.file.import"

    agency_id = fields.Many2one("credit.rating.agency", required=True)
    file = fields.Binary(string="Ratings (CSV)")
    skip_unknown = fields.Boolean(
        string="Leave out unknown customers",
        help="Rows of customers that aren't known here are left out, instead of holding back the file.",
    )
    row_count = fields.Integer(string="Ratings")
    skipped_count = fields.Integer(string="Left out", readonly=True)
    rating_ids = fields.Many2many("credit.rating", readonly=True)

    def _prepare_preview(self):
        reading, found, problems, skipped = self._read()
        return {
            "row_count": len(found),
            "skipped_count": skipped,
            "problem_count": len(problems),
            "preview": self._render_preview(reading, found, problems),
        }

    def _import(self):
        _reading, found, problems, skipped = self._read()
        if problems:
            sentences = [self._sentence(problem) for problem in problems[:20]]
            raise UserError("\n".join([self.env._("Nothing was imported."), *sentences]))
        currencies = self._get_currencies()
        vals_list = [self._prepare_vals(row, partner_id, currencies) for row, partner_id in found]
        records = self.env["credit.rating"]._record(vals_list)
        return {"row_count": len(found), "skipped_count": skipped, "rating_ids": [Command.set(records.ids)]}

    @api.model
    def _get_words(self):
        return words.SENTENCES, words.FIELD_LABELS

    def action_open_ratings(self):
        """Show what was imported."""
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_rating_action")
        return {**action, "domain": [("id", "in", self.rating_ids.ids)], "context": {}}

    def _prepare_vals(self, row, partner_id, currencies):
        return {
            "partner_id": partner_id,
            "agency_id": self.agency_id.id,
            "company_id": self.company_id.id,
            "date": row.day,
            "value": row.value,
            "recommended_limit": float(row.limit or 0),
            "currency_id": currencies[row.currency or self.company_id.currency_id.name],
            "date_stated": row.until or False,
            "source": "file",
            "note": row.note or False,
        }

    # ------------------------------------------------------------ reading

    def _read(self):
        """Return the reading, ``(row, customer id)`` pairs, all problems, and how many rows were left out."""
        reading = rating_file.read(self._get_content(), self.date_order or "", company_today(self))
        if reading.problems:
            return reading, [], list(reading.problems), 0
        found, problems, skipped = self._match(reading)
        problems += self._check_values(reading)
        problems += self._check_repeated(reading, found)
        problems.sort(key=lambda problem: problem.line)
        return reading, found, problems, skipped

    def _check_values(self, reading):
        """Return the problems of ratings that aren't on the scale, and of currencies that aren't active."""
        scale, currencies = self.agency_id._get_scale(), self._get_currencies()
        problems = []
        for row in reading.rows:
            if rating.place(row.value, scale) is None:
                problems.append(Problem(row.line, reading.headers["value"], words.UNKNOWN_VALUE, row.value[:80]))
            if row.currency and row.currency not in currencies:
                problems.append(Problem(row.line, reading.headers["currency"], words.UNKNOWN_CURRENCY, row.currency))
        return problems

    def _check_repeated(self, reading, found):
        """Return the problems of rows that name a customer in another way than an earlier row of the same day."""
        seen, problems = {}, []
        for row, partner_id in found:
            first = seen.setdefault((partner_id, row.day), row)
            if first is not row:
                name, key = next(iter(row.keys.items()))
                problems.append(Problem(row.line, reading.headers[name], rating_file.DUPLICATE, key[:80], first.line))
        return problems

    def _get_currencies(self):
        """Return ``{ISO code: id}`` of the active currencies."""
        return {currency.name: currency.id for currency in self.env["res.currency"].search([])}

    # ------------------------------------------------------------ customers

    def _match(self, reading):
        """Find the customer of each row: ``(row, customer id)`` pairs, problems, rows left out."""
        known = self._get_known(reading.rows)
        found, problems, skipped = [], [], 0
        for row in reading.rows:
            partner_ids, code, text = self._find(row, known)
            if not code:
                found.append((row, partner_ids))
            elif code == words.UNKNOWN_CUSTOMER and self.skip_unknown:
                skipped += 1
            else:
                problems.append(Problem(row.line, reading.headers[next(iter(row.keys))], code, text[:80]))
        return found, problems, skipped

    def _find(self, row, known):
        """Return the customer's id and no code, or why there is none and the words to say so.

        Numbers and references must agree; the name counts where they say nothing.
        """
        by_number = [known[key] for key in self._get_keys(row) if key[0] != "name" and key in known]
        name_key = ("name", self._plain_name(row.keys.get("name", "")))
        sets = by_number or [known[key] for key in [name_key] if key in known]
        shown = ", ".join(row.keys.values())
        if not sets:
            return None, words.UNKNOWN_CUSTOMER, shown
        common = set.intersection(*sets)
        if len(common) == 1:
            return common.pop(), "", ""
        return None, words.SEVERAL_CUSTOMERS if common else words.CONTRADICTION, shown

    @api.model
    def _get_keys(self, row):
        """Return by what a row names its customer: ``(kind, text as it is compared)``."""
        vat, registry = row.keys.get("vat", ""), row.keys.get("registry", "")
        keys = [("vat", rating_file.squeeze(vat)), ("registry", rating_file.squeeze(registry))]
        keys += [("siren", rating_file.siren_of(vat, "") or rating_file.siren_of("", registry))]
        keys += [("ref", row.keys.get("ref", "")), ("name", self._plain_name(row.keys.get("name", "")))]
        return [key for key in keys if key[1]]

    @api.model
    def _plain_name(self, name):
        return " ".join(name.lower().split())

    def _get_known(self, rows):
        """Return ``{(kind, text): ids of the commercial partners}`` of all that the rows name, in one query."""
        wanted = {}
        for row in rows:
            for kind, text in self._get_keys(row):
                wanted.setdefault(kind, set()).add(text)
        partners = self.env["res.partner"]
        query = partners._search([("company_id", "in", (False, self.company_id.id))])
        columns = {
            name: partners._field_to_sql(query.table, name, query) for name in ("vat", "company_registry", "ref")
        }
        known = self._get_keys_sql(columns, partners._field_to_sql(query.table, "name", query))
        commercial = partners._field_to_sql(query.table, "commercial_partner_id", query)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT key.kind, key.text, found.id
                  FROM (%(query)s) found
                 CROSS JOIN LATERAL unnest(found.kinds, found.texts) key(kind, text)
                 WHERE (key.kind, key.text) IN (SELECT * FROM unnest(%(kinds)s::text[], %(texts)s::text[]))
                """,
                query=query.select(
                    SQL("%s AS id", commercial),
                    SQL("ARRAY[%s] AS kinds", SQL(", ").join(SQL("%s", kind) for kind in known)),
                    SQL("ARRAY[%s]::text[] AS texts", SQL(", ").join(known.values())),
                ),
                kinds=[kind for kind, texts in wanted.items() for _text in texts],
                texts=[text for texts in wanted.values() for text in texts],
            )
        )
        ids_of = {}
        for kind, text, partner_id in rows:
            ids_of.setdefault((kind, text), set()).add(partner_id)
        return ids_of

    def _get_keys_sql(self, columns, name):
        """Return by kind the expression of what a partner is known by, as :meth:`_get_keys` writes it."""
        vat, registry = (
            SQL("regexp_replace(upper(%s), %s, '', 'g')", columns[column], PLAIN)
            for column in ("vat", "company_registry")
        )
        return {
            "vat": vat,
            "registry": registry,
            "siren": SQL(
                "CASE WHEN %(registry)s ~ '^([0-9]{9}|[0-9]{14})$' THEN left(%(registry)s, 9)"
                " WHEN %(vat)s ~ '^FR[0-9A-Z]{2}[0-9]{9}$' THEN right(%(vat)s, 9) END",
                registry=registry,
                vat=vat,
            ),
            "ref": columns["ref"],
            "name": SQL("btrim(regexp_replace(lower(%s), '\\s+', ' ', 'g'))", name),
        }

    # ------------------------------------------------------------ telling

    def _render_preview(self, reading, found, problems):
        names = self.env["res.partner"].browse(partner_id for _row, partner_id in found[:SHOWN_ROWS])
        names = {partner.id: partner.display_name for partner in names}
        scale = self.agency_id._get_scale()
        return self.env["ir.qweb"]._render(
            "credit_control.rating_import_preview",
            {
                "columns": [(text, self._label(key)) for key, text in reading.headers.items()],
                "ignored": ", ".join(reading.ignored),
                "rows": [
                    (row, names[partner_id], rating.place(row.value, scale)) for row, partner_id in found[:SHOWN_ROWS]
                ],
                "total": len(found),
                "sentences": [self._sentence(problem) for problem in problems[:SHOWN_PROBLEMS]],
                "hidden": max(0, len(problems) - SHOWN_PROBLEMS),
            },
        )
