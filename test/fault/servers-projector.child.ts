import { EventStoreDbEventStore } from '#event-store/eventstoredb';
import { MongoReadModels } from '#read-models/mongodb';
import { SharedProjector } from '#read-models/projector';
import { countedProjections } from './servers-applications.js';

/**
 * A projector in a process of its own until it is killed. Prints `running`, then each fault that it
 * waits out. Arguments: URL of the log, URL of the read models, id, and how many times faster than
 * the real one its clock goes, so that its leases run out in a fraction of their time.
 */
/** As in a projector at its own pace. */
const TEND_EVERY_MS = 1_000;
const [eventStoreUrl = '', mongoUrl = '', me = '', haste = '1'] = process.argv.slice(2);
const eventStore = await EventStoreDbEventStore.open({ url: eventStoreUrl });
const readModels = await MongoReadModels.open({ url: mongoUrl, mode: 'write' });
const projector = new SharedProjector({
  eventStore,
  readModels,
  projections: countedProjections,
  me,
  clock: () => performance.now() * Number(haste),
  tendEveryMs: TEND_EVERY_MS / Number(haste),
  onFault: (error) => process.stdout.write(`waits out ${error.name}: ${error.message}\n`),
});
const ending = new AbortController();
process.once('SIGTERM', () => ending.abort());
process.stdout.write('running\n');
await projector.run(ending.signal);
await readModels.close();
await eventStore.close();
