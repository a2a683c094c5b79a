from . import exposure_sources, models
