// A scenario in JavaScript, on the contract as it is: no SDK in between.

import { Request } from 'vuelo:load/http@0.1.0';
import { Counter, Trend } from 'vuelo:load/metrics@0.1.0';
import { recordCheck } from 'vuelo:load/checks@0.1.0';
import * as config from 'vuelo:load/config@0.1.0';
import * as flow from 'vuelo:load/flow@0.1.0';

const LANGUAGE = 'javascript';
const GREETING = 'Grüße, 世界 🦉';
// Durations are nanoseconds.
const MILLISECOND = 1_000_000;

// Made in `start`, and not here: what stands at the top of a module is run when
// the component is built.
let user;

export const scenario = {
  options() {
    return JSON.stringify({
      vus: 2,
      iterations: 6,
      thresholds: { checks: 'rate==1', greetings: 'count==6' },
      config: {
        BASE_URL: { kind: 'url', required: true },
        TOKEN: { secret: true, required: true },
        DO: { default: 'greet' },
      },
      metrics: {
        greetings: { type: 'counter' },
        greeting_duration: { type: 'trend', unit: 'ms' },
      },
    });
  },

  start(data) {
    const request = new Request('GET', `${config.get('BASE_URL')}/health`);
    request.setTag(['endpoint', 'health']);
    request.setSecretHeader('authorization', 'Bearer ', config.getSecret('TOKEN'));
    user = {
      request,
      greeting: JSON.parse(data).greeting,
      greetings: new Counter('greetings'),
      duration: new Trend('greeting_duration'),
      does: config.get('DO'),
    };
  },

  iteration(exec) {
    if (user.does === 'fail') {
      throw 'this one fails';
    }
    if (user.does === 'throw') {
      undefined.property;
    }
    flow.beginGroup('greet');
    const response = user.request.send();
    recordCheck('status is 200', response.status() === 200, [['language', LANGUAGE]]);
    recordCheck('body is JSON', typeof JSON.parse(response.text()) === 'object', []);
    recordCheck('greeting came through', user.greeting === GREETING, []);
    user.greetings.add(1, [['flow', exec]]);
    user.duration.addDuration(response.duration(), []);
    flow.endGroup();
    flow.sleepBetween(MILLISECOND, 2 * MILLISECOND);
  },
};

export const setup = {
  setup() {
    return JSON.stringify({ greeting: GREETING });
  },
};
