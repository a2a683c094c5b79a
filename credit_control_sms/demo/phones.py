"""Lets the demonstration of ``credit_control`` be dunned by SMS, too.

How to use it, after ``credit_control.demo.ledger.build``::

    from odoo.addons.credit_control_sms.demo import phones
    phones.add_sms(env)
    phones.use_gateway(env, "http://127.0.0.1:8081")
    phones.answer(env)  # once SMS have left

The second reminder of businesses then goes by e-mail and SMS, the first two of consumers by SMS alone; some customers
have a mobile number, one has a landline only, and one asked not to be written to. Numbers are invented.
"""

from odoo import Command

MOBILES = {
    "Épicerie des Halles": "+33 6 00 00 00 01",
    "Viennoiserie Express": "+33 6 00 00 00 02",
    "Glacier du Lac": "+33 6 00 00 00 03",
    "Fromagerie du Plateau": "+33 6 00 00 00 04",
    "Particulier, commande 1042": "+33 6 00 00 00 05",
}
# Answered STOP.
STOPPED = ("Fromagerie du Plateau",)
# What some of those who were written to answer.
ANSWERS = (
    ("Épicerie des Halles", "Bonjour, le virement part demain. Merci"),
    ("Particulier, commande 1042", "STOP"),
)
# (policy, steps by their place, whether SMS goes beside the e-mail)
STEPS = (("business", (2,), True), ("consumer", (0, 1), False))
# What the gateway of the demonstration is sent; it is known by this.
BODY = (
    '{"to": "{{ number }}", "text": "{{ text }}", "from": "{{ sender }}", "reference": "{{ uuid }}", '
    '"callback": "{{ report_url }}"}'
)


def add_sms(env):
    """Give the steps the channel, and customers their numbers."""
    company = env.company
    sms, email = env.ref("credit_control_sms.channel_sms"), env.ref("credit_control.channel_email")
    for code, places, beside in STEPS:
        policy = env.ref(f"credit_control.policy_{code}_company_{company.id}")
        for place in places:
            channels = email + sms if beside else sms
            policy.step_ids.sorted("sequence")[place].channel_ids = [Command.set(channels.ids)]
    customers = env["res.partner"].search([("company_id", "=", company.id), ("name", "in", list(MOBILES))])
    for customer in customers:
        customer.phone = MOBILES[customer.name]
    stopped = customers.filtered(lambda customer: customer.name in STOPPED)
    env["phone.blacklist"]._add([customer._phone_format(fname="phone") for customer in stopped])


def answer(env):
    """Receive the answers, as the gateway reports them; return them."""
    gateway = _get_gateway(env)
    replies = env["credit.sms.reply"].sudo()
    for name, text in ANSWERS:
        sent = env["credit.sms.delivery"].search(
            [("gateway_id", "=", gateway.id), ("partner_id.commercial_partner_id.name", "=", name)], limit=1
        )
        if sent:
            replies |= replies._receive(gateway, f"demo-{sent.id}", sent.number, text)
    return replies


def use_gateway(env, url):
    """Let all SMS of the company go to the gateway at ``url``; made where it isn't there yet."""
    own = _get_gateway(env)
    vals = {"url": url, "name": env._("SMS catcher of setup/run"), "active": True, "sequence": 0}
    if own:
        own.write(vals)
        return own
    fixed = {"company_id": env.company.id, "body": BODY, "sender_name": "Fournil", "price": 0.055, "has_key": True}
    return own.create({**vals, **fixed})


def _get_gateway(env):
    gateways = env["credit.sms.gateway"].with_context(active_test=False)
    own = gateways.search([("company_id", "=", env.company.id)])
    return own.filtered(lambda gateway: gateway.body == BODY)[:1]
