// One request and one count, again and again.

import { config, Counter, define, Request } from 'vuelo';

const sent = new Counter('sent');

const options = {
  config: { BASE_URL: { kind: 'url', default: 'http://localhost:7777' } },
};

export const { scenario } = define({
  options,
  start: () => new Request('GET', `${config.require('BASE_URL')}/health`),
  iteration(health) {
    health.send();
    sent.add(1);
  },
});
