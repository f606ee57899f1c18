// The test plan for guests, as `vuelo conformance` holds it against a component.
// The same source is built by QuickJS and by StarlingMonkey.

import {
  abort,
  check,
  config,
  cookies,
  Counter,
  define,
  execution,
  fail,
  Gauge,
  group,
  Handshake,
  http,
  log,
  markFailed,
  random,
  Rate,
  removeTag,
  Request,
  sendAll,
  setTag,
  sleep,
  sleepBetween,
  Trend,
} from 'vuelo';
// What the SDK leaves out, or makes safe.
import { beginGroup } from 'vuelo:load/flow@0.1.0';
import { Counter as RawCounter, Trend as RawTrend } from 'vuelo:load/metrics@0.1.0';

const TEXT = 'Grüße, 世界 🦉';

const things = new Counter('things');
const level = new Gauge('level');
const share = new Rate('share');
const lengths = new Trend('lengths', { unit: 'ms' });
const sizes = new Trend('sizes', { unit: 'bytes' });
new Trend('plain');

const options = {
  vus: 1,
  iterations: 1,
  setupTimeout: '10s',
  discardResponseBodies: false,
  maxRedirects: 5,
  tags: { from: TEXT, quoted: '"\\/' },
  thresholds: {
    checks: ['rate>=0'],
    things: [{ threshold: 'count>=0', abortOnFail: false, onNoData: 'pass' }],
  },
  config: {
    BASE_URL: { kind: 'url', required: true },
    CASE: { default: '' },
    URL: { default: '' },
    GREETING: { default: 'hello' },
    ABSENT: {},
    TOKEN: { secret: true },
  },
};

/** What a flow is handed. */
function start(data) {
  const base = config.require('BASE_URL');
  failsIn('start');
  if (config.get('CASE') === 'tags') {
    setTag('lasting', 'from start');
  }
  const user = { data, base, url: config.get('URL') };
  if (config.get('CASE') === 'handles') {
    user.request = secretRequest(base);
    // The SDK's is made at its first use.
    user.things = new RawCounter('things');
  }
  return user;
}

function secretRequest(base) {
  const authorization = config.secret('TOKEN').withPrefix('Bearer ');
  return new Request('GET', `${base}/echo`, { headers: { authorization } });
}

const say = (name, value = 'none') => log.debug(`${name}=${value}`);
const sorted = (cookies) => [...cookies].sort().join(',');
const echoed = (response, header) => response.json().headers[header]?.join(',');

function failsIn(phase) {
  if (config.get('CASE') === `${phase}-failure`) {
    fail(`${phase} says no: Grüße`);
  }
  if (config.get('CASE') === `${phase}-exception`) {
    throw new Error('this was thrown');
  }
}

/** The status of each, or the name of the contract's error. */
const outcomes = (answers) =>
  answers.map((answer) => (answer instanceof Error ? answer.kind : answer.status)).join(',');

/** The name of the contract's error that this ends with. */
function kindOf(call) {
  try {
    call();
  } catch (error) {
    return error.kind ?? fail(`not an error of the contract: ${error}`);
  }
  return undefined;
}

const onceAndEnds = {
  nothing() {},

  error() {
    fail('this one fails: Grüße');
  },

  exec(_, exec) {
    say('exec', exec);
  },

  'setup-data'({ data }) {
    say('text', data.text);
    say('padding', data.padding.length);
    say('numbers', data.numbers.join(','));
    say('nothing', data.nothing === null);
    say('nested', data.nested.list.length === 2 && data.nested.yes === true);
  },

  handles({ request, things }) {
    say('authorization', request.send().json().headers.authorization[0]);
    things.add(1, []);
  },

  abort() {
    abort('enough: Grüße');
    say('after', 'abort');
  },

  'mark-failed'() {
    markFailed('not good: Grüße');
    say('after', true);
  },
};

const configuration = {
  config() {
    say('greeting', config.get('GREETING'));
    say('absent', config.get('ABSENT'));
    say('undeclared', config.get('NOBODY'));
    say('secret', config.get('TOKEN'));
    say('no-secret', config.secret('GREETING') === undefined);
  },

  secret({ base }) {
    say('authorization', echoed(secretRequest(base).send(), 'authorization'));
  },
};

const requests = {
  get({ base }) {
    const response = http.get(`${base}/text`);
    say('status', response.status);
    say('url', response.url);
    say('greeting', response.header('X-Greeting'));
    say('missing', response.header('x-missing'));
    const twice = response.headers.filter(([name]) => name === 'x-twice');
    say('twice', twice.map(([, value]) => value).join(','));
    say('protocol', response.protocol);
    say('text', response.text());
    say('length', response.bytes().length);
  },

  post({ base }) {
    const request = new Request('POST', `${base}/echo?q=1`, {
      headers: { 'x-one': '1', 'x-two': ['a', 'b'], 'content-type': 'text/plain' },
      body: TEXT,
    });
    const response = request.setHeader('x-one', '2').send();
    const { method, path, body } = response.json();
    say('method', method);
    say('path', path);
    say('one', echoed(response, 'x-one'));
    say('two', echoed(response, 'x-two'));
    say('body', body);
  },

  bytes({ base }) {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const back = http.post(`${base}/mirror`, all).bytes();
    say('length', back.length);
    say('same', back.every((byte, index) => byte === all[index]));
  },

  large({ base }) {
    const body = http.get(`${base}/bytes/1048576`).bytes();
    say('length', body.length);
    say('last', body.at(-1));
  },

  form({ base }) {
    const response = http.post(`${base}/echo`, undefined, { form: { a: '1 & 2', b: 'ü' } });
    say('type', echoed(response, 'content-type'));
    say('body', response.json().body);
  },

  multipart({ base }) {
    const response = http.post(`${base}/echo`, undefined, {
      multipart: [
        { name: 'a', content: '1' },
        { name: 'f', fileName: 'f.bin', contentType: 'application/x-f', content: 'Grüße' },
      ],
    });
    const { body } = response.json();
    say('type', echoed(response, 'content-type').split(';')[0]);
    say('has', ['name="a"', 'filename="f.bin"', 'Grüße'].every((part) => body.includes(part)));
  },

  basic({ base }) {
    const response = http.get(`${base}/echo`, { basicAuth: { user: 'ada', password: 'secret' } });
    say('authorization', echoed(response, 'authorization'));
  },

  cookies({ base }) {
    cookies.set(base, 'one=1; Path=/');
    cookies.set(base, 'two=2; Path=/');
    const response = http.get(`${base}/echo`, { cookies: { three: '3' } });
    say('sent', sorted(echoed(response, 'cookie').split('; ')));
    cookies.delete(base, 'one');
    say('left', sorted(cookies.of(base).map(([name, value]) => `${name}=${value}`)));
    cookies.clear(base);
    say('cleared', cookies.of(base).length);
  },

  redirect({ base }) {
    const followed = http.get(`${base}/redirect`);
    say('status', followed.status);
    say('url', followed.url);
    const unfollowed = http.get(`${base}/redirect`, { maxRedirects: 0 });
    say('unfollowed', unfollowed.status);
    say('location', unfollowed.header('location'));
  },

  timings({ base }) {
    const request = new Request('GET', `${base}/text`);
    request.send();
    const response = request.send();
    const { duration, lookingUp, connecting, tlsHandshaking, sending, waiting, receiving } = response.timings;
    say('duration', duration === response.duration && duration > 0);
    say('reused', lookingUp === 0 && connecting === 0 && tlsHandshaking === 0);
    // They are fractions of milliseconds here, and whole nanoseconds.
    say('parts', Math.abs(sending + waiting + receiving - duration) < 1e-6);
    lengths.addDuration(duration);
  },

  'send-all'({ base, url }) {
    const all = sendAll([
      new Request('GET', `${base}/text`),
      new Request('GET', `${base}/status/204`),
      new Request('GET', url),
      new Request('GET', `${base}/status/404`, { expectedStatuses: [404] }),
    ]);
    say('statuses', outcomes(all));
  },

  'batch-edges'({ base }) {
    const request = new Request('GET', `${base}/text`);
    say('twice', outcomes(sendAll([request, request])));
    say('none', sendAll([]).length);
  },

  judging({ base }) {
    http.get(`${base}/status/404`, { expectedStatuses: [[404, 404]] });
    http.get(`${base}/status/500`, { unjudged: true });
    http.get(`${base}/status/500`);
  },

  discard({ base }) {
    say('length', http.get(`${base}/bytes/1000`, { discardBody: true }).bytes().length);
  },

  'request-tags'({ base }) {
    http.get(`${base}/text`, { tags: { name: 'the text', kind: 'Grüße' } });
  },

  timeouts({ base }) {
    say('error', kindOf(() => http.get(`${base}/slow`, { timeout: 100 })));
    say('head', kindOf(() => http.get(`${base}/slow`, { headTimeout: 100 })));
    say('idle', kindOf(() => http.get(`${base}/stalls`, { idleTimeout: 100 })));
  },

  'http-error'({ url }) {
    try {
      http.get(url, { timeout: 500 }).text();
    } catch (error) {
      say('error', error.kind);
      say('words', error.message !== '');
    }
  },

  kept(user) {
    if (execution.vuIteration === 0) {
      user.kept = http.get(`${user.base}/text`);
    } else {
      say('status', user.kept.status);
      say('text', kindOf(() => user.kept.text()));
    }
  },
};

const streams = {
  events({ base }) {
    const events = new Request('GET', `${base}/events`).open().events();
    let [last, ordered] = [0, true];
    for (const { kind, data, id, elapsed } of events) {
      say('event', `${kind}|${data.replaceAll('\n', '\\n')}|${id}`);
      ordered &&= elapsed > 0 && elapsed >= last;
      last = elapsed;
    }
    say('retry', events.retry === undefined ? undefined : events.retry * 1e6);
    say('elapsed', ordered);
  },

  chunks({ base }) {
    const chunks = new Request('GET', `${base}/pieces`).open().chunks();
    const before = chunks.elapsed;
    const pieces = [];
    for (const piece of chunks) {
      pieces.push(...piece);
    }
    say('text', decodeURIComponent(pieces.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')));
    say('elapsed', before === undefined && chunks.elapsed !== undefined);
  },

  'not-events'({ base }) {
    const response = new Request('GET', `${base}/text`).open();
    say('error', kindOf(() => response.events()));
    say('text', response.text());
  },

  'dropped-stream'({ base }) {
    const response = new Request('GET', `${base}/endless`).open();
    for (const _ of response.events()) {
      break;
    }
    response[Symbol.dispose]();
    say('status', http.get(`${base}/text`).status);
  },

  upload({ base }) {
    const chunked = new Request('POST', `${base}/echo`).upload();
    chunked.write('one, ');
    chunked.write('two');
    const response = chunked.finish();
    say('body', response.json().body);
    say('chunked', echoed(response, 'content-length') === undefined);

    const measured = new Request('POST', `${base}/echo`).upload(3);
    measured.write('abc');
    say('length', measured.open().json().length);
  },

  websocket({ base }) {
    const url = `${base.replace(/^http/, 'ws')}/socket`;
    const socket = new Handshake(url, { headers: { 'x-one': '1' } }).open();
    socket.send(TEXT);
    say('text', socket.next().text);
    socket.send(Uint8Array.of(0, 1, 2, 255));
    say('binary', socket.next().bytes.join(','));
    socket.ping();
    say('pong', socket.next().after > 0);
    socket.close(1000, 'done');
    let message;
    do {
      message = socket.next();
    } while (message.kind !== 'closed');
    say('closing', message.code);
  },

  'websocket-refused'({ base }) {
    try {
      new Handshake(`${base.replace(/^http/, 'ws')}/status/403`).open();
    } catch (error) {
      say('refused', error.refusal?.status);
      say('words', error.message.length > 0);
      say('body', String.fromCharCode(...(error.refusal?.body ?? [])));
    }
  },
};

const measures = {
  metrics() {
    things.add();
    things.add(2.5, { colour: 'red' });
    level.set(5);
    level.set(-3.5);
    share.add(true);
    share.add(false);
    share.add(false);
    lengths.add(0.25);
    lengths.addDuration(1.5);
    sizes.add(1048576);
  },

  f64() {
    level.set(Number.MAX_VALUE, { edge: 'max' });
    level.set(-Number.MAX_VALUE, { edge: 'min' });
    level.set(Number.MIN_VALUE, { edge: 'tiny' });
    level.set(0.1, { edge: 'third' });
    level.set(Number.MAX_SAFE_INTEGER, { edge: 'whole' });
    level.set(-0, { edge: 'zero' });
  },

  u64() {
    const raw = new RawTrend('lengths');
    if (typeof setTimeout === 'undefined') {
      fail('unsupported: a u64 is a number in QuickJS, which has 53 bits of it');
    }
    raw.addDuration(2n ** 53n + 1n, []);
  },

  nonsense() {
    things.add(-1);
    things.add(NaN);
    things.add(Infinity);
  },

  'undeclared-metric'() {
    new Counter('nobody').add(1);
  },

  'wrong-metric'() {
    new Counter('level').add(1);
  },

  checks() {
    check(1, { holds: (value) => value === 1 });
    check(1, { holds: (value) => value === 2 });
    check(undefined, { 'Grüße 🦉': true }, { colour: 'red' });
  },
};

const course = {
  groups() {
    group('outer', () => {
      check(undefined, { 'in outer': true });
      group('inner', () => check(undefined, { 'in inner': true }));
    });
    beginGroup('left-open');
    check(undefined, { 'in left-open': true });
  },

  tags() {
    if (execution.vuIteration > 0) {
      things.add();
      return;
    }
    setTag('passing', 1);
    things.add();
    removeTag('passing');
    things.add();
    setTag('passing', 2);
  },

  numbers() {
    const { vu, vuIteration, scenarioIteration, scenario } = execution;
    say('numbers', [vu, vuIteration, scenarioIteration, scenario].join(','));
  },

  random() {
    for (const draw of [1, 2, 3]) {
      level.set(random(), { draw });
    }
  },

  sleep() {
    sleep(0.03);
    sleepBetween(0.02, 0.04);
    sleepBetween(0.01, 0.005);
    sleep(0);
  },

  log() {
    for (const level of ['debug', 'info', 'warn', 'error']) {
      log[level](`${level}: Grüße 世界 🦉`);
    }
  },

  strings() {
    say('empty', '');
    say('nul', 'a\0b');
    say('long', 'ü'.repeat(65_536));
  },
};

/** What goes wrong in the first iteration must not harm the second. */
const firstThen = (first, name, value) => () => {
  if (execution.vuIteration > 0) {
    say(name, value);
  } else {
    first();
  }
};

function throwsDeliberately() {
  throw new Error('this was thrown');
}

function recurse(depth) {
  return 1 + recurse(depth + 1);
}

/** Counts the calls as they come back. */
function nested(calls) {
  return calls === 0 ? 0 : 1 + nested(calls - 1);
}

function takeMemory() {
  const taken = [];
  for (;;) {
    taken.push(new Uint8Array(1 << 20).fill(1));
  }
}

const wrongs = {
  // JavaScript has no harder stop than an exception; the host's trap is one.
  trap({ data }) {
    if (execution.vuIteration === 0) {
      new RawTrend('nobody');
    }
    say('instance', 'new');
    say('data', data.padding.length);
  },

  exception() {
    throwsDeliberately();
  },

  exit() {
    fail('unsupported: JavaScript has no process to exit');
  },

  memory: firstThen(takeMemory, 'after', true),

  overflow: firstThen(() => recurse(0), 'after', true),

  deep() {
    say('depth', nested(400));
  },

  endless() {
    for (;;);
  },

  print() {
    console.log('hello');
    console.error('hello');
  },

  clock() {
    say('clock', Math.floor(Date.now() / 1000));
    const before = performance.now();
    sleep(0.02);
    say('monotonic', performance.now() - before >= 15);
  },
};

export const { scenario, setup, teardown, summary } = define({
  options,

  setup() {
    failsIn('setup');
    return {
      text: `${TEXT} "\\\n`,
      padding: 'x'.repeat(1_048_576),
      numbers: [0, -1, 0.1, Number.MAX_SAFE_INTEGER],
      nothing: null,
      nested: { list: [[], {}], yes: true },
    };
  },

  start,

  flows: {
    ...onceAndEnds,
    ...configuration,
    ...requests,
    ...streams,
    ...measures,
    ...course,
    ...wrongs,
  },

  teardown(data) {
    failsIn('teardown');
    if (config.get('CASE') === 'teardown') {
      say('teardown', data.padding.length);
    }
  },

  summary(results) {
    failsIn('summary');
    return {
      stdout: `iterations=${results.metrics.iterations.values.count}\n`,
      'guest.txt': 'Grüße',
    };
  },
});
