"""nginx on a core of its own: what every generator is measured against."""

import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

from cores import ON_TARGET


def program() -> str:
    # A user's search path need not have the folder.
    return shutil.which("nginx") or "/usr/sbin/nginx"


class Nginx:
    """A server that answers a small JSON text, and counts what it was asked."""

    def __init__(self, home: Path) -> None:
        configuration = home / "nginx.conf"
        self.url = "http://127.0.0.1:7979"
        # A stranger on this port would not know the path.
        self.status = f"{self.url}/{home.name}"
        configuration.write_text(
            f"daemon off; worker_processes 1; pid {home}/nginx.pid; error_log stderr crit;\n"
            "events { worker_connections 1024; }\n"
            "http { access_log off; keepalive_requests 1000000000; server { listen 127.0.0.1:7979;\n"
            f"client_body_temp_path {home}/b; proxy_temp_path {home}/p; fastcgi_temp_path {home}/f;\n"
            f"uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;\n"
            f"location = /{home.name} {{ stub_status; }}\n"
            'location / { default_type application/json; return 200 \'{"status":"ok"}\'; } } }\n'
        )
        command = ON_TARGET + [program(), "-c", str(configuration), "-e", "stderr"]
        try:
            self.process = subprocess.Popen(command)
        except FileNotFoundError:
            raise AssertionError("no taskset on the search path: apt-get install util-linux") from None
        for _ in range(100):
            time.sleep(0.05)
            assert self.process.poll() is None, "nginx did not start: apt-get install nginx-light"
            try:
                self.asked()
                return
            except OSError:
                pass
        self.process.terminate()
        raise AssertionError("nginx does not answer")

    def asked(self) -> int:
        """The requests that it got since it started, the one for this number included."""
        with urllib.request.urlopen(self.status) as answer:
            [_, _, numbers, _] = answer.read().decode().splitlines()
        return int(numbers.split()[2])
