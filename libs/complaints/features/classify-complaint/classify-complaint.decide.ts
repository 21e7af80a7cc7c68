import { accept } from '#kernel';
import { deciderOf, saysTheSame } from '../../complaint/complaint.decider.js';
import type { ComplaintClassified } from '../../complaint/complaint.events.js';

/** The complaint gets its place in the taxonomy (ISO 10002:2018 7.5, 8.2). */
export type ClassifyComplaint = ComplaintClassified['data'];

const SAID = ['product', 'subProduct', 'issue', 'subIssue'] as const;

export const classifyComplaint = deciderOf<ClassifyComplaint>('classify-complaint', {
  repeats: (complaint, command) => saysTheSame<ClassifyComplaint>(complaint, command, SAID),
  decide: (_complaint, command) => accept({ type: 'ComplaintClassified', data: command }),
});
