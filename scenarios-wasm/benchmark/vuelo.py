"""A run of Vuelo: its command, and what its results file says."""

import json
import subprocess
from pathlib import Path


def build(vuelo: str, folder: Path) -> Path:
    """The component of a scenario's project."""
    command = [vuelo, "build", str(folder), "--json"]
    built = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return Path(json.loads(built.stdout)["path"])


def command(vuelo: str, scenario: Path, url: str, results: Path, vus: int, *load: str) -> list[str]:
    load = ("-u", str(vus), *load, "--quiet", "--yes", "--results", str(results))
    return [vuelo, "run", str(scenario), "--base-url", url, *load]


def counted(results: Path) -> tuple[int, float]:
    """The requests of the one run in a folder of results, and the seconds that they took."""
    [file] = results.glob("*.json")
    result = json.loads(file.read_text())
    assert result["metrics"]["http_req_failed"]["values"]["passes"] == 0, "Vuelo: requests failed"
    return result["metrics"]["http_reqs"]["values"]["count"], result["state"]["testRunDurationMs"] / 1000
