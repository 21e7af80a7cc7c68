import { createHash } from 'node:crypto';
import { canonicalJson, uuidV4, type NewEvent } from '#kernel';
import { SqliteEventStore } from '#event-store/sqlite';

/**
 * Appends until it is killed or its disk is full. Each acknowledged append is one line on standard
 * output (a pipe, which Node writes at once), before anything else happens: `<stream> <position> <repeated>`.
 * Arguments: directory, seed, appends in flight, appends at most.
 */
const [directory = '', seed = '', inFlight = '1', appendsMax = '1'] = process.argv.slice(2);

/** The same seed names the same streams and ids, so that a second run repeats the first. */
function eventsOf(append: number): readonly NewEvent[] {
  return [0, 1, 2].slice(0, 1 + (append % 3)).map((ordinal) => ({
    id: uuidV4(createHash('sha256').update(`${seed} ${append} ${ordinal}`).digest()),
    type: 'SampleTaken',
    data: canonicalJson({ append, ordinal, filler: 'x'.repeat(400) }),
    metadata: canonicalJson({ v: 1 }),
  }));
}

const store = await SqliteEventStore.open({ directory, mode: 'write' });
process.stdout.write('open\n');
let next = 0;
let failure: Error | undefined;

async function appendInTurn(): Promise<void> {
  while (next < Number(appendsMax) && !failure) {
    const append = next++;
    const stream = `sample-${seed}-${append}`;
    try {
      const { position, repeated } = await store.append(stream, 'no-stream', eventsOf(append));
      process.stdout.write(`${stream} ${position} ${repeated}\n`);
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      process.stdout.write(`failed ${failure.name}\n`);
    }
  }
}

await Promise.all(Array.from({ length: Number(inFlight) }, appendInTurn));
await store.close();
process.exitCode = failure ? 1 : 0;
