from . import abstract
from . import json_provider
