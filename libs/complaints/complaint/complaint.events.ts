import type { Instant, Recorded } from '#kernel';
import type {
  Channel,
  ClosureReason,
  CorrectableFact,
  CorrectablePersonalFact,
  Direction,
  Finding,
  Level,
  Medium,
  Outcome,
  Priority,
  RemedyKind,
  ReopeningGround,
  SourceDefect,
} from './complaint.vocabulary.js';

// Type names and field names below are storage formats: never renamed, never reused. A changed
// shape is a new schema version with a case in complaint.upcast.ts; a changed meaning is a new
// event. What each field is, and which are personal data, stands in complaint.schema.ts.

/** A person or organisation that complains. */
export type Complainant = {
  readonly name?: string;
  readonly organisation?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly preferredMedium?: Medium;
  readonly address?: string;
  readonly postalCode?: string;
  /** Vulnerability and accessibility needs. */
  readonly needs?: readonly string[];
};

/** One thing complained of. Numbered from 1 within the complaint. */
export type Allegation = {
  readonly number: number;
  readonly issue: string;
  readonly subIssue?: string;
  readonly description?: string;
  /** UTC day, `2026-11-22`. */
  readonly occurredOn?: string;
  readonly recurrent?: boolean;
};

/** A file that came with the complaint; its bytes lie beside the log under their hash. */
export type Enclosure = {
  readonly name: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly sha256: string;
};

/** Where an imported complaint came from. */
export type Source = {
  readonly system: string;
  readonly id: string;
  /** SHA-256 of the source's record as read, in hexadecimal. */
  readonly rowSha256: string;
  readonly defects: readonly SourceDefect[];
  /** Its own verdict on timeliness, where it gives one before there is a decision. */
  readonly timely?: boolean;
  /** What the source said that has no field here, word for word. */
  readonly labels?: { readonly [name: string]: string };
};

export type ComplaintLodged = {
  readonly type: 'ComplaintLodged';
  readonly data: {
    readonly reference: string;
    readonly channel: Channel;
    readonly receivedAt: Instant;
    /** IANA time zone of the place of receipt. */
    readonly receivedZone: string;
    readonly receivedBy?: string;
    /** BCP 47. */
    readonly language?: string;
    readonly complainant: Complainant;
    /** ISO 3166-1 alpha-2. */
    readonly country?: string;
    readonly region?: string;
    readonly product: string;
    readonly subProduct?: string;
    /** Unit or branch of the organisation that is complained of. */
    readonly unit?: string;
    readonly narrative?: string;
    readonly allegations: readonly Allegation[];
    readonly remedySought?: RemedyKind;
    readonly enclosures: readonly Enclosure[];
    readonly source?: Source;
  };
};

export type AllegationAdded = {
  readonly type: 'AllegationAdded';
  readonly data: { readonly allegation: Allegation };
};

export type ComplaintForwarded = {
  readonly type: 'ComplaintForwarded';
  readonly data: {
    /** The firm or unit that must answer. */
    readonly respondent: string;
    readonly medium?: Medium;
  };
};

export type ComplaintAcknowledged = {
  readonly type: 'ComplaintAcknowledged';
  readonly data: {
    readonly medium: Medium;
    readonly contentSha256?: string;
    /** Id of the person or desk the complainant may turn to. */
    readonly contact?: string;
    /** By when an answer was promised. */
    readonly respondBy?: Instant;
  };
};

export type Criterion = { readonly level: Level; readonly reason?: string };

/** The five criteria of ISO 10002:2018 7.5. */
export type Criteria = {
  readonly severity: Criterion;
  readonly safety: Criterion;
  readonly complexity: Criterion;
  readonly impact: Criterion;
  /** Need and possibility of immediate action. */
  readonly immediateAction: Criterion;
};

export type ComplaintAssessed = {
  readonly type: 'ComplaintAssessed';
  readonly data: { readonly criteria: Criteria; readonly priority: Priority };
};

export type ComplaintClassified = {
  readonly type: 'ComplaintClassified';
  readonly data: {
    readonly product: string;
    readonly subProduct?: string;
    readonly issue: string;
    readonly subIssue?: string;
  };
};

export type ComplaintAssigned = {
  readonly type: 'ComplaintAssigned';
  readonly data: { readonly assignee?: string; readonly team?: string };
};

export type ContactRecorded = {
  readonly type: 'ContactRecorded';
  readonly data: {
    readonly direction: Direction;
    readonly medium: Medium;
    readonly summary?: string;
    readonly contentSha256?: string;
  };
};

/** Money as a decimal string, e.g. `12.50`, with its ISO 4217 currency. */
export type Money = { readonly amount: string; readonly currency: string };

export type Remedy = {
  readonly kind: RemedyKind;
  readonly money?: Money;
  readonly note?: string;
};

export type DecisionCommunicated = {
  readonly type: 'DecisionCommunicated';
  readonly data: {
    readonly outcome: Outcome;
    readonly finding?: Finding;
    readonly remedies: readonly Remedy[];
    readonly medium?: Medium;
    readonly letterKind?: string;
    readonly language?: string;
    readonly contentSha256?: string;
    /** Body to which the complainant may turn next. */
    readonly externalRecourse?: string;
    readonly explanation?: string;
    /** The source's own verdict on timeliness; absent where clocks here decide. */
    readonly timely?: boolean;
  };
};

export type DecisionAccepted = {
  readonly type: 'DecisionAccepted';
  readonly data: { readonly medium?: Medium };
};

export type DecisionDisputed = {
  readonly type: 'DecisionDisputed';
  readonly data: { readonly medium?: Medium; readonly grounds?: string };
};

export type ComplaintClosed = {
  readonly type: 'ComplaintClosed';
  readonly data: {
    readonly closureReason: ClosureReason;
    /** Reference of the complaint that this one repeats; with reason `duplicate`. */
    readonly duplicateOf?: string;
  };
};

export type ComplaintReopened = {
  readonly type: 'ComplaintReopened';
  readonly data: { readonly ground: ReopeningGround };
};

export type ComplaintWithdrawn = {
  readonly type: 'ComplaintWithdrawn';
  readonly data: { readonly medium?: Medium };
};

/** What was recorded wrongly, and what it is; the wrong value stays in its own event. */
export type FactCorrected = {
  readonly type: 'FactCorrected';
  readonly data:
    | { readonly fact: CorrectableFact; readonly value: string | null }
    | { readonly fact: CorrectablePersonalFact; readonly personalValue: string | null };
};

export type ComplaintEvent =
  | ComplaintLodged
  | AllegationAdded
  | ComplaintForwarded
  | ComplaintAcknowledged
  | ComplaintAssessed
  | ComplaintClassified
  | ComplaintAssigned
  | ContactRecorded
  | DecisionCommunicated
  | DecisionAccepted
  | DecisionDisputed
  | ComplaintClosed
  | ComplaintReopened
  | ComplaintWithdrawn
  | FactCorrected;

export type ComplaintEventType = ComplaintEvent['type'];
export type RecordedComplaintEvent = Recorded<ComplaintEvent>;

/** Streams are named `complaint-<uuid>`. */
export const COMPLAINT_STREAM_KIND = 'complaint';
