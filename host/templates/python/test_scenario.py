"""Runs the component against the target inside `vuelo`, and reads the results."""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parent
VUELO = os.environ.get("VUELO", "vuelo")


def run(*flags: str) -> dict[str, Any]:
    """The results of a run of the built component."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [VUELO, "run", "./{{name}}.wasm", "--quiet", "--results", folder, *flags],
            cwd=PROJECT,
            check=True,
        )
        (results,) = Path(folder).glob("*.json")
        report: dict[str, Any] = json.loads(results.read_text(encoding="utf-8"))
        return report


class ScenarioTest(unittest.TestCase):
    def test_a_healthy_server_passes(self) -> None:
        metrics = run("--demo", "-u", "1", "-i", "3")["metrics"]
        self.assertEqual(metrics["checks"]["values"]["rate"], 1)
        self.assertEqual(metrics["iterations"]["values"]["count"], 3)
        self.assertGreater(metrics["health_duration"]["values"]["max"], 0)


if __name__ == "__main__":
    unittest.main()
