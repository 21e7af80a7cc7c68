import { serve } from './http.bench.js';

/** Serves a folder, reads one page as a client would, and tells how long that took. */
const [folder = ''] = process.argv.slice(2);
const server = await serve(folder);
const answer = await fetch(`${server.address}/health/live`);
if (!answer.ok) throw new Error(`not alive: ${answer.status}`);
const ms = performance.now();
for (let page = 0; page < 200; page += 1) {
  await (await fetch(`${server.address}/v1/complaints?limit=50`)).text();
}
const rssMb = process.memoryUsage().rss / 1_000_000;
await server.close();
process.send?.({ ms, rssMb }, () => process.disconnect());
