import { columnMissing, type Projection } from '#read-models/port';
import type { Connection } from './connection.js';
import { isEndedBySwitch, rebuilding, unavailable } from './faults.js';
import { ModelCollection } from './model-collection.js';
import type { ModelRecord } from './model-record.js';
import { tableOf } from './targets.js';

/** Times that a query is asked again because of a switch meanwhile. */
const ATTEMPTS_MAX = 5;

export type Question<Answer> = {
  readonly ask: (collection: ModelCollection, record: ModelRecord) => Promise<Answer>;
  /** True for an answer that only rows of the record's own build can have given in full. */
  readonly isSure?: (answer: Answer) => boolean;
};

/**
 * Answers from one build of a read model, whole. What is known of it is kept; a query finds only
 * rows of that build, so that another one, where it has come between, answers nothing: then the
 * record, read after the query, says so.
 */
export class Serving {
  private readonly known = new Map<string, ModelRecord>();

  constructor(private readonly connection: Connection) {}

  /** @throws ReadModelsUnavailable `read-models.rebuilding` when a column is not there. */
  async answer<Answer>(
    projection: Projection,
    names: readonly string[],
    { ask, isSure = () => false }: Question<Answer>,
  ): Promise<Answer> {
    const collection = new ModelCollection(this.connection, tableOf(projection));
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const record = await this.serving(collection, projection, names);
      try {
        const answer = await ask(collection, record);
        if (isSure(answer)) return answer;
        const now = await collection.generation();
        if (now?.equals(record.generation)) return answer;
      } catch (error) {
        if (!isEndedBySwitch(error)) throw error;
      }
      this.known.delete(collection.name);
    }
    throw unavailable(`${projection.name} is switched all the time`);
  }

  private async serving(
    collection: ModelCollection,
    projection: Projection,
    names: readonly string[],
  ): Promise<ModelRecord> {
    const known = this.known.get(collection.name);
    if (known && columnMissing(known.fields, projection, names) === undefined) return known;
    const record = await collection.record();
    if (!record || columnMissing(record.fields, projection, names) !== undefined) {
      this.known.delete(collection.name);
      throw rebuilding(projection.name);
    }
    this.known.set(collection.name, record);
    return record;
  }
}
