import * as raw from 'vuelo:load/websocket@0.1.0';
import { Secret } from './config.js';
import { bytes, milliseconds, nanoseconds, pairs } from './engine.js';
import { attempt, Handle, PlainError } from './handle.js';
import { eachHeader, text } from './values.js';

export class WebSocketError extends PlainError {
  name = 'WebSocketError';

  constructor({ tag, val }) {
    super(val?.text ?? val ?? 'the socket was used after its session was closed, or after the end of its iteration');
    this.kind = tag;
    this.refusal = tag === 'refused' ? { status: val.status, headers: val.headers, body: val.body } : undefined;
  }
}

export class Handshake {
  #raw;

  constructor(url, params = {}) {
    const handshake = new raw.Handshake(text(url, 'a URL'));
    this.#raw = handshake;
    eachHeader(
      params.headers,
      (name, value) =>
        value instanceof Secret
          ? handshake.setSecretHeader(name, value.prefix, value.raw)
          : handshake.setHeader(name, String(value)),
      (name, value) => handshake.appendHeader(name, value),
    );
    pairs(params.tags).forEach((tag) => handshake.setTag(tag));
    params.protocols?.forEach((protocol) => handshake.offerSubprotocol(String(protocol)));
    if (params.basicAuth) {
      const { user, password } = params.basicAuth;
      password instanceof Secret
        ? handshake.setSecretBasicAuth(text(user, 'a user'), password.raw)
        : handshake.setBasicAuth(text(user, 'a user'), text(password, 'a password'));
    }
    if (params.timeout !== undefined) {
      handshake.setTimeout(nanoseconds(params.timeout));
    }
  }

  open() {
    return new Socket(attempt(() => this.#raw.open(), WebSocketError));
  }

  [Symbol.dispose]() {
    this.#raw[Symbol.dispose]();
  }
}

class Socket extends Handle {
  constructor(raw) {
    super(raw, WebSocketError);
  }

  get protocol() {
    return this.read((raw) => raw.subprotocol(), '');
  }

  header(name) {
    return this.read((raw) => raw.header(String(name)));
  }

  send(data) {
    this.use((raw) => (typeof data === 'string' ? raw.sendText(data) : raw.sendBinary(bytes(data))));
  }

  ping() {
    this.use((raw) => raw.ping());
  }

  next(timeout) {
    const message = this.use((raw) => raw.next(timeout === undefined ? undefined : nanoseconds(timeout)));
    switch (message?.tag) {
      case 'text':
        return { kind: 'text', text: message.val };
      case 'binary':
        return { kind: 'binary', bytes: message.val };
      case 'pong':
        return { kind: 'pong', after: milliseconds(message.val) };
      case 'closed':
        return { kind: 'closed', ...message.val };
      default:
        return undefined;
    }
  }

  get answeredAfter() {
    return this.read((raw) => milliseconds(raw.answeredAfter()));
  }

  close(code = 1000, reason = '') {
    this.use((raw) => raw.close(Number(code), String(reason)));
  }
}
