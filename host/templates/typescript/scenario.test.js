// Runs the component against the target inside `vuelo`, and reads the results.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

/** The results of a run of the built component. */
function run(...flags) {
  const folder = mkdtempSync(join(tmpdir(), '{{name}}-'));
  try {
    const vuelo = process.env.VUELO || 'vuelo';
    execFileSync(vuelo, ['run', './{{name}}.wasm', '--quiet', '--results', folder, ...flags], {
      cwd: import.meta.dirname,
      stdio: 'inherit',
    });
    const [results] = readdirSync(folder).filter((name) => name.endsWith('.json'));
    return JSON.parse(readFileSync(join(folder, results), 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a healthy server passes', () => {
  const { metrics } = run('--demo', '-u', '1', '-i', '3');
  assert.equal(metrics.checks.values.rate, 1);
  assert.equal(metrics.iterations.values.count, 3);
  assert.ok(metrics.health_duration.values.max > 0);
});
