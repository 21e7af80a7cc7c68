import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Readiness } from './door.js';
import type { Metrics } from './metrics.js';
import { INTERNAL_PROBLEM, PROBLEM_MEDIA_TYPE } from './problem.js';

const JSON_MEDIA_TYPE = 'application/json; charset=utf-8';
/** Time for a whole request to arrive; a slower sender is cut off. */
const REQUEST_TIMEOUT_MS = 10_000;
const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
} as const;

/** What a process without an API tells those who run it. */
export type Probed = {
  readonly readiness: () => Promise<Readiness>;
  readonly metrics: Metrics;
};

type Answer = { readonly status: number; readonly mediaType: string; readonly text: string };

/**
 * A server that answers `/health/live`, `/health/ready` and `/metrics` as the API does, and nothing
 * else. Not listening yet.
 */
export function createProbeServer(probed: Probed): Server {
  return createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, reply) => {
    answerOf(request, probed)
      .catch((): Answer => problem(INTERNAL_PROBLEM))
      .then(
        (answer) => send(reply, answer),
        () => reply.destroy(),
      );
  });
}

async function answerOf(
  { method, url = '' }: IncomingMessage,
  { readiness, metrics }: Probed,
): Promise<Answer> {
  const [path] = url.split('?', 1);
  if (method !== 'GET' && method !== 'HEAD') return NOTHING_HERE;
  if (path === '/health/live') return json(200, { live: true });
  if (path === '/health/ready') {
    const answer = await readiness();
    return json(answer.ready ? 200 : 503, answer);
  }
  if (path !== '/metrics') return NOTHING_HERE;
  return { status: 200, mediaType: metrics.mediaType, text: await metrics.text() };
}

function json(status: number, body: object): Answer {
  return { status, mediaType: JSON_MEDIA_TYPE, text: JSON.stringify(body) };
}

function problem(body: { readonly status: number }): Answer {
  return { status: body.status, mediaType: PROBLEM_MEDIA_TYPE, text: JSON.stringify(body) };
}

const NOTHING_HERE = problem({
  type: '/problems/route.unknown',
  title: 'There is nothing at this address',
  status: 404,
  code: 'route.unknown',
  detail: 'this process answers /health/live, /health/ready and /metrics',
} as { readonly status: number });

function send(reply: ServerResponse, { status, mediaType, text }: Answer): void {
  reply.writeHead(status, { ...SECURITY_HEADERS, 'content-type': mediaType }).end(text);
}
