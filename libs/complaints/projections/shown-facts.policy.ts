import type { ComplaintClassified, FactCorrected } from '../complaint/complaint.events.js';
import type { CorrectableFact } from '../complaint/complaint.vocabulary.js';

/** The place in the taxonomy as a row shows it: empty fields are null. */
export function classificationOf(data: ComplaintClassified['data']) {
  return {
    product: data.product,
    subProduct: data.subProduct ?? null,
    issue: data.issue,
    subIssue: data.subIssue ?? null,
  };
}

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
