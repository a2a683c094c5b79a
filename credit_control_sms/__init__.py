from odoo.addons.credit_control.uninstall import forget_models, retire_channel

from . import channels, controllers, models


def uninstall_hook(env):
    """See :func:`retire_channel` and :func:`forget_models`."""
    retire_channel(env, "credit_control_sms.channel_sms")
    forget_models(env, "credit_control_sms")
