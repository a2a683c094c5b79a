from work import Work, at_most

# How many customers are asked about, one after the other.
ASKED = 200


class Check(Work):
    """May this customer have this on credit? As an order asks when it is confirmed, one customer at a time.

    Ours: ``res.partner._credit_check`` with the rules as they are delivered and a limit, cards made where they are
    missing and everything flushed. Each customer is asked about once, so nothing of them is cached; the company and
    the user are, as they are where an order is confirmed. Peer: core's credit field of the same customers, one by
    one, which is what its warning reads. A unit is a customer.
    """

    name = "check"
    unit = "check"
    peers = ("odoo",)

    def prepare_ours(self, env):
        self.partner_ids = (
            env["res.partner"]
            .search([("customer_rank", ">", 0), ("parent_id", "=", False)], limit=ASKED, order="id")
            .ids
        )
        env["res.partner"].browse(self.partner_ids).credit_limit = 1000.0
        env["res.partner"].browse(self.partner_ids[0])._credit_check(1.0)
        env.flush_all()

    def ours(self, env):
        for partner_id in self.partner_ids:
            env["res.partner"].browse(partner_id)._credit_check(100.0)
            env.flush_all()

    def count_ours(self, env):
        return len(self.partner_ids)

    def prepare_odoo(self, env):
        self.prepare_ours(env)

    def odoo(self, env):
        for partner_id in self.partner_ids:
            env["res.partner"].browse(partner_id).mapped("credit")

    def count_odoo(self, env):
        return len(self.partner_ids)

    def targets(self, ours, peer, smaller):
        return [
            at_most("a check", 1000 * ours.seconds / ours.units, 30, " ms"),
            at_most("queries of a check", ours.queries / ours.units, 15),
        ]


WORK = Check()
