// What an author hands over, made safe for the engines: QuickJS' bindings end the
// whole instance where a value is of another type than the contract says.

import { Secret } from './config.js';

/** A text, and nothing else. */
export function text(value, what) {
  if (typeof value !== 'string') {
    throw new TypeError(`${what} must be a string`);
  }
  return value;
}

/** The text of a value that is no secret. */
export function plain(value, what) {
  if (value instanceof Secret) {
    throw new TypeError(`${what} cannot hold a secret`);
  }
  return String(value);
}

/** Calls `set(name, value)` for each header, and `append` for the further ones of a list. */
export function eachHeader(headers, set, append) {
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (Array.isArray(value)) {
      value.forEach((one, index) => (index === 0 ? set : append)(name, plain(one, `a list of headers (${name})`)));
    } else if (value !== undefined && value !== null) {
      set(name, value);
    }
  }
}
