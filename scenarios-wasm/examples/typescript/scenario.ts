// Virtual users of an AgentOS server: each looks up its agents, and asks one for its health.

import {
  check,
  config,
  Counter,
  define,
  fail,
  group,
  http,
  HttpError,
  log,
  random,
  Rate,
  Request,
  setTag,
  sleepBetween,
  Trend,
} from 'vuelo';
import type { Options, Response } from 'vuelo';

const AGENTS = ['navi', 'pulse', 'herald'];

/** What setup hands to every virtual user. */
interface Directory {
  agents: string[];
}

/** What a virtual user keeps. */
interface Visitor {
  card: Request;
  listing: Request;
  calls: Request[];
}

/** What the server answers. */
interface Card {
  name?: unknown;
}
interface Listing {
  agents: { name: string; url: string }[];
}
interface RpcAnswer {
  error?: unknown;
  result?: unknown;
}

const rpcDuration = new Trend('rpc_duration', { unit: 'ms' });
const rpcErrors = new Rate('rpc_errors');
const agentsFound = new Counter('agents_found');

const options: Options = {
  vus: 2,
  iterations: 20,
  thresholds: {
    checks: ['rate>0.95'],
    http_req_failed: ['rate<0.05'],
    rpc_duration: ['p(95)<500'],
    'http_req_duration{endpoint:discovery}': ['p(95)<500'],
  },
  config: {
    BASE_URL: { kind: 'url', default: 'http://localhost:7777' },
    AUTH_TOKEN: { secret: true, default: 'test-token' },
  },
};

function findAgents(): Directory {
  const url = `${config.require('BASE_URL')}/.well-known/agents`;
  const response = http.get(url, { tags: { endpoint: 'setup' } });
  if (response.status !== 200) {
    fail(`setup: ${url} answered ${response.status}`);
  }
  const listing = response.text();
  const agents = AGENTS.filter((agent) => listing.includes(agent));
  return agents.length > 0 ? { agents } : fail(`setup: ${url} lists no agent that is known`);
}

/** Builds the requests, which live as long as the virtual user. */
function makeRequests({ agents }: Directory): Visitor {
  setTag('language', 'typescript');
  const base = config.require('BASE_URL');
  return {
    card: new Request('GET', `${base}/.well-known/agent-card.json`, {
      tags: { endpoint: 'discovery', agent: 'global' },
    }),
    listing: new Request('GET', `${base}/.well-known/agents`, {
      tags: { endpoint: 'discovery', agent: 'listing' },
    }),
    calls: agents.map((agent) => healthCall(base, agent)),
  };
}

function healthCall(base: string, agent: string): Request {
  return new Request('POST', `${base}/a2a/${agent}/rpc`, {
    headers: {
      authorization: config.secret('AUTH_TOKEN')?.withPrefix('Bearer '),
      'x-a2a-protocol': '1.0',
    },
    json: { jsonrpc: '2.0', id: 1, method: 'health', params: {} },
    tags: { endpoint: 'rpc', agent, rpc_method: 'health' },
    timeout: 10_000,
  });
}

function visit({ card, listing, calls }: Visitor): void {
  group('discovery', () => discover(card, listing));
  sleepBetween(0.02, 0.06);
  const call = calls[Math.floor(random() * calls.length)]!;
  group('rpc', () => callHealth(call));
  sleepBetween(0.02, 0.06);
}

function discover(card: Request, listing: Request): void {
  check(send(card), {
    'discovery: status is 200': (response) => response?.status === 200,
    'discovery: has a name': (response) => typeof response?.json<Card>().name === 'string',
  });
  sleepBetween(0.01, 0.03);
  const response = send(listing);
  const found = countAgents(response);
  check(response, {
    'discovery: status is 200': (response) => response?.status === 200,
    'discovery: lists agents': found > 0,
  });
  agentsFound.add(found);
}

/** How many agents the answer lists: 0 where there is none, or none in JSON. */
function countAgents(response: Response | undefined): number {
  try {
    return response?.json<Partial<Listing>>().agents?.length ?? 0;
  } catch {
    return 0;
  }
}

function callHealth(call: Request): void {
  const response = send(call);
  const succeeded = check(response, {
    'rpc: status is 200': (response) => response?.status === 200,
    'rpc: has a result': (response) => {
      const { error, result } = response?.json<RpcAnswer>() ?? {};
      return (error ?? null) === null && typeof result === 'object' && result !== null;
    },
  });
  rpcErrors.add(!succeeded);
  rpcDuration.addDuration(response?.duration);
}

/** The answer, or nothing where there is none: a failed check rather than a failed iteration. */
function send(request: Request): Response | undefined {
  try {
    return request.send();
  } catch (error) {
    log.debug(error instanceof HttpError ? error.message : error);
    return undefined;
  }
}

export const { scenario, setup } = define({ options, setup: findAgents, start: makeRequests, iteration: visit });
