import type { CommandName, RefusalCode } from '#complaints/contract';

/** What the model says will come of a command: a refusal, nothing new, or an event. */
export type Verdict = RefusalCode | 'nothing' | 'event';

/** A command as the model sees it: what matters of its data, flattened to text. */
export type Try = {
  readonly name: CommandName;
  readonly command: Readonly<Record<string, unknown>>;
  readonly moment: string;
  readonly now: string;
  /** The refusal that its data deserves once nothing else stands in the way. */
  readonly spoiled: RefusalCode | undefined;
};

const EVENTS_MAX = 2_000;
const ALLEGATIONS_MAX = 50;

/** A word for each status: which commands it lets through, and what it says to the others. */
const TABLE: {
  readonly [status: string]: { readonly [command: string]: RefusalCode | undefined };
} = {
  open: {
    'record-reply': 'complaint.still-open',
    'reopen-complaint': 'complaint.not-closed',
  },
  decided: {
    'add-allegation': 'complaint.already-decided',
    'forward-complaint': 'complaint.already-decided',
    'acknowledge-complaint': 'complaint.already-decided',
    'assess-complaint': 'complaint.already-decided',
    'communicate-decision': 'complaint.already-decided',
    'reopen-complaint': 'complaint.not-closed',
  },
  accepted: {
    'add-allegation': 'complaint.already-accepted',
    'forward-complaint': 'complaint.already-accepted',
    'acknowledge-complaint': 'complaint.already-accepted',
    'assess-complaint': 'complaint.already-accepted',
    'communicate-decision': 'complaint.already-accepted',
    'record-reply': 'reply.already-given',
    'reopen-complaint': 'complaint.not-closed',
    'withdraw-complaint': 'complaint.already-accepted',
  },
  disputed: {
    'acknowledge-complaint': 'complaint.disputed',
    'record-reply': 'reply.already-given',
    'reopen-complaint': 'complaint.not-closed',
  },
  ...Object.fromEntries(
    (['closed', 'withdrawn'] as const).map((status) => [
      status,
      Object.fromEntries(
        [
          'add-allegation',
          'forward-complaint',
          'acknowledge-complaint',
          'assess-complaint',
          'classify-complaint',
          'assign-complaint',
          'communicate-decision',
          'record-reply',
          ...(status === 'closed' ? ['close-complaint', 'withdraw-complaint'] : []),
        ].map((name) => [name, `complaint.${status}`]),
      ),
    ]),
  ),
};

const CLOSES: { readonly [status: string]: readonly string[] } = {
  open: ['duplicate', 'out-of-scope'],
  decided: ['options-exhausted', 'no-reply'],
  accepted: ['accepted'],
  disputed: ['options-exhausted'],
  withdrawn: ['withdrawn'],
};

const TIMELESS = new Set<string>(['record-contact', 'correct-fact', 'lodge-complaint']);
const STEPS = new Set<string>([
  'communicate-decision',
  'record-reply',
  'close-complaint',
  'reopen-complaint',
  'withdraw-complaint',
]);
const textOf = (...parts: readonly unknown[]): string =>
  JSON.stringify(parts.map((part) => part ?? null));

/** A second, naive telling of the lifecycle: remembers texts, knows no events. */
export class ComplaintModel {
  status: string | undefined;
  eventCount = 0;
  #acknowledged = false;
  #assessed = false;
  #receivedAt = '';
  #since = '';
  #firstStepAt = '9999';
  #respondent = '';
  #respondentAt = '';
  #assignment = '';
  #classification = '';
  #closure = '';
  readonly #reference: string;
  readonly #allegations: string[] = [];
  readonly #facts = new Map<string, unknown>();

  constructor(reference: string) {
    this.#reference = reference;
  }

  /** What will come of it. Changes nothing. */
  foretell(attempt: Try): Verdict {
    const { name, spoiled } = attempt;
    if (name === 'lodge-complaint') {
      return this.status ? 'complaint.already-lodged' : (spoiled ?? 'event');
    }
    if (!this.status) return 'complaint.not-lodged';
    if (this.#saidBefore(attempt)) return 'nothing';
    return (
      TABLE[this.status]?.[name] ??
      this.#once(name) ??
      this.#tooMany(name) ??
      this.#tooEarly(attempt) ??
      this.#ofItsOwn(attempt) ??
      'event'
    );
  }

  #once(name: CommandName): Verdict | undefined {
    if (name === 'acknowledge-complaint' && this.#acknowledged) {
      return 'complaint.already-acknowledged';
    }
    return name === 'assess-complaint' && this.#assessed ? 'complaint.already-assessed' : undefined;
  }

  #tooMany(name: CommandName): Verdict | undefined {
    const ends = name === 'close-complaint' || name === 'withdraw-complaint';
    return this.eventCount >= EVENTS_MAX && !ends ? 'complaint.too-many-events' : undefined;
  }

  #tooEarly({ name, moment }: Try): Verdict | undefined {
    if (TIMELESS.has(name)) return undefined;
    if (moment < this.#receivedAt) return 'moment.before-receipt';
    return STEPS.has(name) && moment < this.#since ? 'moment.before-previous-step' : undefined;
  }

  #ofItsOwn({ name, command, now, spoiled }: Try): Verdict | undefined {
    if (name === 'add-allegation' && this.#allegations.length >= ALLEGATIONS_MAX) {
      return 'allegation.too-many';
    }
    if (name === 'close-complaint') return this.#closing(command);
    if (spoiled) return spoiled;
    if (name === 'correct-fact' && command['fact'] === 'receivedAt') {
      const value = String(command['value']);
      if (value > now) return 'fact.bad-value';
      return this.#firstStepAt < value ? 'moment.before-receipt' : undefined;
    }
    return undefined;
  }

  #closing(command: Try['command']): Verdict | undefined {
    const { closureReason, duplicateOf } = command;
    if (!CLOSES[this.status ?? '']?.includes(String(closureReason))) {
      return 'closure.reason-not-allowed';
    }
    if (closureReason !== 'duplicate') {
      return duplicateOf === undefined ? undefined : 'closure.reference-not-wanted';
    }
    if (duplicateOf === undefined) return 'closure.duplicate-reference-missing';
    if (duplicateOf === this.#reference) return 'closure.duplicate-of-itself';
    return String(duplicateOf).length < 12 ? 'closure.duplicate-reference-malformed' : undefined;
  }

  #saidBefore({ name, command }: Try): boolean {
    switch (name) {
      case 'add-allegation':
        return this.#allegations.includes(allegationText(command));
      case 'forward-complaint':
        return this.#respondent === command['respondent'] && this.#respondentAt >= this.#since;
      case 'classify-complaint':
        return this.#classification === classificationText(command);
      case 'assign-complaint':
        return this.#assignment === textOf(command['assignee'], command['team']);
      case 'record-reply':
        return this.status === command['reply'];
      case 'close-complaint':
        return this.#closure === textOf(command['closureReason'], command['duplicateOf']);
      case 'withdraw-complaint':
        return this.status === 'withdrawn';
      case 'correct-fact':
        return this.#facts.get(String(command['fact'])) === command['value'];
      default:
        return false;
    }
  }

  /** Takes note of a command that left an event. */
  remember({ name, command, moment }: Try): void {
    this.eventCount += 1;
    if (STEPS.has(name)) this.#since = moment;
    if (!TIMELESS.has(name) && moment < this.#firstStepAt) this.#firstStepAt = moment;
    switch (name) {
      case 'lodge-complaint':
        this.#lodged(command, moment);
        break;
      case 'add-allegation':
        this.#allegations.push(allegationText(command));
        break;
      case 'forward-complaint':
        this.#respondent = String(command['respondent']);
        this.#respondentAt = moment;
        break;
      case 'acknowledge-complaint':
        this.#acknowledged = true;
        break;
      case 'assess-complaint':
        this.#assessed = true;
        break;
      case 'classify-complaint':
        this.#classify(command);
        break;
      case 'assign-complaint':
        this.#assignment = textOf(command['assignee'], command['team']);
        break;
      case 'correct-fact':
        this.#correct(command);
        break;
      default:
        this.#step(name, command);
    }
  }

  #step(name: CommandName, command: Try['command']): void {
    switch (name) {
      case 'communicate-decision':
        this.status = 'decided';
        break;
      case 'record-reply':
        this.status = String(command['reply']);
        break;
      case 'close-complaint':
        this.status = 'closed';
        this.#closure = textOf(command['closureReason'], command['duplicateOf']);
        break;
      case 'reopen-complaint':
        this.status = 'open';
        this.#closure = '';
        break;
      case 'withdraw-complaint':
        this.status = 'withdrawn';
        break;
      default:
    }
  }

  #lodged(command: Try['command'], moment: string): void {
    this.status = 'open';
    this.#receivedAt = typeof command['receivedAt'] === 'string' ? command['receivedAt'] : moment;
    this.#since = this.#receivedAt;
    const allegations = command['allegations'] as readonly Readonly<Record<string, unknown>>[];
    this.#allegations.push(...allegations.map(allegationText));
    const complainant = (command['complainant'] ?? {}) as Readonly<Record<string, unknown>>;
    for (const fact of ['name', 'organisation', 'email', 'phone', 'address', 'postalCode']) {
      this.#facts.set(`complainant.${fact}`, complainant[fact] ?? null);
    }
    for (const fact of ['channel', 'language', 'unit', 'country', 'region', 'remedySought']) {
      this.#facts.set(fact, command[fact] ?? null);
    }
    this.#facts.set('narrative', command['narrative'] ?? null);
    this.#facts.set('receivedAt', this.#receivedAt);
    this.#classify({ ...command, ...allegations[0] });
  }

  #classify(command: Try['command']): void {
    this.#classification = classificationText(command);
    this.#facts.set('product', command['product']);
    this.#facts.set('subProduct', command['subProduct'] ?? null);
  }

  #correct({ fact, value }: Try['command']): void {
    this.#facts.set(String(fact), value);
    if (fact === 'receivedAt') {
      if (this.#since === this.#receivedAt) this.#since = String(value);
      this.#receivedAt = String(value);
    }
    if (fact !== 'product' && fact !== 'subProduct') return;
    const [, , issue, subIssue] = JSON.parse(this.#classification) as readonly unknown[];
    this.#classification = textOf(
      this.#facts.get('product'),
      this.#facts.get('subProduct'),
      issue,
      subIssue,
    );
  }
}

function allegationText(command: Readonly<Record<string, unknown>>): string {
  const { issue, subIssue, description, occurredOn, recurrent } = command;
  return textOf(issue, subIssue, description, occurredOn, recurrent);
}

function classificationText(command: Readonly<Record<string, unknown>>): string {
  const { product, subProduct, issue, subIssue } = command;
  return textOf(product, subProduct, issue, subIssue);
}
