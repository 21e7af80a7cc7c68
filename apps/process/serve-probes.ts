import { createProbeServer, type Probed } from '#http';
import type { Configuration } from '#wiring';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { addressOf, ListenFailed, type Running } from './listening.js';

/** Answers probes and numbers for a process that has no API. @throws ListenFailed */
export async function serveProbes(
  { host, port }: Pick<Configuration, 'host' | 'port'>,
  probed: Probed,
): Promise<Running> {
  const server = createProbeServer(probed);
  server.listen({ host, port });
  // Rejects with the error event, should that come first.
  await once(server, 'listening').catch((cause: unknown) => {
    throw new ListenFailed({ host, port }, cause);
  });
  const address = addressOf(server.address() as AddressInfo);
  const close = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve()));
      // Probes are short; a connection kept alive would hold the end up.
      server.closeIdleConnections();
    });
  return { address, close };
}
