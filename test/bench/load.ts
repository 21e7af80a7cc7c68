import { Pool } from 'undici';

/**
 * A load from a process of its own, so that it does not take the server's thread. Told over IPC
 * what to do; loopback only, a bounded count of requests, then it ends.
 */
export type LoadOrder = {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  readonly connections: number;
  /** How often the whole chain of requests is sent, over all connections. */
  readonly count: number;
  readonly chain: readonly RequestOrder[];
};

/** `{id}` and `{reference}` in a path stand for what the chain's first answer named. */
export type RequestOrder = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  readonly status: number;
};

export type LoadReport = {
  readonly seconds: number;
  readonly chains: number;
  readonly latenciesMs: readonly number[];
  /** First answers that were not what was asked for. */
  readonly unexpected: readonly string[];
};

const UNEXPECTED_KEPT_MAX = 5;

async function drive(order: LoadOrder): Promise<LoadReport> {
  const pool = new Pool(order.origin, { connections: order.connections, pipelining: 1 });
  const latenciesMs: number[] = [];
  const unexpected: string[] = [];
  let next = 0;
  const startedAtMs = performance.now();
  const lane = async (): Promise<void> => {
    while (next < order.count && unexpected.length < UNEXPECTED_KEPT_MAX) {
      next += 1;
      const chainStartedAtMs = performance.now();
      await sendChain(pool, order.chain, unexpected);
      latenciesMs.push(performance.now() - chainStartedAtMs);
    }
  };
  await Promise.all(Array.from({ length: order.connections }, lane));
  const seconds = (performance.now() - startedAtMs) / 1_000;
  await pool.close();
  return { seconds, chains: latenciesMs.length, latenciesMs, unexpected };
}

async function sendChain(
  pool: Pool,
  chain: readonly RequestOrder[],
  unexpected: string[],
): Promise<void> {
  let named: { id?: string; reference?: string } = {};
  for (const [index, request] of chain.entries()) {
    const path = request.path
      .replace('{id}', named.id ?? '')
      .replace('{reference}', named.reference ?? '');
    const { statusCode, body } = await pool.request({
      method: request.method,
      path,
      ...(request.body === undefined
        ? {}
        : { body: JSON.stringify(request.body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await body.text();
    if (statusCode !== request.status) {
      unexpected.push(`${request.method} ${path}: ${statusCode} ${text.slice(0, 500)}`);
      return;
    }
    if (index === 0) named = JSON.parse(text) as typeof named;
  }
}

process.once('message', (order: LoadOrder) => {
  drive(order).then(
    (report) => process.send?.(report, () => process.disconnect()),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
