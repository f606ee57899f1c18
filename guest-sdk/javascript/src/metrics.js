import * as raw from 'vuelo:load/metrics@0.1.0';
import { nanoseconds, pairs } from './engine.js';

// What stands at the top of a module is run when the component is built: it is
// there in every instance, and `options` can declare it.
const declared = {};

/** The declarations of all metrics made so far, for the options. */
export const declarations = () => declared;

class Metric {
  #Raw;
  #raw;

  constructor(name, Raw, declaration) {
    this.name = name;
    this.#Raw = Raw;
    declared[name] ??= declaration;
  }

  // There is no host to make it with while the component is built.
  get raw() {
    return (this.#raw ??= new this.#Raw(this.name));
  }
}

export class Counter extends Metric {
  constructor(name) {
    super(name, raw.Counter, { type: 'counter' });
  }

  add(value = 1, tags) {
    this.raw.add(Number(value), pairs(tags));
  }
}

export class Gauge extends Metric {
  constructor(name, { unit } = {}) {
    super(name, raw.Gauge, { type: 'gauge', unit });
  }

  set(value, tags) {
    this.raw.set(Number(value), pairs(tags));
  }
}

export class Rate extends Metric {
  constructor(name) {
    super(name, raw.Rate, { type: 'rate' });
  }

  add(value, tags) {
    this.raw.add(Boolean(value), pairs(tags));
  }
}

export class Trend extends Metric {
  constructor(name, { unit } = {}) {
    super(name, raw.Trend, { type: 'trend', unit });
  }

  add(value, tags) {
    this.raw.add(Number(value), pairs(tags));
  }

  addDuration(milliseconds, tags) {
    if (milliseconds !== undefined && milliseconds !== null) {
      this.raw.addDuration(nanoseconds(milliseconds), pairs(tags));
    }
  }
}
