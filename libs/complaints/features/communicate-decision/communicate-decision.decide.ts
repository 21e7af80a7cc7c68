import { accept, reject } from '#kernel';
import { deciderOf } from '../../complaint/complaint.decider.js';
import type { DecisionCommunicated, Remedy } from '../../complaint/complaint.events.js';

/** The complainant is told the decision and its remedies (ISO 10002:2018 7.8). */
export type CommunicateDecision = Omit<DecisionCommunicated['data'], 'remedies'> & {
  readonly remedies?: readonly Remedy[] | undefined;
};

export const communicateDecision = deciderOf<CommunicateDecision>('communicate-decision', {
  decide: ({ reference }, command) => {
    const remedies = command.remedies ?? [];
    if (command.outcome === 'no-relief' && remedies.length > 0) {
      return reject(
        'decision.remedies-contradict-outcome',
        `${reference}: no relief, yet remedies`,
      );
    }
    return accept({ type: 'DecisionCommunicated', data: { ...command, remedies } });
  },
});
