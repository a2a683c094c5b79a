"""Pictures of the screens, taken from the demonstration by ``setup/screenshots``."""
