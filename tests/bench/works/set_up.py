import subprocess
import time

from paths import REPO
from work import CommandWork, Measured, at_most


class SetUp(CommandWork):
    """What each command does before its own work, where all is installed already: ``setup/install`` once more."""

    name = "set_up"
    unit = "call"

    def measure_command(self):
        start = time.perf_counter()
        subprocess.run([REPO / "setup" / "install"], stdout=subprocess.DEVNULL, check=True)
        return Measured(time.perf_counter() - start, 1, 0, 0)

    def targets(self, ours, peer, smaller):
        return [at_most("seconds", ours.seconds, 20)]


WORK = SetUp()
