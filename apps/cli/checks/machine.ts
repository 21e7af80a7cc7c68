import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Configuration } from '#wiring';
import { attempt, type Check } from './check.js';

const FREE_MIN_BYTES = 1_000_000_000;

/** This program and what it was told. */
export function configurationChecks(configuration: Configuration): readonly Check[] {
  const { host, port, auth, stores, notices } = configuration;
  return [
    { name: 'node', ok: true, detail: process.versions.node },
    {
      name: 'configuration',
      ok: true,
      detail: `${stores} stores, ${host}:${port}, ${auth} access, notices: ${notices.kind}`,
    },
  ];
}

/** The folder that embedded stores lie in. */
export function folderChecks({ dataDir }: Pick<Configuration, 'dataDir'>): readonly Check[] {
  const place = nearestFolder(dataDir);
  return [
    attempt('data folder', () => {
      accessSync(place, constants.R_OK | constants.W_OK | constants.X_OK);
      const probe = mkdtempSync(join(place, '.redress-doctor-'));
      writeFileSync(join(probe, 'probe'), 'probe', { flush: true });
      rmSync(probe, { recursive: true });
      return `${dataDir} can be written`;
    }),
    attempt('disk', () => {
      const { bavail, bsize } = statfsSync(place);
      const free = bavail * bsize;
      const text = `${(free / 1e9).toFixed(1)} GB free`;
      if (free < FREE_MIN_BYTES) throw new Error(`${text}; at least 1 GB is wanted`);
      return text;
    }),
  ];
}

/** The folder itself, or the first one above it that exists. */
function nearestFolder(directory: string): string {
  const parent = dirname(directory);
  return existsSync(directory) || parent === directory ? directory : nearestFolder(parent);
}
