import os
import tracemalloc
from datetime import date
from io import BytesIO
from unittest.mock import patch
from zipfile import ZipFile

from openpyxl import load_workbook

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_cron import IrCron
from odoo.addons.credit_control.models import account_move, credit_litigation_file
from odoo.addons.credit_control.models.credit_litigation_archive import BATCH

from .test_litigation import LitigationCommon

DAY = date(2024, 12, 30)
# The bound that the file's memory is held to, whatever its size: documents are opened one at a time.
PEAK_MB = 32


@tagged("post_install", "-at_install")
class TestLitigationFile(LitigationCommon):
    """The file of a litigation: right, made once, taken up again after a crash, in bounded memory."""

    def _make(self):
        """Let the cron run, as it does."""
        with self.enter_registry_test_mode():
            self.env.ref("credit_control.cron_litigation_file").sudo().method_direct_trigger()
        self.env.invalidate_all()

    def _stub_pdfs(self, size=200):
        """Print invoices without wkhtmltopdf: a PDF of ``size`` bytes, different for each."""
        printed = []

        def print_each(_report, _reference, ids):
            printed.append(list(ids))
            return {move_id: b"%PDF-1.4 " + os.urandom(size) for move_id in ids}

        self.patch(account_move, "print_each", print_each)
        return printed

    def _get_file(self, litigation):
        """Return the job, and its ZIP opened."""
        job = litigation.with_user(self.collector).file_ids[:1]
        self.assertEqual((job.state, job.error), ("done", False))
        return job, ZipFile(BytesIO(job.attachment_id.raw))

    def _made(self, litigation):
        litigation.with_user(self.collector).action_make_file()
        self._make()
        return self._get_file(litigation)

    # -- right ----------------------------------------------------------------------------

    def test_everything_is_in_it(self):
        """An e-mail with its statement, a registered letter with its proof, an answer with a file."""
        self._stub_pdfs()
        mail = self._send_mail()
        letter = self._send_letter()
        self._answer()
        litigation = self._litigate(self.invoice)
        litigation.cost_ids = [Command.create({"name": "Stamp", "amount": 12.5})]
        _job, archive = self._made(litigation)
        names = set(archive.namelist())
        self.assertIn(f"invoices/{self.invoice.name.replace('/', '_')}.pdf", names)
        for folder, count in (("messages/", 3), ("proofs/", 1), ("answers/", 2), ("invoices/", 1)):
            self.assertEqual(len([name for name in names if name.startswith(folder)]), count, (folder, names))
        self.assertEqual(len([name for name in names if "/" not in name]), 3, "contents, claims, statement")
        [page] = [name for name in names if name.startswith("messages/") and name.endswith("E-mail.html")]
        text = archive.read(page).decode()
        self.assertIn("Please pay 1000.00", text)
        self.assertIn("boulangerie@example.com" if "boulangerie@" in (mail.address or "") else mail.address, text)
        [proof] = [name for name in names if name.startswith("proofs/")]
        self.assertEqual(archive.read(proof), b"receipt")
        self.assertIn("RK 123", proof)
        contents = archive.read("Contents.html").decode()
        for name in names - {"Contents.html"}:
            self.assertIn(name.split("/")[-1].split(".")[0][:12], contents)
        self._check_tables(archive, litigation, letter)

    def _send_mail(self):
        notice = self._new_notice()
        file = self.env["ir.attachment"].create(
            {"name": "terms.txt", "raw": b"terms", "res_model": notice._name, "res_id": notice.id}
        )
        notice.attachment_ids = file
        notice.write({"body": "<p>Please pay 1000.00</p>", "subject": "Reminder"})
        self._send(notice)
        self.assertEqual(notice.state, "sent")
        return notice

    def _send_letter(self):
        self.second.channel_ids = self.env.ref("credit_control.channel_registered_letter")
        notice = self._new_notice(date(2025, 2, 1))
        self._send(notice)
        self.assertEqual(notice.state, "sent")
        proof = self.env["ir.attachment"].create(
            {"name": "receipt.png", "raw": b"receipt", "res_model": notice._name, "res_id": notice.id}
        )
        notice.write({"registered_number": "RK 123", "deposited_on": date(2025, 2, 3), "proof_ids": proof})
        return notice

    def _answer(self):
        debtor = self.customer.with_company(self.company).credit_debtor_id
        debtor.message_post(
            body="We will see",
            subject="Re: Reminder",
            message_type="email",
            email_from="buyer@example.com",
            attachments=[("photo.jpg", b"broken goods")],
        )

    def _check_tables(self, archive, litigation, letter):
        book = load_workbook(BytesIO(archive.read("Claims.xlsx")))
        self.assertEqual(book.sheetnames, ["Claims", "Payments", "Messages", "Costs"])
        claims = [cell.value for cell in book["Claims"][2]]
        self.assertEqual(claims[0], self.invoice.name)
        self.assertEqual(claims[6:11], [1000, 0, 1000, 1000, 1000])
        self.assertIn(claims[11], archive.namelist())
        messages = [[cell.value for cell in row] for row in book["Messages"].iter_rows(min_row=2)]
        self.assertEqual([row[1] for row in messages], ["First", "Second"])
        self.assertEqual(messages[1][7], letter.registered_number)
        self.assertIn(messages[1][11], archive.namelist())
        self.assertEqual(book["Costs"].cell(2, 3).value, litigation.amount_cost)

    def test_hostile_names_and_texts(self):
        """Names can't leave their folder nor hide their kind; texts are no formulas and run nothing."""
        self._stub_pdfs()
        notice = self._new_notice()
        names = ("../../etc/passwd", "a\u202egnp.exe", "CON", "x" * 300 + ".pdf", "same.txt", "SAME.txt")
        notice.attachment_ids = self.env["ir.attachment"].create(
            [{"name": name, "raw": name.encode(), "res_model": notice._name, "res_id": notice.id} for name in names]
        )
        notice.write({"body": "<script>alert(1)</script>", "subject": "</title><script>alert(2)</script>"})
        self._send(notice)
        self.agency.name = "<script>alert(3)</script>"
        litigation = self._litigate(self.invoice, reference="=cmd|' /C calc'!A0")
        litigation.cost_ids = [Command.create({"name": "=1+1", "amount": 1})]
        _job, archive = self._made(litigation)
        paths = archive.namelist()
        self.assertEqual(len(paths), len({path.casefold() for path in paths}))
        for path in paths:
            self.assertFalse(path.startswith("/") or ".." in path.split("/") or "\\" in path, path)
            self.assertFalse(set(path) & {"\u202e", "\x00", ":"}, path)
            self.assertLessEqual(max(len(part.encode()) for part in path.split("/")), 120)
        self.assertNotIn("<script>alert(3)", archive.read("Contents.html").decode())
        [page] = [path for path in paths if path.startswith("messages/") and path.endswith("E-mail.html")]
        text = archive.read(page).decode()
        self.assertIn("default-src 'none'", text, "what was sent is kept; a browser doesn't run it")
        self.assertNotIn("<script>alert(2)", text)
        book = load_workbook(BytesIO(archive.read("Claims.xlsx")))
        kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
        self.assertNotIn("f", kinds)

    def test_messages_about_other_items_stay_out(self):
        self._stub_pdfs()
        other = self._invoice(200, date(2024, 12, 2))
        self._send(self._new_notice())
        self.invoice.name = "OLD/1"
        third = self._invoice(60, date(2024, 12, 1))
        _job, archive = self._made(self._litigate(third))
        self.assertFalse([name for name in archive.namelist() if name.startswith("messages/")])
        self.assertNotIn(other.name, archive.read("Contents.html").decode())

    # -- made once ------------------------------------------------------------------------

    def test_two_clicks_make_one(self):
        self._stub_pdfs()
        litigation = self._litigate(self.invoice)
        litigation.action_make_file()
        action = litigation.action_make_file()
        self.assertEqual(len(litigation.file_ids), 1)
        self.assertIn("already", action["params"]["message"])
        self._make()
        self._make()
        self.assertEqual(len(litigation.file_ids), 1)
        self.assertEqual(litigation.file_ids.progress, 100)
        self.assertEqual(litigation.activity_ids.user_id, self.collector)
        self.assertIn("ready", litigation.activity_ids.summary)

    def test_a_failure_says_why_and_can_be_tried_again(self):
        self._stub_pdfs()
        litigation = self._litigate(self.invoice)
        litigation.action_make_file()
        job = type(self.env["credit.litigation.file"])
        with patch.object(job, "_store_archive", side_effect=OSError("No space left")):
            with mute_logger("odoo.addons.credit_control.models.credit_litigation_file"):
                self._make()
        failed = litigation.file_ids
        self.assertEqual((failed.state, failed.error), ("failed", "No space left"))
        self.assertIn("couldn't", litigation.activity_ids.summary)
        self._made(litigation)
        self.assertEqual(litigation.file_ids.mapped("state"), ["done", "failed"])

    def test_interrupted_it_goes_on_where_it_stood(self):
        """The time is up after the first batch; what was printed isn't printed again."""
        printed = self._stub_pdfs()
        self.patch(credit_litigation_file, "BATCH", 1)
        second = self._invoice(30, date(2024, 12, 1))
        litigation = self._litigate(self.invoice, second)
        litigation.action_make_file()
        with patch.object(IrCron, "_commit_progress", lambda *_args, **_values: 0 if printed else 10):
            self.env["credit.litigation.file"].sudo()._cron_make()
        self.assertEqual((litigation.file_ids.state, litigation.file_ids.progress), ("running", 50))
        self._make()
        self.assertEqual(printed, [[self.invoice.id], [second.id]])
        self._get_file(litigation)

    def test_killed_again_and_again_it_stops(self):
        litigation = self._litigate(self.invoice)
        litigation.action_make_file()
        litigation.file_ids.sudo().write({"state": "running", "attempts": 3})
        with mute_logger("odoo.addons.credit_control.models.credit_litigation_file"):
            self._make()
        self.assertEqual(litigation.file_ids.state, "failed")
        self.assertIn("3 times", litigation.file_ids.error)

    def test_one_bad_invoice_does_not_stop_it(self):
        def print_each(_report, _reference, ids):
            if self.invoice.id in ids:
                raise ValueError("The logo is broken")
            return dict.fromkeys(ids, b"%PDF-1.4")

        self.patch(account_move, "print_each", print_each)
        second = self._invoice(30, date(2024, 12, 1))
        with mute_logger("odoo.addons.credit_control.models.credit_litigation_file"):
            job, archive = self._made(self._litigate(self.invoice, second))
        self.assertEqual(job.failed_move_ids, self.invoice)
        self.assertIn("The logo is broken", archive.read("Contents.html").decode())
        self.assertEqual(len([name for name in archive.namelist() if name.startswith("invoices/")]), 1)

    # -- who may read it ------------------------------------------------------------------

    def test_collectors_only(self):
        self._stub_pdfs()
        litigation = self._litigate(self.invoice)
        job, _archive = self._made(litigation)
        self.assertTrue(job.attachment_id.with_user(self.manager).raw)
        self.assertIn(str(job.attachment_id.id), job.action_download()["url"])
        for role in (self.reader, self._new_user("salesperson"), self._new_user("dispute_owner")):
            with self.assertRaises(AccessError):
                job.with_user(role).read(["state"])
            with self.assertRaises(AccessError):
                job.attachment_id.with_user(role).read(["raw"])
        with self.assertRaises(AccessError):
            litigation.with_user(self.reader).action_make_file()

    # -- memory ---------------------------------------------------------------------------

    def test_300_invoices_in_bounded_memory(self):
        """300 PDFs of 200 KB are 60 MB: no more than the bound is held at a time."""
        self._stub_pdfs(200_000)
        moves = self._new_invoices(300)
        litigation = self._litigate(*moves)
        litigation.action_make_file()
        self.env.flush_all()
        self.env.invalidate_all()
        tracemalloc.start()
        try:
            self._make()
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        job = litigation.file_ids
        self.assertEqual((job.state, job.problems), ("done", False))
        self.assertGreater(job.file_size, 60_000_000)
        self.assertLess(peak / 2**20, PEAK_MB)
        with ZipFile(job.attachment_id._full_path(job.attachment_id.store_fname)) as archive:
            self.assertIsNone(archive.testzip())
            self.assertEqual(len([name for name in archive.namelist() if name.startswith("invoices/")]), 300)
        self.assertGreater(300, BATCH)

    def _new_invoices(self, number):
        moves = self.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": self.customer.id,
                    "invoice_date": date(2024, 10, 1),
                    "invoice_date_due": date(2024, 12, 1),
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [Command.create({"name": "Flour", "price_unit": 10, "tax_ids": []})],
                }
                for _number in range(number)
            ]
        )
        moves.action_post()
        return moves
