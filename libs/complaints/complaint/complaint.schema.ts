import type { ComplaintEventType } from './complaint.events.js';
import type { FieldSchema, Fields, Form } from './field.schema.js';
import {
  ALLEGATIONS_MAX,
  ENCLOSURES_MAX,
  ENCLOSURE_SIZE_MAX_BYTES,
  LABEL_LENGTH_MAX,
  NARRATIVE_LENGTH_MAX,
  NEEDS_MAX,
  REMEDIES_MAX,
  SOURCE_LABELS_MAX,
  TEXT_LENGTH_MAX,
} from './complaint.limits.js';
import {
  CHANNELS,
  CLOSURE_REASONS,
  CORRECTABLE_FACTS,
  CORRECTABLE_PERSONAL_FACTS,
  DIRECTIONS,
  FINDINGS,
  LEVELS,
  MEDIA,
  OUTCOMES,
  PRIORITIES,
  REMEDY_KINDS,
  REOPENING_GROUNDS,
  SOURCE_DEFECTS,
} from './complaint.vocabulary.js';

/** What an event is, for readers of the log, for the docs and for the one check of its data. */
export type EventSchema = {
  readonly summary: string;
  /** Clause of ISO 10002:2018. */
  readonly clause: string;
  /** Version of the product that wrote it first. */
  readonly since: string;
  /** Version of the shape that is written today; older ones pass through complaint.upcast.ts. */
  readonly schemaVersion: number;
  readonly data: { readonly kind: 'object'; readonly fields: Fields };
};

const OPTIONAL = { optional: true } as const;
const PERSONAL = { personal: true } as const;
const LABEL = { kind: 'text', lengthMax: LABEL_LENGTH_MAX } as const satisfies FieldSchema;
const TEXT = { kind: 'text', lengthMax: TEXT_LENGTH_MAX } as const satisfies FieldSchema;
const PERSONAL_LABEL = { ...LABEL, ...OPTIONAL, ...PERSONAL } as const;
const PERSONAL_TEXT = { ...TEXT, ...OPTIONAL, ...PERSONAL } as const;
const OPTIONAL_LABEL = { ...LABEL, ...OPTIONAL } as const;
const BOOLEAN = { kind: 'boolean', ...OPTIONAL } as const;

function form<Name extends Form>(name: Name) {
  return { kind: 'form', form: name } as const;
}

function word<Words extends readonly string[]>(words: Words) {
  return { kind: 'word', words } as const;
}

const MEDIUM = { ...word(MEDIA), ...OPTIONAL } as const;
const SHA256 = { ...form('sha256'), ...OPTIONAL } as const;

const ALLEGATION = {
  kind: 'object',
  fields: {
    number: { kind: 'integer', min: 1, max: ALLEGATIONS_MAX },
    issue: LABEL,
    subIssue: OPTIONAL_LABEL,
    description: PERSONAL_TEXT,
    occurredOn: { ...form('day'), ...OPTIONAL },
    recurrent: BOOLEAN,
  },
} as const satisfies FieldSchema;

const COMPLAINANT = {
  kind: 'object',
  fields: {
    name: PERSONAL_LABEL,
    organisation: PERSONAL_LABEL,
    email: PERSONAL_LABEL,
    phone: PERSONAL_LABEL,
    preferredMedium: { ...MEDIUM, ...PERSONAL },
    address: PERSONAL_TEXT,
    postalCode: PERSONAL_LABEL,
    needs: {
      kind: 'list',
      of: { ...LABEL, ...PERSONAL },
      countMax: NEEDS_MAX,
      ...OPTIONAL,
      ...PERSONAL,
    },
  },
  ...PERSONAL,
} as const satisfies FieldSchema;

const ENCLOSURE = {
  kind: 'object',
  fields: {
    name: { ...LABEL, ...PERSONAL },
    mediaType: LABEL,
    sizeBytes: { kind: 'integer', min: 0, max: ENCLOSURE_SIZE_MAX_BYTES },
    sha256: form('sha256'),
  },
} as const satisfies FieldSchema;

const SOURCE = {
  kind: 'object',
  fields: {
    system: LABEL,
    id: LABEL,
    rowSha256: form('sha256'),
    defects: { kind: 'list', of: word(SOURCE_DEFECTS), countMax: SOURCE_DEFECTS.length },
    timely: { kind: 'boolean', ...OPTIONAL },
    labels: {
      kind: 'labels',
      lengthMax: TEXT_LENGTH_MAX,
      countMax: SOURCE_LABELS_MAX,
      ...OPTIONAL,
      ...PERSONAL,
    },
  },
  ...OPTIONAL,
} as const satisfies FieldSchema;

const CRITERION = {
  kind: 'object',
  fields: { level: word(LEVELS), reason: PERSONAL_TEXT },
} as const satisfies FieldSchema;

const REMEDY = {
  kind: 'object',
  fields: {
    kind: word(REMEDY_KINDS),
    money: {
      kind: 'object',
      fields: { amount: form('decimal'), currency: form('currency') },
      ...OPTIONAL,
    },
    note: PERSONAL_TEXT,
  },
} as const satisfies FieldSchema;

/** What every event of a complaint holds. The types in complaint.events.ts say the same. */
export const EVENT_SCHEMAS: { readonly [Type in ComplaintEventType]: EventSchema } = {
  ComplaintLodged: event('7.2', 'A complaint was received and given its reference.', {
    reference: LABEL,
    channel: word(CHANNELS),
    receivedAt: form('instant'),
    receivedZone: form('zone'),
    receivedBy: OPTIONAL_LABEL,
    language: { ...form('language'), ...OPTIONAL },
    complainant: COMPLAINANT,
    country: { ...form('country'), ...OPTIONAL },
    region: OPTIONAL_LABEL,
    product: LABEL,
    subProduct: OPTIONAL_LABEL,
    unit: OPTIONAL_LABEL,
    narrative: { kind: 'text', lengthMax: NARRATIVE_LENGTH_MAX, ...OPTIONAL, ...PERSONAL },
    allegations: { kind: 'list', of: ALLEGATION, countMin: 1, countMax: ALLEGATIONS_MAX },
    remedySought: { ...word(REMEDY_KINDS), ...OPTIONAL },
    enclosures: { kind: 'list', of: ENCLOSURE, countMax: ENCLOSURES_MAX },
    source: SOURCE,
  }),
  AllegationAdded: event('7.2', 'The complainant complained of one thing more.', {
    allegation: ALLEGATION,
  }),
  ComplaintForwarded: event('7.3', 'The complaint was sent to the firm or unit that must answer.', {
    respondent: LABEL,
    medium: MEDIUM,
  }),
  ComplaintAcknowledged: event('7.4', 'The complainant was told that the complaint arrived.', {
    medium: word(MEDIA),
    contentSha256: SHA256,
    contact: OPTIONAL_LABEL,
    respondBy: { ...form('instant'), ...OPTIONAL },
  }),
  ComplaintAssessed: event('7.5', 'The complaint was assessed by the five criteria.', {
    criteria: {
      kind: 'object',
      fields: {
        severity: CRITERION,
        safety: CRITERION,
        complexity: CRITERION,
        impact: CRITERION,
        immediateAction: CRITERION,
      },
    },
    priority: word(PRIORITIES),
  }),
  ComplaintClassified: event('7.5', 'The complaint was given its place in the taxonomy.', {
    product: LABEL,
    subProduct: OPTIONAL_LABEL,
    issue: LABEL,
    subIssue: OPTIONAL_LABEL,
  }),
  ComplaintAssigned: event('7.5', 'Somebody, or a team, was made responsible for the complaint.', {
    assignee: OPTIONAL_LABEL,
    team: OPTIONAL_LABEL,
  }),
  ContactRecorded: event('7.3', 'One side reached the other about the complaint.', {
    direction: word(DIRECTIONS),
    medium: word(MEDIA),
    summary: PERSONAL_TEXT,
    contentSha256: SHA256,
  }),
  DecisionCommunicated: event('7.8', 'The complainant was told the decision and its remedies.', {
    outcome: word(OUTCOMES),
    finding: { ...word(FINDINGS), ...OPTIONAL },
    remedies: { kind: 'list', of: REMEDY, countMax: REMEDIES_MAX },
    medium: MEDIUM,
    letterKind: OPTIONAL_LABEL,
    language: { ...form('language'), ...OPTIONAL },
    contentSha256: SHA256,
    externalRecourse: OPTIONAL_LABEL,
    explanation: PERSONAL_TEXT,
    timely: BOOLEAN,
  }),
  DecisionAccepted: event('7.8', 'The complainant accepted the decision.', { medium: MEDIUM }),
  DecisionDisputed: event('7.8', 'The complainant disputed the decision.', {
    medium: MEDIUM,
    grounds: PERSONAL_TEXT,
  }),
  ComplaintClosed: event('7.9', 'The complaint was closed.', {
    closureReason: word(CLOSURE_REASONS),
    duplicateOf: OPTIONAL_LABEL,
  }),
  ComplaintReopened: event('7.9', 'The complaint was taken up again.', {
    ground: word(REOPENING_GROUNDS),
  }),
  ComplaintWithdrawn: event('7.9', 'The complainant withdrew the complaint.', { medium: MEDIUM }),
  FactCorrected: event('7.2', 'A fact that was recorded wrongly was corrected.', {
    fact: word([...CORRECTABLE_FACTS, ...CORRECTABLE_PERSONAL_FACTS]),
    value: { ...TEXT, nullable: true, ...OPTIONAL },
    personalValue: {
      kind: 'text',
      lengthMax: NARRATIVE_LENGTH_MAX,
      nullable: true,
      ...OPTIONAL,
      ...PERSONAL,
    },
  }),
};

function event(clause: string, summary: string, fields: Fields): EventSchema {
  return { summary, clause, since: '0.1.0', schemaVersion: 1, data: { kind: 'object', fields } };
}

/** A field by its path, `allegations[].issue`; `labels.*` stands for whatever names a source has. */
export type FieldPath = { readonly path: string; readonly field: FieldSchema };

/** Every declared field of an event, containers before what stands in them. */
export function fieldPaths(type: ComplaintEventType): readonly FieldPath[] {
  return fieldPathsOf(EVENT_SCHEMAS[type]);
}

/** The same of an event of any context. */
export function fieldPathsOf({ data }: Pick<EventSchema, 'data'>): readonly FieldPath[] {
  return pathsWithin(data.fields, '');
}

function pathsWithin(fields: Fields, prefix: string): readonly FieldPath[] {
  return Object.entries(fields).flatMap(([name, field]) => pathsOf(field, `${prefix}${name}`));
}

function pathsOf(field: FieldSchema, path: string): readonly FieldPath[] {
  switch (field.kind) {
    case 'object':
      return [{ path, field }, ...pathsWithin(field.fields, `${path}.`)];
    case 'list':
      return [{ path, field }, ...pathsOf(field.of, `${path}[]`)];
    case 'labels':
      return [
        { path, field },
        { path: `${path}.*`, field: { ...TEXT, ...(field.personal ? PERSONAL : {}) } },
      ];
    default:
      return [{ path, field }];
  }
}

/** The schema of a fact of a lodged complaint, by its path: `channel`, `complainant.email`. */
export function factSchema(fact: string): FieldSchema | undefined {
  return fieldPaths('ComplaintLodged').find(({ path }) => path === fact)?.field;
}
