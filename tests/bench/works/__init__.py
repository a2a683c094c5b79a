"""The works that ``setup/bench`` measures: one file each, named for the work. See ``work.Work``."""

import importlib
import pkgutil


def load(names=None):
    """Return the works of these names, all without a name, in the order of their names."""
    found = [module.name for module in pkgutil.iter_modules(__path__) if module.name != "common"]
    unknown = set(names or ()) - set(found)
    if unknown:
        raise SystemExit(f"No such work: {', '.join(sorted(unknown))}. There are: {', '.join(found)}")
    return [importlib.import_module(f"works.{name}").WORK for name in names or found]
