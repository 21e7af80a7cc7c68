// Asks the server in this container how it is: `node deploy/probe.mjs [/health/live|/health/ready]`.
// Ends with 0 when it answers 2xx, else with 1 and a line that says what came instead.
const TIMEOUT_MS = 4_000;
const PATHS = ['/health/live', '/health/ready'];

const [, , path = '/health/live'] = process.argv;
const address = `http://127.0.0.1:${process.env.PORT || '3000'}${path}`;

async function probe() {
  if (!PATHS.includes(path)) return `probe: one of ${PATHS.join(', ')}, not ${path}`;
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return answer.ok ? undefined : `${address} answered ${answer.status}: ${await answer.text()}`;
  } catch (error) {
    return `${address} did not answer: ${error instanceof Error ? error.message : error}`;
  }
}

const problem = await probe();
if (problem !== undefined) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
}
