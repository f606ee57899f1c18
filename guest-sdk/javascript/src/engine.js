// Where the two engines differ: QuickJS (componentize-qjs) and StarlingMonkey
// (componentize-js).

import { getSecret } from 'vuelo:load/config@0.1.0';
import * as log from './log.js';

/** Whether there is an event loop, and a promise that an export returns is waited for. */
export const hasEventLoop = typeof setTimeout === 'function';

if (hasEventLoop) {
  // StarlingMonkey's bindings name the class of every resource, and leave it out
  // of their own script where it has no methods, as `secret` has none. They live
  // in a realm of their own, which is reached by their functions' constructor.
  getSecret.constructor('globalThis.import_config_0_1_0$Secret ??= class Secret {}')();
}

// QuickJS has no console.
globalThis.console ??= { debug: log.debug, log: log.info, info: log.info, warn: log.warn, error: log.error };

const encoder = typeof TextEncoder === 'function' ? new TextEncoder() : undefined;

/** The bytes of a text in UTF-8; bytes as they are. */
export function bytes(content) {
  if (content instanceof Uint8Array) {
    return content;
  }
  if (content instanceof ArrayBuffer) {
    return new Uint8Array(content);
  }
  if (typeof content !== 'string') {
    throw new TypeError('a body must be a string, a Uint8Array or an ArrayBuffer');
  }
  return encoder
    ? encoder.encode(content)
    : Uint8Array.from(unescape(encodeURIComponent(content)), (byte) => byte.charCodeAt(0));
}

/** Milliseconds as the contract's nanoseconds. A whole number stands for u64 in both engines. */
export function nanoseconds(milliseconds) {
  if (Number.isNaN(Number(milliseconds))) {
    throw new TypeError(`not a number of milliseconds: ${milliseconds}`);
  }
  return Math.min(Math.max(0, Math.round(milliseconds * 1e6)), Number.MAX_SAFE_INTEGER);
}

/** Nanoseconds, which are a BigInt in StarlingMonkey, as milliseconds. */
export function milliseconds(nanoseconds) {
  return nanoseconds === undefined || nanoseconds === null ? undefined : Number(nanoseconds) / 1e6;
}

const NO_PAIRS = [];

/** Tags as the contract has them. Most samples have none of their own. */
export function pairs(tags) {
  if (tags === undefined) {
    return NO_PAIRS;
  }
  return Object.entries(tags ?? {})
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, String(value)]);
}
