"""k6, by the scripts of this folder."""

import re
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent / "others"
# It has one core, and its scheduler is to know.
ENVIRONMENT = {"GOMAXPROCS": "1"}


class K6:
    """k6, where it is on the search path."""

    name = "k6"

    def __init__(self, program: str) -> None:
        self.program = program

    def command(self, script: str, url: str, vus: int, *load: str) -> list[str]:
        file = str(SCRIPTS / script)
        return [self.program, "run", "--quiet", "--no-usage-report", "-e", f"BASE_URL={url}", "-u", str(vus), *load, file]

    def flow_command(self, url: str, vus: int, *load: str) -> list[str]:
        return self.command("flow.k6.js", url, vus, *load)

    def get_command(self, url: str, vus: int, seconds: int) -> list[str]:
        return self.command("get.k6.js", url, vus, "-d", f"{seconds}s", "--summary-mode=legacy")

    @staticmethod
    def counted(said: str) -> tuple[int, float]:
        """The requests that a summary tells, and the seconds that they took."""
        [(requests, rate)] = re.findall(r"http_reqs\.*: (\d+) +([\d.]+)/s", said)
        [failed] = re.findall(r"http_req_failed\.*: [\d.]+% +(\d+) out of", said)
        assert failed == "0", "k6: requests failed"
        return int(requests), int(requests) / float(rate)
