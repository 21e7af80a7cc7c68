import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256Hex } from '#kernel';
import { readConfiguration } from '#wiring';
import { startApi } from '../../apps/api/index.js';

const TOKEN = 'token-of-a-load';

export type ServedApi = {
  readonly address: string;
  readonly token: string;
  /** What the process told of its faults, as it would on standard error. */
  readonly log: readonly string[];
  readonly close: () => Promise<void>;
};

/**
 * The api process as its entry starts it, but in this process; whoever comes with the token is the
 * actor.
 */
export async function serveApi(
  urls: { readonly eventStoreUrl: string; readonly mongoUrl: string },
  actorId: string,
): Promise<ServedApi> {
  const directory = mkdtempSync(join(tmpdir(), 'redress-fault-api-'));
  const tokensFile = join(directory, 'tokens.json');
  const tokens = { [sha256Hex(TOKEN)]: { actorId, role: 'case-handler' } };
  writeFileSync(tokensFile, JSON.stringify(tokens));
  const configuration = readConfiguration({
    REDRESS_STORES: 'servers',
    EVENTSTORE_URL: urls.eventStoreUrl,
    MONGODB_URL: urls.mongoUrl,
    REDRESS_DATA_DIR: directory,
    REDRESS_AUTH: 'tokens',
    REDRESS_TOKENS_FILE: tokensFile,
    PORT: '0',
  });
  const log: string[] = [];
  const ended: number[] = [];
  const api = await startApi(configuration, {
    writeLog: (text) => log.push(text),
    exit: (status) => ended.push(status),
  });
  return {
    address: api.address,
    token: TOKEN,
    log,
    close: async () => {
      await api.close();
      rmSync(directory, { recursive: true });
      if (ended.length > 0) throw new Error(`the api would have ended with ${ended.join()}`);
    },
  };
}
