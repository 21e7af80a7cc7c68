/** Closed lists of stored words. A word is never renamed or reused; new ones may be added. */

/** How the complaint arrived (ISO 10002:2018 7.2). */
export const CHANNELS = [
  'web',
  'e-mail',
  'phone',
  'in-person',
  'post',
  'social',
  'partner',
  'import',
] as const;
export type Channel = (typeof CHANNELS)[number];

/** How one side reached the other (7.1, 7.3, 7.8). */
export const MEDIA = ['web', 'e-mail', 'phone', 'in-person', 'post', 'social', 'message'] as const;
export type Medium = (typeof MEDIA)[number];

/** What may be done to put it right (7.7, guidance on redress). */
export const REMEDY_KINDS = [
  'refund',
  'replacement',
  'repair',
  'substitute',
  'technical-help',
  'information',
  'apology',
  'goodwill',
  'compensation',
  'price-reduction',
  'cancellation',
  'change-made',
  'other',
] as const;
export type RemedyKind = (typeof REMEDY_KINDS)[number];

/** What the complainant got out of it: the relief, whatever was found. */
export const OUTCOMES = [
  'monetary-relief',
  'non-monetary-relief',
  'explanation',
  'no-relief',
  'not-stated',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Whether the complaint was justified. */
export const FINDINGS = ['upheld', 'partly-upheld', 'not-upheld', 'not-proven'] as const;
export type Finding = (typeof FINDINGS)[number];

/** Levels of the five criteria of initial assessment (7.5). */
export const LEVELS = ['none', 'low', 'medium', 'high', 'critical'] as const;
export type Level = (typeof LEVELS)[number];

export const PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Why a complaint was closed (7.9). */
export const CLOSURE_REASONS = [
  'accepted',
  'options-exhausted',
  'no-reply',
  'withdrawn',
  'duplicate',
  'out-of-scope',
] as const;
export type ClosureReason = (typeof CLOSURE_REASONS)[number];

export const REOPENING_GROUNDS = ['new-information', 'disputed', 'error', 'other'] as const;
export type ReopeningGround = (typeof REOPENING_GROUNDS)[number];

export const DIRECTIONS = ['inbound', 'outbound'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** Dirt of a source that is kept visible rather than guessed away. */
export const SOURCE_DEFECTS = [
  'postal-code-blank',
  'postal-code-short',
  'postal-code-masked',
  'region-blank',
  'sub-product-blank',
  'issue-blank',
] as const;
export type SourceDefect = (typeof SOURCE_DEFECTS)[number];

/** Facts of a complaint that may be corrected; those of the second list are personal data. */
export const CORRECTABLE_FACTS = [
  'receivedAt',
  'channel',
  'language',
  'product',
  'subProduct',
  'unit',
  'country',
  'region',
  'remedySought',
] as const;
export type CorrectableFact = (typeof CORRECTABLE_FACTS)[number];

export const CORRECTABLE_PERSONAL_FACTS = [
  'complainant.name',
  'complainant.organisation',
  'complainant.email',
  'complainant.phone',
  'complainant.address',
  'complainant.postalCode',
  'narrative',
] as const;
export type CorrectablePersonalFact = (typeof CORRECTABLE_PERSONAL_FACTS)[number];
