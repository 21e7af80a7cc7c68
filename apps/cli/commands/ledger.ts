import { Command } from 'commander';
import { checkpointCommand } from './ledger/checkpoint.js';
import { packCommand } from './ledger/pack.js';
import { proveCommand } from './ledger/prove.js';
import { ledgerVerifyCommand } from './ledger/verify.js';
import { ledgerWitnessCommand } from './ledger/witness.js';

/** `redress ledger …`: each subcommand has a file of its own in `ledger/`. */
export function ledgerCommand(): Command {
  return new Command('ledger')
    .description('The log as others verify it: checkpoints, proofs, packs, witnesses.')
    .addCommand(checkpointCommand())
    .addCommand(proveCommand())
    .addCommand(packCommand())
    .addCommand(ledgerVerifyCommand())
    .addCommand(ledgerWitnessCommand());
}
