from . import channels, controllers, models
