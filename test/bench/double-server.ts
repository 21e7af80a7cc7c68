import { startDouble } from '../servers/eventstoredb/double.js';

/** The double of EventStoreDB in a process of its own, so that it takes no time of the client's. */
const double = await startDouble({});
process.send?.(double.url);
process.once('disconnect', () => void double.stop());
