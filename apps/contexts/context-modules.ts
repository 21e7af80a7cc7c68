import { COMPLAINT_PROBLEMS, ComplaintsModule, type ComplaintsOptions } from '#complaints';
import type { ProblemCatalogue } from '#http';
import { LEDGER_PROBLEMS, LedgerModule, type ServedLedger } from '#ledger/door';
import type { DynamicModule } from '@nestjs/common';

/** What every context needs of the process around it. */
export type ContextOptions = ComplaintsOptions;

/**
 * The Nest modules of all contexts, on these stores, and of the ledger of all their events; its
 * routes say so when there is none.
 */
export function contextModules(
  options: ContextOptions,
  ledger: ServedLedger | undefined,
): readonly DynamicModule[] {
  return [ComplaintsModule.with(options), LedgerModule.with(ledger)];
}

/** Every refusal of every context and of the ledger, with its HTTP status. */
export const CONTEXT_PROBLEMS: ProblemCatalogue = { ...COMPLAINT_PROBLEMS, ...LEDGER_PROBLEMS };
