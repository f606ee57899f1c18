import { hasEventLoop } from './engine.js';
import { PlainError, release } from './handle.js';
import { declarations } from './metrics.js';

/** An end that was asked for: its text is told, and no stack. */
class Failure extends PlainError {}

export function fail(reason) {
  throw new Failure(reason);
}

export function define(definition) {
  let user;
  const keep = (made) => {
    user = made;
  };
  const begin = (data) => definition.start?.(JSON.parse(data));
  const run = (exec) => {
    const { flows, iteration } = definition;
    const flow = flows ? flows[exec] : iteration;
    return flow ? flow.call(definition, user, exec) : fail(`there is no flow "${exec}"`);
  };
  // The component exports what vuelo.toml lists.
  const exported = (name, argument) =>
    definition[name]
      ? definition[name](argument)
      : fail(`vuelo.toml exports "${name}", and the scenario has no ${name}`);
  return {
    scenario: {
      options() {
        const { options = {} } = definition;
        const metrics = { ...declarations(), ...options.metrics };
        return JSON.stringify(Object.keys(metrics).length > 0 ? { ...options, metrics } : options);
      },
      start: (data) => ended(begin, keep, data),
      iteration: (exec) => ended(run, nothing, exec),
    },
    setup: { setup: () => ended(() => exported('setup'), (data) => JSON.stringify(data ?? null)) },
    teardown: { teardown: (data) => ended(() => exported('teardown', JSON.parse(data))) },
    summary: { summarize: (results) => ended(() => exported('summary', JSON.parse(results)), outputs) },
  };
}

function nothing() {}

/** Calls what is the scenario's own; what it throws is the text of the contract's error. */
function ended(call, result = nothing, argument) {
  let returned;
  try {
    returned = call(argument);
    if (typeof returned?.then !== 'function') {
      returned = result(returned);
      release();
      return returned;
    }
    if (!hasEventLoop) {
      fail('nothing waits for an async function in QuickJS: set `backend = "starlingmonkey"` in vuelo.toml');
    }
  } catch (thrown) {
    release();
    throw describe(thrown);
  }
  return returned.then(result).then(
    (value) => {
      release();
      return value;
    },
    (thrown) => {
      release();
      throw describe(thrown);
    },
  );
}

function describe(thrown) {
  // An error of the raw bindings carries one of the contract.
  const payload = thrown?.payload;
  if (payload !== undefined) {
    return typeof payload === 'string' ? payload : `${payload.tag}: ${payload.val?.text ?? payload.val ?? ''}`;
  }
  if (typeof thrown?.stack !== 'string' || thrown instanceof PlainError) {
    return String(thrown?.message ?? thrown);
  }
  const text = thrown.name === 'Error' ? thrown.message : `${thrown.name}: ${thrown.message}`;
  return [text, ...frames(thrown.stack)].join('\n');
}

// QuickJS has `    at name (file:line:column)`, StarlingMonkey `name@file:line:column`.
function frames(stack) {
  return stack
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.includes('initializer.js'))
    .map((line) => `    ${line.startsWith('at ') ? line : `at ${line}`}`);
}

function outputs(texts) {
  return Object.entries(texts).map(([name, text]) => ({
    destination: name === 'stdout' || name === 'stderr' ? { tag: name } : { tag: 'file', val: name },
    text: String(text),
  }));
}
