import type { CommandName } from './complaint/complaint.lifecycle.js';
import type { ComplaintDecider } from './complaint/complaint.decider.js';
import {
  lodgeComplaint,
  type LodgeComplaint,
} from './features/lodge-complaint/lodge-complaint.decide.js';
import {
  addAllegation,
  type AddAllegation,
} from './features/add-allegation/add-allegation.decide.js';
import {
  forwardComplaint,
  type ForwardComplaint,
} from './features/forward-complaint/forward-complaint.decide.js';
import {
  acknowledgeComplaint,
  type AcknowledgeComplaint,
} from './features/acknowledge-complaint/acknowledge-complaint.decide.js';
import {
  assessComplaint,
  type AssessComplaint,
} from './features/assess-complaint/assess-complaint.decide.js';
import {
  classifyComplaint,
  type ClassifyComplaint,
} from './features/classify-complaint/classify-complaint.decide.js';
import {
  assignComplaint,
  type AssignComplaint,
} from './features/assign-complaint/assign-complaint.decide.js';
import {
  recordContact,
  type RecordContact,
} from './features/record-contact/record-contact.decide.js';
import {
  communicateDecision,
  type CommunicateDecision,
} from './features/communicate-decision/communicate-decision.decide.js';
import { recordReply, type RecordReply } from './features/record-reply/record-reply.decide.js';
import {
  closeComplaint,
  type CloseComplaint,
} from './features/close-complaint/close-complaint.decide.js';
import {
  reopenComplaint,
  type ReopenComplaint,
} from './features/reopen-complaint/reopen-complaint.decide.js';
import {
  withdrawComplaint,
  type WithdrawComplaint,
} from './features/withdraw-complaint/withdraw-complaint.decide.js';
import { correctFact, type CorrectFact } from './features/correct-fact/correct-fact.decide.js';

/** What each command says. */
export type Commands = {
  readonly 'lodge-complaint': LodgeComplaint;
  readonly 'add-allegation': AddAllegation;
  readonly 'forward-complaint': ForwardComplaint;
  readonly 'acknowledge-complaint': AcknowledgeComplaint;
  readonly 'assess-complaint': AssessComplaint;
  readonly 'classify-complaint': ClassifyComplaint;
  readonly 'assign-complaint': AssignComplaint;
  readonly 'record-contact': RecordContact;
  readonly 'communicate-decision': CommunicateDecision;
  readonly 'record-reply': RecordReply;
  readonly 'close-complaint': CloseComplaint;
  readonly 'reopen-complaint': ReopenComplaint;
  readonly 'withdraw-complaint': WithdrawComplaint;
  readonly 'correct-fact': CorrectFact;
};

export type CommandEntry<Command> = {
  readonly decide: ComplaintDecider<Command>;
  /** Clause of ISO 10002:2018. */
  readonly clause: string;
  readonly summary: string;
};

/** Every command of a complaint by its name. */
export const COMMANDS: { readonly [Name in CommandName]: CommandEntry<Commands[Name]> } = {
  'lodge-complaint': { decide: lodgeComplaint, clause: '7.2', summary: 'Lodge a complaint.' },
  'add-allegation': { decide: addAllegation, clause: '7.2', summary: 'Add an allegation.' },
  'forward-complaint': {
    decide: forwardComplaint,
    clause: '7.3',
    summary: 'Send the complaint to the firm or unit that must answer.',
  },
  'acknowledge-complaint': {
    decide: acknowledgeComplaint,
    clause: '7.4',
    summary: 'Tell the complainant that the complaint arrived.',
  },
  'assess-complaint': {
    decide: assessComplaint,
    clause: '7.5',
    summary: 'Assess by the five criteria and set a priority.',
  },
  'classify-complaint': {
    decide: classifyComplaint,
    clause: '7.5',
    summary: 'Give the complaint its place in the taxonomy.',
  },
  'assign-complaint': {
    decide: assignComplaint,
    clause: '7.5',
    summary: 'Make somebody, or a team, responsible.',
  },
  'record-contact': {
    decide: recordContact,
    clause: '7.3',
    summary: 'Record that one side reached the other.',
  },
  'communicate-decision': {
    decide: communicateDecision,
    clause: '7.8',
    summary: 'Tell the complainant the decision and its remedies.',
  },
  'record-reply': {
    decide: recordReply,
    clause: '7.8',
    summary: 'Record that the complainant accepts or disputes the decision.',
  },
  'close-complaint': { decide: closeComplaint, clause: '7.9', summary: 'Close the complaint.' },
  'reopen-complaint': {
    decide: reopenComplaint,
    clause: '7.9',
    summary: 'Take the complaint up again.',
  },
  'withdraw-complaint': {
    decide: withdrawComplaint,
    clause: '7.9',
    summary: 'Record that the complainant withdraws.',
  },
  'correct-fact': {
    decide: correctFact,
    clause: '7.2',
    summary: 'Correct a fact that was recorded wrongly.',
  },
};
