from . import abstract
