import * as raw from 'vuelo:load/http@0.1.0';
import { Secret } from './config.js';
import { bytes, milliseconds, nanoseconds, pairs } from './engine.js';
import { attempt, contractError, Handle, PlainError } from './handle.js';
import { eachHeader, plain, text } from './values.js';

export class HttpError extends PlainError {
  name = 'HttpError';

  constructor({ tag, val }) {
    super(val ?? 'the response was used after the end of its iteration, or its body was taken already');
    this.kind = tag;
  }
}

export class Request {
  #raw;

  constructor(method, url, params = {}) {
    const request = new raw.Request(text(method, 'a method'), text(url, 'a URL'));
    this.#raw = request;
    for (const [name, value] of pairs(params.tags)) {
      this.setTag(name, value);
    }
    for (const [name, value] of Object.entries(params.cookies ?? {})) {
      if (value !== undefined) {
        this.setCookie(name, value);
      }
    }
    const given = (name, apply) => params[name] !== undefined && apply(params[name]);
    given('json', (value) => {
      this.setHeader('content-type', 'application/json');
      this.setBody(JSON.stringify(value));
    });
    given('body', (body) => this.setBody(body));
    given('form', (fields) => request.setForm(Array.isArray(fields) ? fields.map(formField) : pairs(fields)));
    given('multipart', (parts) => request.setMultipart(parts.map(formPart)));
    // After the body, which can set a content type.
    eachHeader(
      params.headers,
      (name, value) => this.setHeader(name, value),
      (name, value) => this.appendHeader(name, value),
    );
    given('basicAuth', ({ user, password }) =>
      password instanceof Secret
        ? request.setSecretBasicAuth(text(user, 'a user'), password.raw)
        : request.setBasicAuth(text(user, 'a user'), text(password, 'a password')),
    );
    given('digestAuth', ({ user, password }) =>
      password instanceof Secret
        ? request.setSecretDigestAuth(text(user, 'a user'), password.raw)
        : request.setDigestAuth(text(user, 'a user'), text(password, 'a password')),
    );
    given('timeout', (time) => request.setTimeout(nanoseconds(time)));
    given('headTimeout', (time) => request.setHeadTimeout(nanoseconds(time)));
    given('idleTimeout', (time) => request.setIdleTimeout(nanoseconds(time)));
    given('expectedStatuses', (statuses) => request.setExpectedStatuses(statuses.map(statusRange)));
    given('unjudged', (unjudged) => unjudged && request.setUnjudged());
    given('discardBody', (discard) => request.setDiscardBody(Boolean(discard)));
    given('maxRedirects', (redirects) => request.setMaxRedirects(Number(redirects)));
    given('expectContinue', (expect) => expect && request.setExpectContinue());
  }

  setHeader(name, value) {
    if (value instanceof Secret) {
      this.#raw.setSecretHeader(String(name), value.prefix, value.raw);
    } else if (value !== undefined && value !== null) {
      this.#raw.setHeader(String(name), String(value));
    }
    return this;
  }

  appendHeader(name, value) {
    this.#raw.appendHeader(String(name), plain(value, `a further header (${name})`));
    return this;
  }

  setTag(name, value) {
    this.#raw.setTag([String(name), String(value)]);
    return this;
  }

  setCookie(name, value) {
    this.#raw.setCookie(String(name), plain(value, 'a cookie'));
    return this;
  }

  setBody(body) {
    if (typeof body === 'string') {
      this.#raw.setText(body);
    } else {
      this.#raw.setBody(bytes(body));
    }
    return this;
  }

  // What is called most makes no function for it.
  send() {
    let response;
    try {
      response = this.#raw.send();
    } catch (thrown) {
      throw contractError(thrown, HttpError);
    }
    return new Response(response);
  }

  open() {
    return new Response(attempt(() => this.#raw.open(), HttpError));
  }

  upload(length) {
    return new Upload(attempt(() => this.#raw.upload(length === undefined ? undefined : Number(length)), HttpError));
  }

  [Symbol.dispose]() {
    this.#raw[Symbol.dispose]();
  }

  static sendAll(requests) {
    return raw
      .sendAll(requests.map((request) => request.#raw))
      .map(({ tag, val }) => (tag === 'ok' ? new Response(val) : new HttpError(val)));
  }
}

export const sendAll = Request.sendAll;

function formPart({ name, content, fileName, contentType }) {
  return {
    name: String(name),
    content: bytes(content),
    fileName: fileName === undefined ? undefined : String(fileName),
    contentType: contentType === undefined ? undefined : String(contentType),
  };
}

function formField([name, value]) {
  return [String(name), plain(value, 'a field of a form')];
}

function statusRange(status) {
  const [lowest, highest] = Array.isArray(status) ? status : [status, status];
  return { lowest: Number(lowest), highest: Number(highest) };
}

class Response extends Handle {
  constructor(raw) {
    super(raw, HttpError);
  }

  get status() {
    return this.read((raw) => raw.status(), 0);
  }

  get url() {
    return this.read((raw) => raw.url(), '');
  }

  get protocol() {
    return this.read((raw) => raw.protocol(), '');
  }

  get headers() {
    return this.read((raw) => raw.headers(), []);
  }

  header(name) {
    return this.read((raw) => raw.header(String(name)));
  }

  get duration() {
    return this.read((raw) => milliseconds(raw.duration()));
  }

  get timings() {
    const timings = this.read((raw) => raw.timings(), {});
    return Object.fromEntries(Object.entries(timings).map(([name, value]) => [name, milliseconds(value)]));
  }

  bytes() {
    return this.use((raw) => raw.body());
  }

  text() {
    return this.use((raw) => raw.text());
  }

  json() {
    return JSON.parse(this.text());
  }

  events() {
    return new EventStream(this.use((raw) => raw.events()));
  }

  chunks() {
    return new BodyStream(this.use((raw) => raw.chunks()));
  }
}

class Stream extends Handle {
  constructor(raw) {
    super(raw, HttpError);
  }

  *[Symbol.iterator]() {
    let ended = false;
    try {
      for (let item = this.next(); item !== undefined; item = this.next()) {
        yield item;
      }
      ended = true;
    } finally {
      // A loop that is left early closes the connection.
      if (!ended) {
        this[Symbol.dispose]();
      }
    }
  }
}

class EventStream extends Stream {
  next() {
    const event = this.use((raw) => raw.next());
    return event ? { ...event, elapsed: milliseconds(event.elapsed) } : undefined;
  }

  get retry() {
    return this.read((raw) => milliseconds(raw.retry()));
  }
}

class BodyStream extends Stream {
  next() {
    return this.use((raw) => raw.next()) ?? undefined;
  }

  get elapsed() {
    return this.read((raw) => milliseconds(raw.elapsed()));
  }
}

class Upload extends Handle {
  constructor(raw) {
    super(raw, HttpError);
  }

  write(piece) {
    this.use((raw) => raw.write(bytes(piece)));
  }

  finish() {
    return new Response(this.use((raw) => raw.finish()));
  }

  open() {
    return new Response(this.use((raw) => raw.open()));
  }
}

const without = (method) => (url, params) => once(new Request(method, url, params));
const withBody = (method) => (url, body, params) => {
  const request = new Request(method, url, params);
  return once(body === undefined || body === null ? request : request.setBody(body));
};

function once(request) {
  try {
    return request.send();
  } finally {
    request[Symbol.dispose]();
  }
}

export const http = {
  get: without('GET'),
  head: without('HEAD'),
  options: without('OPTIONS'),
  delete: without('DELETE'),
  post: withBody('POST'),
  put: withBody('PUT'),
  patch: withBody('PATCH'),
};

export const cookies = {
  set: (url, cookie) => attempt(() => raw.setCookie(text(url, 'a URL'), plain(cookie, 'a cookie')), HttpError),
  of: (url) => raw.cookies(text(url, 'a URL')),
  delete: (url, name) => raw.deleteCookie(text(url, 'a URL'), String(name)),
  clear: (url) => raw.clearCookies(text(url, 'a URL')),
};
