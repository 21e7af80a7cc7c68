import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Bounds in seconds: from one append that shares its fsync to the longest wait for a position. */
const DURATION_BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5];

export type ServedRequest = {
  readonly method: string;
  /** The route's template, never the address: that may name a complaint. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
};

type Observe = { observe(value: number): void };

/** What a gauge shows: one number, or one a projection, or one a server. */
export type Measured = readonly {
  readonly labels: { readonly projection?: string; readonly server?: string };
  readonly value: number;
}[];

/** The process in numbers, in the text format of Prometheus. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #durations = new Map<string, Observe>();
  readonly #duration = new Histogram({
    name: 'redress_http_request_duration_seconds',
    help: 'Time from the request to the end of the answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: DURATION_BOUNDS,
    registers: [this.#registry],
  });
  readonly #appended = new Counter({
    name: 'redress_events_appended_total',
    help: 'Events that this process has written to the log.',
    registers: [this.#registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  served({ method, route, status, durationMs }: ServedRequest): void {
    const key = `${method} ${status} ${route}`;
    const child = this.#durations.get(key) ?? this.#duration.labels(method, route, String(status));
    this.#durations.set(key, child);
    child.observe(durationMs / 1_000);
  }

  appended(eventCount: number): void {
    if (eventCount > 0) this.#appended.inc(eventCount);
  }

  /** Adds a gauge that is measured when somebody looks. */
  gauge(name: string, help: string, measure: () => Promise<Measured>): void {
    const gauge: Gauge<'projection' | 'server'> = new Gauge({
      name,
      help,
      labelNames: ['projection', 'server'],
      registers: [this.#registry],
      collect: async () => {
        gauge.reset();
        for (const { labels, value } of await measure()) gauge.set(labels, value);
      },
    });
  }

  get mediaType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    return await this.#registry.metrics();
  }
}
