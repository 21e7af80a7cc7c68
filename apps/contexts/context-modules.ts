import { COMPLAINT_PROBLEMS, ComplaintsModule, type ComplaintsOptions } from '#complaints';
import type { ProblemCatalogue } from '#http';
import { LEDGER_PROBLEMS, LedgerModule, type ServedLedger } from '#ledger/door';
import type { DynamicModule } from '@nestjs/common';

/** What every context needs of the process around it. */
export type ContextOptions = ComplaintsOptions;

/** The Nest modules of all contexts, on these stores. */
export function contextModules(options: ContextOptions): readonly DynamicModule[] {
  return [ComplaintsModule.with(options)];
}

/** The Nest module of the ledger of all events; its routes say so when there is none. */
export function ledgerModule(ledger: ServedLedger | undefined): DynamicModule {
  return LedgerModule.with(ledger);
}

/** Every refusal of every context and of the ledger, with its HTTP status. */
export const CONTEXT_PROBLEMS: ProblemCatalogue = { ...COMPLAINT_PROBLEMS, ...LEDGER_PROBLEMS };

export { LEDGER_PROBLEMS };
