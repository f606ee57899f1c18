"""Compares one run with what the servers saw, and prints a line of the table.

The servers' access logs are their own (uvicorn's, nginx's): a request that the
runner counted and no server saw, or the other way round, is a fault, by method,
path and status.
"""

import argparse
import json
import pathlib
import re
import sys
from collections import Counter

LINE = re.compile(r'"([A-Z]+) (\S+) HTTP/[\d.]+" (\d{3})')


def seen(logs):
    """What the servers answered: (method, URL, status) to how often."""
    answers = Counter()
    for log in logs:
        origin, file = log.split("=", 1)
        for method, path, status in LINE.findall(pathlib.Path(file).read_text()):
            answers[method, origin + path, status] += 1
    return answers


def sent(results):
    """What the runner says that was answered, in the same shape."""
    answers = Counter()
    for row in results["endpoints"]:
        for status, times in row["statuses"].items():
            answers[row["tags"]["method"], row["tags"]["name"], status] += times
    return answers


def count(results, metric, name="count"):
    """How often, as a metric has it; 0 where there is no such metric."""
    return int(results["metrics"].get(metric, {}).get("values", {}).get(name, 0))


def faults(arguments, results, served):
    if arguments.exit != arguments.wanted_exit:
        yield f"exit code {arguments.exit}, not {arguments.wanted_exit}"
    if results is None:
        yield "no results file"
        return
    requests = count(results, "http_reqs")
    if requests != served.total():
        yield f"{requests} requests in the results, {served.total()} in the access logs"
    told = sent(results)
    for key in sorted(told.keys() | served.keys()):
        if told[key] != served[key]:
            yield f"{' '.join(key)}: {told[key]} in the results, {served[key]} seen"
    if failed := count(results, "checks", "fails"):
        yield f"{failed} checks failed"
    if arguments.wanted_exit != 0:
        return
    if interrupted := count(results, "iterations_interrupted"):
        yield f"{interrupted} iterations interrupted"
    for metric, each in arguments.events:
        streams = count(results, arguments.streams)
        if count(results, metric) != int(each) * streams:
            events = count(results, metric)
            yield f"{events} events in {streams} streams, not {each} each"
    if not count(results, arguments.streams):
        yield "no stream was read"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--title", required=True)
    parser.add_argument("--results", required=True)
    parser.add_argument("--exit", type=int, required=True)
    parser.add_argument("--wanted-exit", type=int, default=0)
    parser.add_argument("--log", action="append", default=[], metavar="ORIGIN=FILE")
    parser.add_argument("--streams", help="the trend with a value for each stream")
    parser.add_argument("--events", nargs=2, action="append", default=[])
    arguments = parser.parse_args()

    files = list(pathlib.Path(arguments.results).glob("*.json"))
    results = json.loads(files[0].read_text()) if len(files) == 1 else None
    served = seen(arguments.log)
    found = list(faults(arguments, results, served))
    told = results or {"metrics": {}}
    print(
        f"{arguments.title:<44} {arguments.exit:>4} "
        f"{count(told, 'http_reqs', 'count'):>9} {served.total():>7} "
        f"{count(told, 'checks', 'passes'):>7} "
        f"{count(told, arguments.streams, 'count'):>8}  "
        f"{'FAILED' if found else 'passed'}"
    )
    for fault in found:
        print(f"    {fault}")
    sys.exit(bool(found))


main()
