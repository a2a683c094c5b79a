from work import Work, at_most


class Exposure(Work):
    """What is risked with every customer, and what is left of their limits.

    Ours: ``res.partner.credit_exposure`` and ``credit_available`` of all customers, by source and by
    group underneath. Peer: core's ``res.partner.credit``, which knows the ledger only. Floor: one
    statement over what is open. A unit is a customer.
    """

    name = "exposure"
    unit = "customer"
    peers = ("odoo",)
    changes = False
    measures_growth = True
    in_large = True

    def prepare_ours(self, env):
        self.partner_ids = env["res.partner"].search([("customer_rank", ">", 0), ("parent_id", "=", False)]).ids

    def ours(self, env):
        partners = env["res.partner"].browse(self.partner_ids)
        partners.mapped("credit_exposure")
        partners.mapped("credit_available")

    def count_ours(self, env):
        return len(self.partner_ids)

    def notes(self, env):
        partners = env["res.partner"].browse(self.partner_ids)
        return {"exposure": round(sum(partners.mapped("credit_exposure")), 2)}

    def prepare_odoo(self, env):
        self.prepare_ours(env)

    def odoo(self, env):
        env["res.partner"].browse(self.partner_ids).mapped("credit")

    def count_odoo(self, env):
        return len(self.partner_ids)

    def floor_sql(self):
        return """
            SELECT partner.commercial_partner_id, SUM(line.amount_residual)
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
              JOIN res_partner partner ON partner.id = line.partner_id
             WHERE account.account_type = 'asset_receivable'
               AND line.parent_state = 'posted'
               AND line.reconciled IS NOT TRUE
             GROUP BY 1
        """

    def targets(self, ours, peer, smaller):
        return [at_most("seconds", ours.seconds, 2), at_most("queries", ours.queries, 20)]


WORK = Exposure()
