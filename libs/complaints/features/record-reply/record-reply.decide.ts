import { accept } from '#kernel';
import { deciderOf } from '../../complaint/complaint.decider.js';
import type { DecisionDisputed } from '../../complaint/complaint.events.js';

/** The complainant accepts or disputes the decision (ISO 10002:2018 7.8, 7.9). */
export type RecordReply =
  | { readonly reply: 'accepted'; readonly medium?: DecisionDisputed['data']['medium'] }
  | ({ readonly reply: 'disputed' } & DecisionDisputed['data']);

export const recordReply = deciderOf<RecordReply>('record-reply', {
  // Once closed there is no reply to repeat: the lifecycle refuses.
  repeats: ({ reply, status }, command) => status === reply?.kind && status === command.reply,
  decide: (_complaint, { reply, ...data }) =>
    accept({ type: reply === 'accepted' ? 'DecisionAccepted' : 'DecisionDisputed', data }),
});
