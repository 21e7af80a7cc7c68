import { COMPLAINT_PROBLEMS, ComplaintsModule, type ComplaintsOptions } from '#complaints';
import type { ProblemCatalogue } from '#http';
import type { DynamicModule } from '@nestjs/common';

/** What every context needs of the process around it. */
export type ContextOptions = ComplaintsOptions;

/** The Nest modules of all contexts, on these stores. */
export function contextModules(options: ContextOptions): readonly DynamicModule[] {
  return [ComplaintsModule.with(options)];
}

/** Every refusal of every context, with its HTTP status. */
export const CONTEXT_PROBLEMS: ProblemCatalogue = { ...COMPLAINT_PROBLEMS };
