from odoo.tests import tagged

from .common_exposure import ExposureCommon


@tagged("post_install", "-at_install")
class TestGroupCard(ExposureCommon):
    """The group of companies is rolled up on each of its cards."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.holding = cls._new_customer("Groupe Exemple")
        cls.sister = cls._new_customer("Minoterie Exemple", parent_id=cls.holding.id)
        cls.customer.parent_id = cls.holding
        cls.alone = cls._new_customer("Atelier Seul")
        cls._owe(100.0, days=-5)
        cls._owe(20.0, partner=cls.sister)
        cls._owe(7.0, partner=cls.alone)
        cls.cards = cls.env["credit.debtor"]._ensure(cls.company, (cls.customer | cls.sister | cls.alone).ids)

    def _get_card(self, partner, user=None):
        card = self.cards.filtered(lambda card: card.partner_id == partner)
        return card.with_user(user or self.collector).with_context(allowed_company_ids=self.company.ids)

    def test_each_card_shows_the_sums_of_all(self):
        for partner in (self.customer, self.sister):
            card = self._get_card(partner)
            self.assertEqual((card.group_count, card.group_debtor_ids.partner_id), (2, self.customer | self.sister))
            self.assertEqual((card.group_total, card.group_overdue, card.group_exposure), (120.0, 100.0, 120.0))
        opened = self.env["credit.debtor"].search(self._get_card(self.customer).action_open_group()["domain"])
        self.assertEqual(opened.partner_id, self.customer | self.sister)

    def test_one_alone_is_no_group(self):
        card = self._get_card(self.alone)
        self.assertFalse(card.group_count or card.group_debtor_ids or card.group_total)

    def test_several_at_once(self):
        cards = self.cards.with_user(self.collector).with_context(allowed_company_ids=self.company.ids)
        found = {card.partner_id: card.group_count for card in cards}
        self.assertEqual(found, {self.customer: 2, self.sister: 2, self.alone: 0})

    def test_salespeople_roll_up_their_own_customers(self):
        self.assertFalse(self._get_card(self.customer, self.salesperson).group_count)
        self.sister.user_id = self.salesperson
        self.cards.invalidate_recordset()
        self.assertEqual(self._get_card(self.customer, self.salesperson).group_total, 120.0)

    def test_the_other_company_s_cards_stay_there(self):
        other = self.setup_other_company()["company"]
        self.env["credit.debtor"].sudo()._ensure(other, (self.customer | self.sister).ids)
        self.assertEqual(self._get_card(self.customer).group_count, 2)
