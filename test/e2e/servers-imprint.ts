import type { EventStore } from '#event-store/port';
import { canonicalJson, type StoredEvent } from '#kernel';
import {
  FIND_LIMIT_MAX,
  type FindQuery,
  type Projection,
  type ReadModels,
} from '#read-models/port';

/** Everything that stores hold, as text that can be compared byte for byte; positions left out. */
export type Imprint = {
  /** One line an event, in the order of the log. */
  readonly events: readonly string[];
  /** Rows of each read model, one line a row, in order of id. */
  readonly rows: Readonly<Record<string, readonly string[]>>;
  /** Of each read model: how many rows there are by each field that can be counted by. */
  readonly counts: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

export type ImprintedStores = { readonly eventStore: EventStore; readonly readModels: ReadModels };

/** An event as it is stored, bytes of data and metadata included, but for where it lies in the log. */
export function lineOfEvent({ stream, revision, id, type, data, metadata }: StoredEvent): string {
  return `${stream} ${revision} ${id} ${type} ${data} ${metadata}`;
}

export async function imprintOf(
  { eventStore, readModels }: ImprintedStores,
  projections: readonly Projection[],
): Promise<Imprint> {
  const events: string[] = [];
  for await (const page of eventStore.readAll()) events.push(...page.map(lineOfEvent));
  const rows: Record<string, readonly string[]> = {};
  const counts: Record<string, Readonly<Record<string, string>>> = {};
  for (const projection of projections) {
    rows[projection.name] = await rowsOf(readModels, projection);
    counts[projection.name] = await countsOf(readModels, projection);
  }
  return { events, rows, counts };
}

async function rowsOf(readModels: ReadModels, projection: Projection): Promise<readonly string[]> {
  const lines: string[] = [];
  let query: FindQuery = { limit: FIND_LIMIT_MAX };
  for (;;) {
    const { rows, next } = await readModels.find(projection, query);
    for (const { id, revision, document } of rows) {
      lines.push(`${id} ${revision} ${canonicalJson(document)}`);
    }
    if (next === undefined) return lines.toSorted();
    query = { ...query, after: next };
  }
}

async function countsOf(
  readModels: ReadModels,
  projection: Projection,
): Promise<Readonly<Record<string, string>>> {
  const counts: Record<string, string> = {
    all: String(await readModels.count(projection, [])),
  };
  for (const [name, { group }] of Object.entries(projection.fields)) {
    if (group !== true) continue;
    counts[name] = JSON.stringify(await readModels.group(projection, { by: [name] }));
  }
  return counts;
}
