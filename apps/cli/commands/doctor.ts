import type { Command } from 'commander';
import type { Configuration } from '#wiring';
import type { Check } from '../checks/check.js';
import { embeddedChecks } from '../checks/embedded.js';
import { configurationChecks, folderChecks } from '../checks/machine.js';
import { EXIT } from '../exit-status.js';
import { commandOf, configurationOf, type CommonOptions } from '../options.js';
import { print, printJson } from '../output.js';

export function doctorCommand(): Command {
  return commandOf(
    'doctor',
    'Checks configuration, disk, log, read models and clock; with servers, their settings.',
  ).action(doctor);
}

async function doctor(options: CommonOptions): Promise<void> {
  const configuration = configurationOf(options);
  const checks = [...configurationChecks(configuration), ...(await storeChecks(configuration))];
  const ok = checks.every((check) => check.ok);
  if (!ok) process.exitCode = EXIT.found;
  if (options.json) printJson({ ok, checks });
  else
    for (const { name, ok: good, detail } of checks)
      print(`${good ? '✓' : '✗'} ${name}: ${detail}`);
}

async function storeChecks(configuration: Configuration): Promise<readonly Check[]> {
  if (configuration.servers) {
    const { serverChecks } = await import('../checks/servers.js');
    return serverChecks(configuration.servers, configuration);
  }
  return [...folderChecks(configuration), ...(await embeddedChecks(configuration))];
}
