import hashlib
import os
import shutil
from collections.abc import Callable
from contextlib import contextmanager, suppress
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import quote
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from markupsafe import Markup

from odoo import fields, models
from odoo.tools import SQL, format_date

from ..core import delivery
from ..core.archive import Names
from .company_day import company_day, company_today
from .credit_dunning_message_attachment import STATEMENT_REPORT, print_each
from .credit_dunning_message_letter import LETTER_REPORT

# Documents printed at a time: what is in memory, and what a crash loses.
BATCH = 20
CHUNK = 1024 * 1024
# A message as it was sent may hold anything: shown from a file it loads nothing and runs nothing.
POLICY = Markup("default-src 'none'; img-src data:; style-src 'unsafe-inline'")
PAGE = Markup(
    '<!DOCTYPE html><html><head><meta charset="utf-8"/><meta http-equiv="Content-Security-Policy" content="{policy}"/>'
    '<title>{title}</title></head><body style="font-family: sans-serif">{head}<hr/>{body}</body></html>'
)
LINE = Markup("<div><strong>{label}</strong> {value}</div>")


class Entry(NamedTuple):
    """One document of the archive: where it stands, what it is, and what writes it to a stream."""

    path: str
    label: str
    write: Callable


class CreditLitigationArchive(models.AbstractModel):
    """What is in the file of a litigation, and how it is written without holding it in memory.

    Folders: ``invoices``, ``messages`` as they were sent, ``answers``, ``proofs``; beside them the statement,
    the claims as a table and a page of contents. Documents are opened one at a time. Where two messages have
    the same attachment, it is packed once.
    """

    _name = "credit.litigation.archive"
    _description = "Archive of a litigation"

    # Those of the job itself; named here because the archive needs them.
    litigation_id = fields.Many2one("credit.litigation")
    company_id = fields.Many2one("res.company")
    user_id = fields.Many2one("res.users")
    failed_move_ids = fields.Many2many("account.move", string="Invoices that failed")
    done_count = fields.Integer(string="Number done")
    total_count = fields.Integer(string="Number in all")

    # -- what belongs to it ---------------------------------------------------------------

    def _get_invoices(self):
        """Return the documents behind the items that can be printed, oldest first."""
        moves = self.litigation_id.sudo().line_ids.move_line_id.move_id
        return moves.filtered(lambda move: move.is_sale_document()).sorted(lambda move: (move.date, move.id))

    def _get_unprinted(self, moves):
        """Return the invoices without a stored PDF, in few queries; not those that can't be printed."""
        known = self._get_pdfs(moves)
        return moves.filtered(lambda move: move.id not in known) - self.failed_move_ids

    def _get_pdfs(self, moves):
        """Return ``{move id: attachment}`` of the PDFs that are stored, as sent where it was sent."""
        stored = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", "account.move"),
                    ("res_id", "in", moves.ids),
                    ("description", "=", "credit_control"),
                    ("res_field", "=", False),
                ]
            )
        )
        files = {attachment.res_id: attachment for attachment in stored}
        return files | {move.id: move.invoice_pdf_report_id for move in moves if move.invoice_pdf_report_id}

    def _get_notices(self):
        """Return the messages about its items that have left, or may have, oldest first."""
        items = self.litigation_id.sudo().line_ids.move_line_id
        lines = self.env["credit.dunning.notice.line"].sudo().search([("move_line_id", "in", items.ids)])
        notices = lines.notice_id.filtered(
            lambda notice: notice.state in delivery.KEPT and notice.sent_at and notice.step_id.kind != "decision"
        )
        return notices.sorted(lambda notice: (notice.sent_at, notice.id))

    def _get_answers(self):
        """Return the e-mails that came from the customer, oldest first."""
        messages = self.env["mail.message"].sudo()
        return messages.search(
            [
                ("model", "=", "credit.debtor"),
                ("res_id", "=", self.litigation_id.debtor_id.id),
                ("message_type", "=", "email"),
            ],
            order="date, id",
        )

    # -- writing --------------------------------------------------------------------------

    @contextmanager
    def _write_archive(self):
        """Write the ZIP to a temporary file and yield its path; it is gone afterwards."""
        job = self.with_context(lang=self.user_id.lang or self.env.lang)
        with TemporaryDirectory(prefix="credit_litigation_") as folder:
            path = os.path.join(folder, "file.zip")
            with ZipFile(path, "w", ZIP_STORED) as archive:
                job._write_entries(archive, folder)
            yield path

    def _write_entries(self, archive, folder):
        """Write each document in turn, then the page that lists them."""
        names, listed = Names(), []
        paths = {"contents": names.place("", self.env._("Contents.html")), "attachments": {}, "of": {}}
        for entry in self._get_entries(names, paths, folder):
            with archive.open(self._get_zip_info(entry.path), "w", force_zip64=True) as target:
                entry.write(target)
            listed.append((entry.path, entry.label))
            self._count_entry(len(listed))
        page = self._get_contents_page(listed)
        archive.writestr(self._get_zip_info(paths["contents"]), page, compress_type=ZIP_DEFLATED)

    def _get_zip_info(self, path):
        """Return the head of a document in the archive, dated now."""
        now = fields.Datetime.context_timestamp(self, fields.Datetime.now())
        return ZipInfo(path, now.timetuple()[:6])

    def _count_entry(self, number):
        """Forget what was read for the last documents: memory doesn't grow with their number."""
        if not number % BATCH:
            self.env.flush_all()
            self.env.invalidate_all()

    def _get_entries(self, names, paths, folder):
        """Yield all documents; the table comes last, because it says where the others are."""
        yield from self._get_statement_entries(names)
        yield from self._get_invoice_entries(names, paths)
        yield from self._get_message_entries(names, paths)
        yield from self._get_answer_entries(names, paths)
        yield from self._get_table_entries(names, paths, folder)

    def _get_statement_entries(self, names):
        debtor = self.litigation_id.debtor_id
        report = self.env["ir.actions.report"].sudo()
        pdf = print_each(report, STATEMENT_REPORT, debtor.ids).get(debtor.id)
        if pdf:
            label = self.env._("Statement of account")
            yield Entry(names.place("", f"{label}.{_get_ending(pdf)}"), label, _writer_of(pdf))

    def _get_invoice_entries(self, names, paths):
        moves = self._get_invoices()
        files = {move_id: attachment.id for move_id, attachment in self._get_pdfs(moves).items()}
        folder = self.env._("invoices")
        for move in moves:
            if attachment := self.env["ir.attachment"].sudo().browse(files.get(move.id)):
                path = names.place(folder, f"{move.name}.pdf")
                paths["attachments"][attachment.checksum] = paths["of"][move] = path
                yield Entry(path, move.name, _copier_of(attachment))

    def _get_message_entries(self, names, paths):
        """Yield each message as it was sent, its attachments that aren't packed yet, and its proofs."""
        ids = self._get_notices().ids
        for start in range(0, len(ids), BATCH):
            notices = self.env["credit.dunning.notice"].sudo().browse(ids[start : start + BATCH])
            printed = notices.filtered(lambda notice: notice.channel_id.is_printed and notice.body)
            letters = print_each(self.env["ir.actions.report"].sudo(), LETTER_REPORT, printed.ids)
            for notice in notices:
                yield from self._get_notice_entries(notice, letters.get(notice.id), names, paths)

    def _get_notice_entries(self, notice, letter, names, paths):
        day = company_day(notice, notice.sent_at)
        title = f"{day} {notice.step_id.name or notice.subject or ''} {notice.channel_id.name}"
        folder = self.env._("messages")
        if letter:
            paths["of"][notice] = names.place(folder, f"{title}.{_get_ending(letter)}")
            yield Entry(paths["of"][notice], title, _writer_of(letter))
        elif notice.body:
            paths["of"][notice] = names.place(folder, f"{title}.html")
            yield Entry(paths["of"][notice], title, _writer_of(self._get_message_page(notice, title)))
        yield from self._get_attachment_entries(notice.attachment_ids, folder, title, names, paths)
        yield from self._get_attachment_entries(
            notice.proof_ids, self.env._("proofs"), f"{day} {notice.registered_number or ''}", names, paths
        )

    def _get_attachment_entries(self, attachments, folder, title, names, paths):
        """Yield the files that aren't packed yet."""
        for attachment in attachments:
            if attachment.checksum not in paths["attachments"] and attachment.type == "binary":
                path = names.place(folder, f"{title} {attachment.name}")
                paths["attachments"][attachment.checksum] = path
                yield Entry(path, attachment.name, _copier_of(attachment))

    def _get_answer_entries(self, names, paths):
        folder = self.env._("answers")
        for message in self._get_answers():
            day = fields.Datetime.context_timestamp(self, message.date).date()
            title = f"{day} {message.subject or self.env._('Answer')}"
            head = {
                self.env._("Date"): message.date,
                self.env._("From"): message.email_from,
                self.env._("Subject"): message.subject,
            }
            page = _render_page(title, head, message.body)
            yield Entry(names.place(folder, f"{title}.html"), title, _writer_of(page))
            yield from self._get_attachment_entries(message.attachment_ids, folder, title, names, paths)

    def _get_table_entries(self, names, paths, folder):
        label = self.env._("Claims")
        path = os.path.join(folder, "claims.xlsx")
        self.env["report.credit_control.litigation_tables"]._write(self, path, paths["of"])
        yield Entry(names.place("", self.env._("Claims.xlsx")), label, _file_copier_of(path))

    # -- pages ----------------------------------------------------------------------------

    def _get_message_page(self, notice, title):
        """Return a message as it was sent, below the facts of its sending."""
        states = dict(notice._fields["state"]._description_selection(self.env))
        head = {
            self.env._("Sent"): fields.Datetime.context_timestamp(self, notice.sent_at).strftime("%Y-%m-%d %H:%M"),
            self.env._("To"): notice.address or ", ".join(notice.recipient_ids.mapped("display_name")),
            self.env._("Subject"): notice.subject,
            self.env._("Message-ID"): notice.message_ref,
            self.env._("State"): states[notice.state],
            self.env._("Attached"): ", ".join(notice.attachment_ids.mapped("name")),
        }
        return _render_page(title, head, notice.body)

    def _get_contents_page(self, listed):
        """Return the page that lists the documents, with a link to each."""
        litigation = self.litigation_id.sudo()
        values = {
            "litigation": litigation,
            "company": litigation.company_id,
            "customer": litigation.partner_id,
            "day": format_date(self.env, company_today(self)),
            "listed": listed,
            "quote": quote,
            "problems": (self.problems or "").splitlines(),
        }
        return self.env["ir.qweb"]._render("credit_control.litigation_contents", values).encode()

    # -- storing --------------------------------------------------------------------------

    def _store_archive(self, path):
        """Store the file as an attachment of this job, without reading it as a whole where Odoo stores files."""
        attachments = self.env["ir.attachment"].sudo()
        vals = {
            "name": Names().place("", f"{self.litigation_id.display_name}.zip"),
            "mimetype": "application/zip",
            "res_model": self._name,
            "res_id": self.id,
        }
        if attachments._storage() != "file":
            with open(path, "rb") as source:
                return attachments.create({**vals, "raw": source.read()})
        attachment = attachments.create({**vals, "raw": b""})
        self._stream_to_filestore(attachment, path)
        return attachment

    def _stream_to_filestore(self, attachment, path):
        """Put the file where :meth:`ir.attachment._file_write` would, chunk by chunk."""
        checksum = hashlib.sha1(usedforsecurity=False)
        with open(path, "rb") as source:
            while chunk := source.read(CHUNK):
                checksum.update(chunk)
        digest = checksum.hexdigest()
        name = f"{digest[:2]}/{digest}"
        target = attachment._full_path(name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        # Should this transaction fail, Odoo's own garbage collection removes the file.
        attachment._mark_for_gc(name)
        _copy_whole(path, target)
        attachment.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE ir_attachment SET store_fname = %s, checksum = %s, file_size = %s, db_datas = NULL"
                " WHERE id = %s",
                name,
                digest,
                os.path.getsize(path),
                attachment.id,
            )
        )
        attachment.invalidate_recordset()


def _copy_whole(path, target):
    """Copy a file under its name once it is whole: a full disk or a kill leaves none that looks finished."""
    draft = f"{target}.part"
    try:
        shutil.copyfile(path, draft)
        os.replace(draft, target)
    except OSError:
        with suppress(OSError):
            os.unlink(draft)
        raise


def _render_page(title, facts, body):
    """Return a page with these facts above a text that is kept as it was."""
    head = Markup("").join(LINE.format(label=label, value=value) for label, value in facts.items() if value)
    page = PAGE.format(policy=POLICY, title=title, head=head, body=Markup(body or ""))
    return page.encode()


def _get_ending(content):
    """Without wkhtmltopdf in tests, reports are pages."""
    return "pdf" if content.startswith(b"%PDF") else "html"


def _writer_of(content):
    return lambda target: target.write(content)


def _copier_of(attachment):
    """Return what copies a stored file to a stream: from the disk, where it is there."""
    if attachment.store_fname:
        return _file_copier_of(attachment._full_path(attachment.store_fname))
    return lambda target: target.write(attachment.raw or b"")


def _file_copier_of(path):
    def copy(target):
        with open(path, "rb") as source:
            shutil.copyfileobj(source, target, CHUNK)

    return copy
