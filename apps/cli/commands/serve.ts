import { InvalidArgumentError, type Command } from 'commander';
import { readConfiguration } from '#wiring';
import { commandOf, wholeNumber, type CommonOptions } from '../options.js';
import { print, printJson } from '../output.js';

type ServeOptions = CommonOptions & { readonly host?: string; readonly port?: number };

const PORT_MAX = 65_535;

export function serveCommand(): Command {
  return commandOf('serve', 'The server: API, projections and documentation in one process.')
    .option('--host <address>', 'address to listen on (default: HOST or 127.0.0.1)', text)
    .option(
      '--port <n>',
      'port; 0 lets the system choose (default: PORT or 3000)',
      wholeNumber(0, PORT_MAX),
    )
    .action(serve);
}

async function serve({ dataDir, host, port, json }: ServeOptions): Promise<void> {
  const configuration = readConfiguration(process.env, {
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
  });
  // Nest takes half a second to load, which no other command should wait for.
  const { startStandalone, untilSignal } = await import('../../standalone/index.js');
  const standalone = await startStandalone(configuration, { projector: 'worker' });
  const { address } = standalone;
  if (json) printJson({ address, docs: `${address}/docs`, dataDir: configuration.dataDir });
  else print(`Redress listens on ${address}; the API is described at ${address}/docs`);
  await untilSignal(standalone);
}

function text(value: string): string {
  if (value.trim() !== '') return value;
  throw new InvalidArgumentError('must not be empty.');
}
