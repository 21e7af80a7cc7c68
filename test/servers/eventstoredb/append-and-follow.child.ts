import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { EventStoreDbEventStore } from '#event-store/eventstoredb';
import { canonicalJson, uuidV4, type NewEvent } from '#kernel';

/**
 * Appends and follows until it is killed. Each acknowledged append is one line on standard output,
 * `<stream> <position>`. Each event that the follower handled is one line in a file, `<position> <id>`,
 * which is its checkpoint too: it goes on after the last line that is whole.
 * Arguments: address, file, first position to follow after or `start`, seed, appends in flight.
 */
const [url = '', file = '', first = 'start', seed = '', inFlight = '1'] = process.argv.slice(2);

function eventsOf(append: number): readonly NewEvent[] {
  return [0, 1, 2].slice(0, 1 + (append % 3)).map((ordinal) => ({
    id: uuidV4(createHash('sha256').update(`${seed} ${append} ${ordinal}`).digest()),
    type: 'SampleTaken',
    data: canonicalJson({ append, ordinal, filler: 'x'.repeat(400) }),
    metadata: canonicalJson({ v: 1 }),
  }));
}

const store = await EventStoreDbEventStore.open({ url, appendTimeoutMs: 30_000 });
let next = 0;

async function appendInTurn(): Promise<void> {
  for (;;) {
    const append = next++;
    const stream = `sample-${seed}-${append}`;
    const { position } = await store.append(stream, 'no-stream', eventsOf(append));
    process.stdout.write(`${stream} ${position}\n`);
  }
}

async function follow(): Promise<void> {
  const last = readFileSync(file, 'utf8').trimEnd().split('\n').at(-1);
  const checkpoint = last ? last.split(' ')[0] : first;
  const after = checkpoint === 'start' || checkpoint === undefined ? {} : { after: checkpoint };
  const handle = openSync(file, 'a');
  const { signal } = new AbortController();
  for await (const { events } of store.follow({ ...after, signal, pageSize: 50 })) {
    // One write a page, so that a kill leaves at most one line cut short.
    writeSync(handle, events.map(({ position, id }) => `${position} ${id}\n`).join(''));
  }
  closeSync(handle);
}

process.stdout.write('open\n');
await Promise.all([follow(), ...Array.from({ length: Number(inFlight) }, appendInTurn)]);
