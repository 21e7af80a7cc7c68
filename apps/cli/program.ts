import { Command } from 'commander';
import { backupCommand } from './commands/backup.js';
import { countCommand } from './commands/count.js';
import { demoCommand } from './commands/demo.js';
import { diffCommand } from './commands/diff.js';
import { doctorCommand } from './commands/doctor.js';
import { exportCommand } from './commands/export.js';
import { historyCommand } from './commands/history.js';
import { importCommand } from './commands/import.js';
import { ledgerCommand } from './commands/ledger.js';
import { listCommand } from './commands/list.js';
import { migrateCommand } from './commands/migrate.js';
import { noticesCommand } from './commands/notices.js';
import { rebuildCommand } from './commands/rebuild.js';
import { restoreCommand } from './commands/restore.js';
import { serveCommand } from './commands/serve.js';
import { showCommand } from './commands/show.js';
import { statusCommand } from './commands/status.js';

/** Every command of `redress`. */
export function programOf(version: string): Command {
  const program = new Command('redress')
    .description('Complaints, every step an event, every complaint replayable to any moment.')
    .version(version)
    .showHelpAfterError('(add --help for what the command takes)');
  const commands = [
    serveCommand(),
    demoCommand(),
    importCommand(),
    showCommand(),
    historyCommand(),
    diffCommand(),
    listCommand(),
    countCommand(),
    exportCommand(),
    ledgerCommand(),
    noticesCommand(),
    rebuildCommand(),
    statusCommand(),
    backupCommand(),
    restoreCommand(),
    migrateCommand(),
    doctorCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  for (const command of [program, ...commands, ...commands.flatMap((one) => one.commands)]) {
    // Commander would end the process itself; the one exit is in main.ts.
    command.exitOverride();
  }
  return program;
}
