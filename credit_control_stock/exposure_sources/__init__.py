from . import delivered
