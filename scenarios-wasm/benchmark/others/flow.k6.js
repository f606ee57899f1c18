// The flow of the examples, for k6.
import { check, group, sleep } from 'k6';
import http from 'k6/http';
import { Counter, Rate, Trend } from 'k6/metrics';

const rpcDuration = new Trend('rpc_duration', true);
const rpcErrors = new Rate('rpc_errors');
const agentsFound = new Counter('agents_found');
const base = __ENV.BASE_URL;

export const options = {
  thresholds: {
    checks: ['rate>0.95'],
    http_req_failed: ['rate<0.05'],
    rpc_duration: ['p(95)<500'],
    'http_req_duration{endpoint:discovery}': ['p(95)<500'],
  },
};

export function setup() {
  const listing = http.get(`${base}/.well-known/agents`, { tags: { endpoint: 'setup' } }).body;
  return { agents: ['navi', 'pulse', 'herald'].filter((agent) => listing.includes(agent)) };
}

const between = (shortest, longest) => sleep(shortest + Math.random() * (longest - shortest));

export default function ({ agents }) {
  group('discovery', () => {
    const card = http.get(`${base}/.well-known/agent-card.json`, {
      tags: { endpoint: 'discovery', agent: 'global' },
    });
    check(card, {
      'discovery: status is 200': ({ status }) => status === 200,
      'discovery: has a name': (response) => typeof response.json().name === 'string',
    });
    between(0.01, 0.03);
    const listing = http.get(`${base}/.well-known/agents`, {
      tags: { endpoint: 'discovery', agent: 'listing' },
    });
    check(listing, {
      'discovery: status is 200': ({ status }) => status === 200,
      'discovery: lists agents': (response) => response.json().agents.length > 0,
    });
    agentsFound.add(listing.json().agents.length);
  });
  between(0.02, 0.06);
  const agent = agents[Math.floor(Math.random() * agents.length)];
  group('rpc', () => {
    const response = http.post(
      `${base}/a2a/${agent}/rpc`,
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'health', params: {} }),
      {
        headers: {
          authorization: 'Bearer test-token',
          'content-type': 'application/json',
          'x-a2a-protocol': '1.0',
        },
        tags: { endpoint: 'rpc', agent, rpc_method: 'health' },
        timeout: '10s',
      },
    );
    const succeeded = check(response, {
      'rpc: status is 200': ({ status }) => status === 200,
      'rpc: has a result': (response) => {
        const { error, result } = response.json();
        return (error ?? null) === null && typeof result === 'object' && result !== null;
      },
    });
    rpcErrors.add(!succeeded);
    rpcDuration.add(response.timings.duration);
  });
  between(0.02, 0.06);
}
