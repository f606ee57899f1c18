/**
 * Load tests for Vuelo in JavaScript and TypeScript.
 *
 * Times are milliseconds, as k6 has them; `sleep` and `sleepBetween` alone take
 * seconds, as k6's `sleep`. Where there is nothing, there is `undefined`.
 */

// What a scenario is.

/** A scenario: what it wants, and what it does. Its functions are called with it as `this`. */
export interface Definition<Data, User> {
  /** How it wants to be run. Pure: nothing of the host can be called. */
  options?: Options;

  /**
   * Once per run, before the load: prepares it, and returns what every virtual
   * user is handed. An error ends the run. Needs `"setup"` in the exports.
   */
  setup?(): Data | Promise<Data>;

  /**
   * Once per virtual user, and again for an instance that replaces one that
   * trapped: makes what lasts (requests, secrets, tags), and returns it.
   *
   * `data` is what `setup` returned; `null` where there is none.
   */
  start?(data: Data): User | Promise<User>;

  /** One iteration. `user` is what `start` returned, `exec` the flow that the plan names. */
  iteration?(user: User, exec: string): unknown;

  /** In place of `iteration`: one function for each flow that the plan names with `exec`. */
  flows?: Record<string, (this: Definition<Data, User>, user: User, exec: string) => unknown>;

  /** Once per run, after the load. Needs `"teardown"` in the exports. */
  teardown?(data: Data): unknown;

  /**
   * In place of the built-in summary: texts for `stdout`, `stderr` and files of
   * the results folder, by name, as k6's `handleSummary`. Needs `"summary"` in
   * the exports.
   */
  summary?(results: Results): Record<string, string> | Promise<Record<string, string>>;
}

/** What a scenario's module exports. */
export interface Exports {
  scenario: {
    options(): string;
    start(data: string): unknown;
    iteration(exec: string): unknown;
  };
  setup: { setup(): unknown };
  teardown: { teardown(data: string): unknown };
  summary: { summarize(results: string): unknown };
}

/**
 * Makes what the module exports: `scenario`, and of `setup`, `teardown` and
 * `summary` those that `vuelo.toml` lists.
 *
 * ```js
 * export const { scenario, setup } = define({ options, setup() {…}, start(data) {…}, iteration(user) {…} });
 * ```
 *
 * What any of the functions throws becomes the error of its call: an iteration
 * fails with message and stack (an {@link HttpError} or {@link WebSocketError} with
 * its message alone), and the next one goes on. They may be `async` with
 * StarlingMonkey; nothing waits for a promise in QuickJS.
 */
export function define<Data = null, User = undefined>(definition: Definition<Data, User>): Exports;

/** Ends the iteration (setup, start, …) with this reason as its error, without a stack. */
export function fail(reason: string): never;

/** The results, in the shape that k6 hands to `handleSummary`. */
export interface Results {
  metrics: Record<string, { type: string; contains: string; values: Record<string, number>; thresholds?: Record<string, { ok: boolean }> }>;
  [member: string]: unknown;
}

// Options.

/** A duration in words, such as `"1m30s"`, or a number of milliseconds. */
export type Duration = string | number;

/**
 * How a scenario wants to be run: k6's options in camelCase, and some of Vuelo's
 * own. All members: `wit/options.schema.json`.
 */
export interface Options {
  /** How many virtual users; 1 unless set. */
  vus?: number;
  /** For how long. */
  duration?: Duration;
  /** How many iterations in all. */
  iterations?: number;
  /** A duration and the number of virtual users at its end, each. */
  stages?: { duration: Duration; target: number }[];
  /** Several executors side by side, by name. */
  scenarios?: Record<string, { executor: string; exec?: string; [member: string]: unknown }>;
  /** What must be true for the run to pass, by metric. */
  thresholds?: Record<string, string | readonly (string | Threshold)[]>;
  /** Tags of every sample of the run. */
  tags?: Record<string, string>;
  /** The keys that the scenario reads. */
  config?: Record<string, Key>;
  /**
   * Metrics of the scenario's own. Those that a module makes at its top
   * (`new Trend("…")`) are declared by that.
   */
  metrics?: Record<string, { type: 'counter' | 'gauge' | 'rate' | 'trend'; unit?: Unit }>;
  /** How long setup may take; `60s` unless set. */
  setupTimeout?: Duration;
  /** How long teardown may take; `60s` unless set. */
  teardownTimeout?: Duration;
  [member: string]: unknown;
}

/** A condition with what is to happen. */
export interface Threshold {
  /** Such as `"p(95)<500"`. */
  threshold: string;
  /** Ends the run when it does not hold. */
  abortOnFail?: boolean;
  /** For how long after the start of the load it does not end the run; `0s` unless set. */
  delayAbortEval?: Duration;
  /** What it says where there are no samples; `fail` unless set. */
  onNoData?: 'pass' | 'fail';
  /** It must hold for the last so much of the time at every moment: `"30s"`; a second or more. */
  window?: Duration;
}

/** A key of the configuration. */
export interface Key {
  /** What its value must be; any text unless set. A URL has no slash at its end. */
  kind?: 'string' | 'url';
  /** Its value where nobody gives one. */
  default?: string;
  /** Whether a run without a value is refused. */
  required?: boolean;
  /** Whether it can only be sent, and not be read. */
  secret?: boolean;
  /** What it is for. */
  description?: string;
}

/** What a metric's values are. */
export type Unit = 'none' | 'ms' | 'bytes';

/** Names and values that mark samples; `undefined` marks nothing. */
export type Tags = Record<string, string | number | boolean | undefined>;

// Configuration.

/** The values of the plan that the options declare. */
export namespace config {
  /** The value of a declared key that is no secret. */
  function get(key: string): string | undefined;
  /** The same; throws where there is none. */
  function require(key: string): string;
  /** A declared secret, to fill a header with. */
  function secret(key: string): Secret | undefined;

  /** A value that can be sent and not be read. */
  interface Secret {
    /** The same behind a text: `secret.withPrefix("Bearer ")`. */
    withPrefix(prefix: string): Secret;
    readonly prefix: string;
  }
}

/** Lines for the person who runs the test. What is no text is written as JSON. */
export namespace log {
  /** Shown with `--verbose` alone. */
  function debug(...values: unknown[]): void;
  /** Shown. */
  function info(...values: unknown[]): void;
  /** Shown, and marked. */
  function warn(...values: unknown[]): void;
  /** Shown, marked, and counted. */
  function error(...values: unknown[]): void;
}

// Requests.

/** A body: a text in UTF-8, or bytes. */
export type Body = string | Uint8Array | ArrayBuffer;

/** Headers. A list is several of one name, and holds no secret; `undefined` and `null` are none. */
export type Headers = Record<string, string | readonly string[] | config.Secret | null | undefined>;

/** User and password. */
export interface Credentials {
  user: string;
  password: string | config.Secret;
}

/** A part of a form that can hold files. */
export interface FormPart {
  name: string;
  content: Body;
  fileName?: string;
  contentType?: string;
}

/** How a request is sent. */
export interface RequestParams {
  /** A `content-type` here takes the place of the one that `json`, `form` or `multipart` sets. */
  headers?: Headers;
  /** Tags of its samples. `name` takes the place of the URL in reports. */
  tags?: Tags;
  /** Cookies beside those that are kept. */
  cookies?: Record<string, string>;
  body?: Body;
  /** A body in JSON, and its content type. */
  json?: unknown;
  /** A body of a form's fields, and its content type. */
  form?: Record<string, string | number | boolean> | readonly (readonly [string, string])[];
  /** A body of a form's parts, and its content type. */
  multipart?: readonly FormPart[];
  basicAuth?: Credentials;
  /** Each sending is then two requests. */
  digestAuth?: Credentials;
  /** How long sending, answer and body may take together, in milliseconds; 60 s unless set. */
  timeout?: number;
  /** How long the head of the answer may take, in milliseconds. */
  headTimeout?: number;
  /** How long the next piece of the body may take, in milliseconds. */
  idleTimeout?: number;
  /** Status codes, or ranges of them with both ends, that are no failure; 200 to 399 unless set. */
  expectedStatuses?: readonly (number | readonly [number, number])[];
  /** Judges nothing: no sample of `http_req_failed`. */
  unjudged?: boolean;
  /** Drops the body as it arrives. */
  discardBody?: boolean;
  /** How many redirects are followed. */
  maxRedirects?: number;
  /** Waits for `100 Continue` before the body is sent. */
  expectContinue?: boolean;
}

/**
 * A request: built once, sent as often as wanted. Building never fails; a mistake
 * in it is thrown by every sending. Make it in `start`, not at the module's top;
 * one that is made in every iteration, with `using`.
 */
export class Request {
  constructor(method: string, url: string, params?: RequestParams);
  /** Sets a header, in place of all earlier ones of that name. */
  setHeader(name: string, value: string | config.Secret | null | undefined): this;
  /** Adds a header beside earlier ones of that name. */
  appendHeader(name: string, value: string): this;
  setTag(name: string, value: string | number | boolean): this;
  setCookie(name: string, value: string): this;
  setBody(body: Body): this;
  /** Sends it, and waits until the answer is complete. Throws an {@link HttpError}. */
  send(): Response;
  /** Sends it, and waits for the answer's head. Throws an {@link HttpError}. */
  open(): Response;
  /** Begins to send it with a body that is yet to be written, of this length or in chunks. */
  upload(length?: number): Upload;
  /** Forgets it. */
  [Symbol.dispose](): void;
}

/** An answer, which stays in the host until its iteration ends. */
export interface Response {
  readonly status: number;
  /** The URL that answered. */
  readonly url: string;
  /** Such as `HTTP/1.1`. */
  readonly protocol: string;
  /** Names in lower case, in the order of arrival. */
  readonly headers: [name: string, value: string][];
  /** `timings.duration` alone, in milliseconds. */
  readonly duration: number | undefined;
  /** Where the time went, in milliseconds. */
  readonly timings: Timings;
  /** The first header of this name, in any case. */
  header(name: string): string | undefined;
  /** The body as text. Throws where it is not UTF-8. */
  text(): string;
  /** The body, parsed as JSON. */
  json<Value = any>(): Value;
  /** The body. */
  bytes(): Uint8Array;
  /** Reads an opened answer as Server-Sent Events. */
  events(): EventStream;
  /** Reads an opened answer in pieces, as they arrive. */
  chunks(): BodyStream;
  /** Gives it back before its iteration ends. */
  [Symbol.dispose](): void;
}

/** Where a request's time went, in milliseconds; `undefined` was not measured. */
export interface Timings {
  blocked?: number;
  lookingUp?: number;
  connecting?: number;
  tlsHandshaking?: number;
  sending?: number;
  waiting?: number;
  receiving?: number;
  /** Sending, waiting and receiving together: k6's `http_req_duration`. */
  duration?: number;
}

/** A Server-Sent Event. */
export interface ServerSentEvent {
  /** `message` where the server named none. */
  kind: string;
  data: string;
  id: string;
  /** Milliseconds from the sending of the request to its arrival. */
  elapsed: number;
}

/** Server-Sent Events, in order. A loop over it that is left early closes the connection. */
export interface EventStream extends Iterable<ServerSentEvent> {
  /** Waits for the next event; `undefined` is the end. */
  next(): ServerSentEvent | undefined;
  /** How long the server wants a client to wait before it connects anew, in milliseconds. */
  readonly retry: number | undefined;
  [Symbol.dispose](): void;
}

/** Pieces of a body, in order. A loop over it that is left early closes the connection. */
export interface BodyStream extends Iterable<Uint8Array> {
  /** Waits for the next piece; `undefined` is the end. */
  next(): Uint8Array | undefined;
  /** Milliseconds from the sending of the request to the arrival of the last piece. */
  readonly elapsed: number | undefined;
  [Symbol.dispose](): void;
}

/** A request whose body is written while it is sent. */
export interface Upload {
  write(piece: Body): void;
  /** Ends the body, and waits until the answer is complete. */
  finish(): Response;
  /** Ends the body, and waits for the answer's head. */
  open(): Response;
  [Symbol.dispose](): void;
}

/** Requests that are built and sent in one. */
export const http: {
  get(url: string, params?: RequestParams): Response;
  head(url: string, params?: RequestParams): Response;
  options(url: string, params?: RequestParams): Response;
  delete(url: string, params?: RequestParams): Response;
  post(url: string, body?: Body | null, params?: RequestParams): Response;
  put(url: string, body?: Body | null, params?: RequestParams): Response;
  patch(url: string, body?: Body | null, params?: RequestParams): Response;
};

/** Sends several requests at once; answers and errors come in the order of the requests. */
export function sendAll(requests: readonly Request[]): (Response | HttpError)[];

/** The virtual user's cookies. */
export const cookies: {
  /** Keeps a cookie as if the URL's server had set it: `"session=1; Path=/"`. */
  set(url: string, cookie: string): void;
  /** What a request to the URL would send. */
  of(url: string): [name: string, value: string][];
  delete(url: string, name: string): void;
  clear(url: string): void;
};

/** Why there is no answer. `message` says what happened, to what. */
export class HttpError extends Error {
  private constructor();
  readonly kind:
    | 'invalid-request'
    | 'not-allowed'
    | 'name-lookup'
    | 'connection-refused'
    | 'connect'
    | 'tls'
    | 'timeout'
    | 'connection-lost'
    | 'malformed-response'
    | 'body-too-large'
    | 'wrong-content'
    | 'closed'
    | 'bad-encoding'
    | 'protocol'
    | 'other';
}

// WebSockets.

/** The opening of a WebSocket session: built once, made as often as wanted, as a {@link Request}. */
export class Handshake {
  constructor(
    url: string,
    params?: {
      headers?: Headers;
      tags?: Tags;
      /** Subprotocols, the preferred one first. */
      protocols?: readonly string[];
      basicAuth?: Credentials;
      /** How long the opening may take, and then each sending, closing and `next`, in milliseconds. */
      timeout?: number;
    },
  );
  /** Opens a session. Throws a {@link WebSocketError}. */
  open(): Socket;
  /** Forgets it. */
  [Symbol.dispose](): void;
}

/** A session, which ends with its iteration. */
export interface Socket {
  /** The subprotocol that the server took; empty where it took none. */
  readonly protocol: string;
  header(name: string): string | undefined;
  /** Sends a text, or bytes. */
  send(data: Body): void;
  ping(): void;
  /** Waits for the next message; `undefined` where none came in so many milliseconds. */
  next(timeout: number): Message | undefined;
  /** Waits for the next message, and throws where none comes in the handshake's time. */
  next(): Message;
  /** Milliseconds from the last message that was sent to the last that `next` returned. */
  readonly answeredAfter: number | undefined;
  /** Closes the session; 1000 without a reason unless said otherwise. */
  close(code?: number, reason?: string): void;
  /** Leaves it, without waiting for an answer. */
  [Symbol.dispose](): void;
}

/** What comes from the other side. */
export type Message =
  | { kind: 'text'; text: string }
  | { kind: 'binary'; bytes: Uint8Array }
  /** The answer to a ping, and after how many milliseconds it came. */
  | { kind: 'pong'; after: number }
  | { kind: 'closed'; code: number; reason: string };

/** Why there is no session, or no longer. */
export class WebSocketError extends Error {
  private constructor();
  readonly kind:
    | 'invalid'
    | 'not-allowed'
    | 'name-lookup'
    | 'connection-refused'
    | 'connect'
    | 'tls'
    | 'timeout'
    | 'connection-lost'
    | 'malformed-response'
    | 'refused'
    | 'protocol'
    | 'message-too-large'
    | 'closed'
    | 'other';
  /** The answer that opened no session, where `kind` is `refused`. */
  readonly refusal?: { status: number; headers: [name: string, value: string][]; body: Uint8Array };
}

// Metrics. Made at a module's top, as in k6, they are declared by that; made
// later, they must stand in the options. The host knows them from their first use.

/** A sum that only grows. */
export class Counter {
  constructor(name: string);
  readonly name: string;
  /** Adds to it; 1 unless said otherwise. */
  add(value?: number, tags?: Tags): void;
}

/** A value of which the last, the lowest and the highest are kept. */
export class Gauge {
  constructor(name: string, declaration?: { unit?: Unit });
  readonly name: string;
  set(value: number, tags?: Tags): void;
}

/** The share of samples that are true. */
export class Rate {
  constructor(name: string);
  readonly name: string;
  add(value: boolean, tags?: Tags): void;
}

/** A distribution, with percentiles. */
export class Trend {
  constructor(name: string, declaration?: { unit?: Unit });
  readonly name: string;
  /** Adds one sample, in the metric's unit. */
  add(value: number, tags?: Tags): void;
  /** Adds milliseconds to a trend of the unit `ms`; nothing where there are none. */
  addDuration(milliseconds: number | null | undefined, tags?: Tags): void;
}

// The course of an iteration.

/**
 * Records for each name whether its condition holds, as k6's `check`, and returns
 * whether all do. A condition that throws does not hold.
 */
export function check<Value>(
  value: Value,
  checks: Record<string, boolean | ((value: Value) => unknown)>,
  tags?: Tags,
): boolean;

/** Runs a function in a group, as k6's `group`, and returns what it returns. */
export function group<Result>(name: string, run: () => Result): Result;

/** Waits, in seconds. */
export function sleep(seconds: number): void;

/** Waits for a time in between, in seconds, drawn by the host from the run's seed. */
export function sleepBetween(shortest: number, longest: number): void;

/**
 * A draw from 0 (included) to 1 (not included), from the run's seed. What
 * `Math.random` draws is, in QuickJS, the same in every virtual user.
 */
export function random(): number;

/** Marks later samples until the iteration ends; set in `start`, for all iterations. */
export function setTag(name: string, value: string | number | boolean): void;

/** Takes such a tag away. */
export function removeTag(name: string): void;

/** Ends the whole run. This call does not return. */
export function abort(reason: string): never;

/** Lets the run go on and marks it as failed. */
export function markFailed(reason: string): void;

/** Where the run is. */
export const execution: {
  /** The virtual user, from 1; 0 in setup, teardown and summary. */
  readonly vu: number;
  /** How many iterations this virtual user had before this one. */
  readonly vuIteration: number;
  /** The number of this iteration in its scenario, from 0. */
  readonly scenarioIteration: number;
  /** The scenario's name in the plan. */
  readonly scenario: string;
};
