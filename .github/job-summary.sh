#!/usr/bin/env bash
# Writes what the results files in a folder say as Markdown: verdict, thresholds,
# percentiles. Needs jq.
set -euo pipefail
folder=${1:?usage: job-summary.sh FOLDER}
shopt -s nullglob
files=("$folder"/*.json)
if [ ${#files[@]} = 0 ]; then
  echo "No results were written: the run did not start. Its log says why."
  exit 0
fi
for file in "${files[@]}"; do
  jq -r '
    def ms: if . == null then "–" else (. * 100 | round / 100 | tostring) + " ms" end;
    def shown: if . == null then "no data" else (. * 10000 | round / 10000 | tostring) end;
    "## \(.run.scenario): \(.run.verdict.outcome)",
    "",
    (.run.verdict.reasons[] | "- \(.)"),
    "",
    "Environment `\(.run.environment)`, seed `\(.run.seed)`, started \(.run.start), artifact `\(.run.artifact.digest)`.",
    "",
    "| threshold | condition | observed | |",
    "|---|---|---|---|",
    (.metrics | to_entries[] | .key as $name | .value.thresholds // {} | to_entries[]
      | "| `\($name)` | `\(.key)` | \(.value.observed | shown) | \(if .value.ok then "✓" else "✗" end) |"),
    "",
    "| trend | p(50) | p(95) | p(99) | max |",
    "|---|---|---|---|---|",
    (.metrics | to_entries[] | select(.value.type == "trend" and .value.contains == "time" and (.value.values | length > 0))
      | "| `\(.key)` | \(.value.values["p(50)"] | ms) | \(.value.values["p(95)"] | ms) | \(.value.values["p(99)"] | ms) | \(.value.values.max | ms) |"),
    "",
    "| endpoint | requests | failed | p(50) | p(95) | p(99) |",
    "|---|---|---|---|---|---|",
    (.endpoints[] | ([.tags | to_entries[] | select(.key | IN("method", "name", "scenario") | not) | .value] | join(", ")) as $more
      | "| \(.tags.method) \(.tags.name)\(if $more == "" then "" else " (\($more))" end) | \(.requests) | \(.failed) | \(.duration["p(50)"] | ms) | \(.duration["p(95)"] | ms) | \(.duration["p(99)"] | ms) |"),
    ""
  ' "$file"
done
