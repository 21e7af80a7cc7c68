import type { FactCorrected } from '../complaint/complaint.events.js';
import type { CorrectableFact } from '../complaint/complaint.vocabulary.js';

/**
 * The corrected fact, when the row shows it under the fact's own name. Personal facts never are: the
 * list of shown ones can only name others.
 */
export function correctionOf(
  data: FactCorrected['data'],
  shown: readonly CorrectableFact[],
): { readonly [Fact in CorrectableFact]?: string } {
  if (!('value' in data) || !shown.includes(data.fact)) return {};
  return { [data.fact]: data.value };
}
