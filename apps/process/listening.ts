import type { AddressInfo } from 'node:net';

/** A process that is up. */
export type Running = {
  /** `http://127.0.0.1:3000` */
  readonly address: string;
  /** Stops accepting, finishes what is under way, closes what is open. Idempotent. */
  close(): Promise<void>;
};

/** Port or host cannot be listened on. The message names them. */
export class ListenFailed extends Error {
  override readonly name = 'ListenFailed';
  readonly code = 'configuration.cannot-listen';

  constructor({ host, port }: { readonly host: string; readonly port: number }, cause: unknown) {
    super(`cannot listen on ${host}:${port}`, { cause });
  }
}

export function addressOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
