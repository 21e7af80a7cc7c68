import { startDouble } from './double.js';

/**
 * The double in a process of its own, so that it can be killed and stopped by signals. Its address
 * is the first line on standard output. `--port <number>` asks for a port.
 */
const asked = process.argv.indexOf('--port');
const port = asked < 0 ? 0 : Number(process.argv[asked + 1]);
const double = await startDouble({ port });
process.stdout.write(`${double.url}\n`);
process.once('SIGTERM', () => void double.stop());
