"""A copy of the database that Odoo has neutralized sends nothing, whatever crons and people try."""

import http.server
import threading
from contextlib import contextmanager

from company import odoo, point_to
from database_state import rows
from mail_catcher import MailCatcher
from sms_catcher import SmsCatcher

# What would make a message leave: all crons of the addons and Odoo's own queues, then what people press.
TRY = """
ours = env["ir.model.data"].search([("module", "=like", "credit_control%"), ("model", "=", "ir.cron")])
for cron in env["ir.cron"].browse(ours.mapped("res_id")):
    cron.ir_actions_server_id.with_context(active_test=False).run()
    env.cr.commit()
notices = env["credit.dunning.notice"].search([])
notices._send_now()
partner = notices.partner_id
company = notices.company_id
scope = dict(env.context, allowed_company_ids=company.ids)
env["credit.report.schedule"].search([]).with_context(scope).action_send_now()
env["credit.rating.provider"].with_context(scope, active_test=False).search([])._fetch(partner)
env["sms.sms"].create({"number": "+33612345678", "body": "Hello", "partner_id": partner.id})
env.cr.commit()
env["sms.sms"]._process_queue()
env["mail.mail"].process_email_queue()
env.cr.commit()
print("STATES", *sorted({f"{notice.state}:{notice.reason}" for notice in notices}))
"""

# Nothing else than the copy's own state held it back: undone, the same leaves.
UNDO = """
env["ir.config_parameter"].search([("key", "=", "database.is_neutralized")]).unlink()
servers = env["ir.mail_server"].with_context(active_test=False).search([])
for server in servers:
    server.active = server.name == "Mail"
env["credit.sms.gateway"].with_context(active_test=False).search([]).write({"active": True, "url": GATEWAY})
env["credit.rating.provider"].with_context(active_test=False).search([]).active = True
env.cr.commit()
"""


class Listener(http.server.BaseHTTPRequestHandler):
    """Counts who asks."""

    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_error(404)

    def log_message(self, *args):
        """Say nothing."""


@contextmanager
def listening():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def attempt(database: str, script: str = TRY) -> str:
    return odoo("shell", "-d", database, "--no-http", "--log-level=critical", script=script)


def test_nothing_leaves(clone, tmp_path):
    database = clone("lived")
    with MailCatcher(tmp_path / "mails") as mails, SmsCatcher(tmp_path) as sms, listening() as ratings:
        servers = ((mails.host, mails.port), sms.url, f"http://127.0.0.1:{ratings.server_port}")
        point_to(database, *servers)
        odoo("neutralize", "-d", database)
        assert rows(database, "SELECT count(*) FROM credit_sms_secret") == [(0,)]
        assert rows(database, "SELECT active, key FROM credit_rating_provider") == [(False, None)]
        said = attempt(database)
        assert (mails.messages(), sms.messages(), ratings.asked) == ([], [], []), said
        assert "STATES queued:neutralized" in said, said
        attempt(database, f"GATEWAY = {sms.url!r}\n{UNDO}{TRY}")
        assert mails.messages()
        assert sms.messages()
        assert ratings.asked == ["/B1"]
