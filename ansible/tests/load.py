"""Steady traffic of clients, by vegeta, and every answer counted."""

import json
import signal
import subprocess

from machines import ROOT


class Load:
    """Asks `url` for as long as the block lasts. `requests`, `statuses` and `errors` are known after it."""

    def __init__(self, url, folder, rate=40):
        self.url, self.rate = url, rate
        self.results = folder / "vegeta.bin"

    def __enter__(self):
        folder = ROOT / "compare" / "vegeta"
        find = subprocess.run([ROOT / "tools" / "find-program", folder], stdout=subprocess.PIPE, text=True)
        self.vegeta = find.stdout.strip()
        arguments = ["-duration=0", f"-rate={self.rate}", "-timeout=10s", f"-output={self.results}"]
        self.attack = subprocess.Popen([self.vegeta, "attack", *arguments], stdin=subprocess.PIPE)
        self.attack.stdin.write(f"GET {self.url}\n".encode())
        self.attack.stdin.close()
        return self

    def __exit__(self, *_):
        self.attack.send_signal(signal.SIGINT)
        self.attack.wait(timeout=30)
        command = [self.vegeta, "report", "-type=json", self.results]
        report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        self.requests, self.errors = report["requests"], report["errors"]
        # By status; 0 is no answer.
        self.statuses = {int(status): count for status, count in report["status_codes"].items()}
        self.seconds = report["duration"] / 1e9
        print(f"{self.requests} requests in {self.seconds:.0f} s: {self.statuses} {self.errors}")
