import * as flow from 'vuelo:load/flow@0.1.0';
import { recordCheck } from 'vuelo:load/checks@0.1.0';
import { nanoseconds, pairs } from './engine.js';
import * as log from './log.js';

export { random } from 'vuelo:load/flow@0.1.0';

export function check(value, checks, tags) {
  const marks = pairs(tags);
  let all = true;
  for (const [name, condition] of Object.entries(checks)) {
    let passed = false;
    try {
      passed = Boolean(typeof condition === 'function' ? condition(value) : condition);
    } catch (thrown) {
      log.debug(`the check "${name}" threw:`, thrown);
    }
    recordCheck(name, passed, marks);
    all &&= passed;
  }
  return all;
}

export function group(name, run) {
  flow.beginGroup(String(name));
  let result;
  try {
    result = run();
  } finally {
    if (typeof result?.then !== 'function') {
      flow.endGroup();
    }
  }
  return typeof result?.then === 'function' ? result.finally(flow.endGroup) : result;
}

export function sleep(seconds) {
  flow.sleep(nanoseconds(seconds * 1000));
}

export function sleepBetween(shortest, longest) {
  flow.sleepBetween(nanoseconds(shortest * 1000), nanoseconds(longest * 1000));
}

export function setTag(name, value) {
  flow.setTag([String(name), String(value)]);
}

export function removeTag(name) {
  flow.removeTag(String(name));
}

export function abort(reason) {
  flow.abort(String(reason));
}

export function markFailed(reason) {
  flow.markFailed(String(reason));
}

export const execution = {
  get vu() {
    return flow.vu();
  },
  get vuIteration() {
    return Number(flow.vuIteration());
  },
  get scenarioIteration() {
    return Number(flow.scenarioIteration());
  },
  get scenario() {
    return flow.scenarioName();
  },
};
