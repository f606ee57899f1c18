// The language's own fetch, over wasi:http: nothing of vuelo:load/http is imported, and the host
// measures each request all the same. StarlingMonkey has fetch and an event loop; QuickJS has neither.

import { check, config, define, fail, group, sleepBetween } from 'vuelo';

const options = {
  vus: 2,
  iterations: 20,
  thresholds: {
    checks: ['rate>0.95'],
    http_req_failed: ['rate<0.05'],
    http_req_duration: ['p(95)<500'],
  },
  config: {
    BASE_URL: { kind: 'url', default: 'http://localhost:7777' },
  },
};

async function checkServer() {
  const url = `${config.require('BASE_URL')}/.well-known/agents`;
  const response = await fetch(url);
  if (!response.ok) {
    fail(`setup: ${url} answered ${response.status}`);
  }
}

async function visit({ base }) {
  await group('discovery', async () => {
    const [card, listing] = await Promise.all([
      fetch(`${base}/.well-known/agent-card.json`),
      fetch(`${base}/.well-known/agents`),
    ]);
    const { name } = await card.json();
    const { agents } = await listing.json();
    check(card, {
      'discovery: status is 200': ({ status }) => status === 200,
      'discovery: has a name': typeof name === 'string',
    });
    check(listing, {
      'discovery: status is 200': ({ status }) => status === 200,
      'discovery: lists agents': agents.length > 0,
    });
  });
  sleepBetween(0.02, 0.06);
  await group('rpc', async () => {
    const response = await fetch(`${base}/a2a/navi/rpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer test-token', 'x-a2a-protocol': '1.0' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'health', params: {} }),
    });
    const { result } = await response.json();
    check(response, {
      'rpc: status is 200': ({ status }) => status === 200,
      'rpc: has a result': typeof result === 'object' && result !== null,
    });
  });
}

export const { scenario, setup } = define({
  options,
  setup: checkServer,
  start: () => ({ base: config.require('BASE_URL') }),
  iteration: visit,
});
