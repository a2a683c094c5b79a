from . import channels, controllers, models, report, wizards
