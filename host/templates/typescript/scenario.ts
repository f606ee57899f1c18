// Visitors who ask a server for its health, again and again.

import { check, config, define, Request, sleepBetween, Trend, type Options } from 'vuelo';

const healthDuration = new Trend('health_duration', { unit: 'ms' });

const options: Options = {
  vus: 5,
  duration: '10s',
  thresholds: {
    http_req_failed: ['rate<0.01'],
    http_req_duration: ['p(95)<500'],
  },
  config: {
    BASE_URL: { kind: 'url', default: 'http://localhost:7777' },
  },
};

export const { scenario } = define({
  options,

  /** Once per virtual user: builds what it sends again and again. */
  start() {
    const url = `${config.require('BASE_URL')}/health`;
    return { health: new Request('GET', url, { tags: { endpoint: 'health' } }) };
  },

  /** Again and again. What is thrown ends this iteration alone. */
  iteration({ health }) {
    const response = health.send();
    check(response, { 'health: status is 200': ({ status }) => status === 200 });
    healthDuration.addDuration(response.duration);
    sleepBetween(0.5, 1.5);
  },
});
