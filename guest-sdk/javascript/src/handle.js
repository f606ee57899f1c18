// Handles to what is in the host, and when they are given back.

import { hasEventLoop } from './engine.js';

// QuickJS gives a handle back with the last reference to it. StarlingMonkey's
// bindings never do once it was used: there, what belongs to an iteration is
// given back at its end, where the contract ends it anyway.
let held = [];

/** An error that is told by its text alone, without a stack, where nobody catches it. */
export class PlainError extends Error {}

/** What ends with its iteration. */
export class Handle {
  #raw;
  #error;

  constructor(raw, error) {
    this.#raw = raw;
    this.#error = error;
    if (hasEventLoop) {
      held.push(this);
    }
  }

  /** What `use` makes of the handle; an error of the contract is thrown as one of this kind. */
  use(use) {
    if (this.#raw === undefined) {
      throw new this.#error({ tag: 'closed' });
    }
    return attempt(() => use(this.#raw), this.#error);
  }

  /** The same for what cannot fail; `otherwise` once it was given back. */
  read(read, otherwise) {
    return this.#raw === undefined ? otherwise : (read(this.#raw) ?? undefined);
  }

  [Symbol.dispose]() {
    this.#raw?.[Symbol.dispose]();
    this.#raw = undefined;
  }
}

/** Gives back what the iteration that ended has left. */
export function release() {
  if (held.length === 0) {
    return;
  }
  const left = held;
  held = [];
  for (const handle of left) {
    handle[Symbol.dispose]();
  }
}

export function attempt(call, ContractError) {
  try {
    return call();
  } catch (thrown) {
    throw contractError(thrown, ContractError);
  }
}

/** Both engines throw an error of the contract as the `payload` of one of their own. */
export function contractError(thrown, ContractError) {
  return thrown?.payload?.tag ? new ContractError(thrown.payload) : thrown;
}
