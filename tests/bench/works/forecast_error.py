import json
import subprocess
import sys
import tempfile
from pathlib import Path

from work import CommandWork, Measured, at_most

COMMAND = Path(__file__).resolve().parents[1] / "forecast.py"


class ForecastError(CommandWork):
    """How far the expected payment dates are off on a real ledger; ``setup/bench --forecast`` prints it by month.

    A unit is a forecast.
    """

    name = "forecast_error"
    unit = "forecast"
    needs = "the public ledger isn't there (CREDIT_CONTROL_LEDGER)"

    def measure_command(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "errors.json")
            # It ends with 1 where a target is missed: the row says so.
            subprocess.run([sys.executable, COMMAND, path], stdout=subprocess.DEVNULL, check=False)
            return Measured(**json.loads(path.read_text()), queries=0, peak_mb=0) if path.exists() else None

    def targets(self, ours, peer, smaller):
        return [at_most(f"days off, {method}", error, most) for method, (error, most) in ours.notes.items()]


WORK = ForecastError()
