import { COMMANDS } from '../commands.js';
import type { ComplaintEventType } from './complaint.events.js';
import {
  CLOSURE_REASONS_FROM,
  COMMAND_NAMES,
  lifecycle,
  transitions,
  type CommandName,
} from './complaint.lifecycle.js';
import { REFUSAL_CODES } from './complaint.refusals.js';
import { EVENT_SCHEMAS, fieldPaths } from './complaint.schema.js';
import { STATUSES, type Status } from './complaint.state.js';
import type { FieldSchema } from './field.schema.js';

/**
 * docs/events.md, from the data that the program itself goes by. A spec fails while the committed
 * file says anything else; `events-document.main.ts` writes it anew.
 */
export function eventsDocument(): string {
  const types = Object.keys(EVENT_SCHEMAS) as readonly ComplaintEventType[];
  return [
    '# Events of a complaint',
    '',
    '<!-- Generated from libs/complaints by complaint/events-document.main.ts; do not edit. -->',
    '',
    'What is stored, for ever. Event types, field names and refusal codes are literals: never',
    'renamed, never reused. One complaint is one stream, `complaint-<uuid>`. Clauses are those of',
    'ISO 10002:2018. A field marked *personal* holds personal data, or text that may.',
    '',
    'Every event also carries metadata: `actor` (id, role, via), `recordedAt`, `occurredAt` (when it',
    'happened, where that differs), `reason`, `commandId`, `correlationId`, `causationId`,',
    '`schemaVersion` and `salt`.',
    '',
    '## Lifecycle',
    '',
    ...diagram(),
    '',
    ...allowedTable(),
    '',
    ...closureTable(),
    '',
    '## Events',
    '',
    '| event | clause | since | schema | |',
    '| --- | --- | --- | --- | --- |',
    ...types.map(summaryRow),
    '',
    ...types.flatMap(eventSection),
    '## Refusals',
    '',
    'A refused command writes nothing. `transact` adds `revision.mismatch`, `revision.conflict`,',
    '`idempotency.key-reused` and `moment.in-the-future`.',
    '',
    '| code | |',
    '| --- | --- |',
    ...Object.entries(REFUSAL_CODES).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`),
    '',
  ].join('\n');
}

/** Commands that leave the status alone stand in the table below the diagram. */
function diagram(): readonly string[] {
  const labels = new Map<string, CommandName[]>();
  for (const { from, command, to } of transitions()) {
    if (from === to) continue;
    const arrow = `${from} --> ${to}`;
    labels.set(arrow, [...(labels.get(arrow) ?? []), command]);
  }
  return [
    '```mermaid',
    'stateDiagram-v2',
    '  [*] --> open: lodge-complaint',
    ...[...labels].map(([arrow, commands]) => `  ${arrow}: ${commands.join(', ')}`),
    '```',
  ];
}

function allowedTable(): readonly string[] {
  return [
    `| command | clause | ${STATUSES.join(' | ')} |`,
    `| --- | --- |${' --- |'.repeat(STATUSES.length)}`,
    ...COMMAND_NAMES.filter((name) => name !== 'lodge-complaint').map((name) => {
      const cells = STATUSES.map((status) => allowedCell(name, status));
      return `| ${name} | ${COMMANDS[name].clause} | ${cells.join(' | ')} |`;
    }),
  ];
}

function allowedCell(name: CommandName, status: Status): string {
  const { from, once } = lifecycle[name];
  const to = from[status];
  if (!to) return '';
  const where = to.every((next) => next === status) ? 'yes' : `→ ${to.join(', ')}`;
  return once ? `${where}, once` : where;
}

function closureTable(): readonly string[] {
  return [
    '| closed from | for the reason |',
    '| --- | --- |',
    ...STATUSES.filter((status) => CLOSURE_REASONS_FROM[status].length > 0).map(
      (status) => `| ${status} | ${CLOSURE_REASONS_FROM[status].join(', ')} |`,
    ),
  ];
}

function summaryRow(type: ComplaintEventType): string {
  const { clause, since, schemaVersion, summary } = EVENT_SCHEMAS[type];
  return `| [${type}](#${type.toLowerCase()}) | ${clause} | ${since} | ${schemaVersion} | ${summary} |`;
}

function eventSection(type: ComplaintEventType): readonly string[] {
  const { clause, since, schemaVersion, summary } = EVENT_SCHEMAS[type];
  return [
    `### ${type}`,
    '',
    `${summary} ISO 10002:2018 ${clause}; since ${since}; schema version ${schemaVersion}.`,
    '',
    '| field | holds | |',
    '| --- | --- | --- |',
    ...fieldPaths(type).map(({ path, field }) => {
      return `| \`${path}\` | ${holds(field)} | ${marks(field)} |`;
    }),
    '',
  ];
}

function marks({ optional, nullable, personal }: FieldSchema): string {
  return [
    ...(optional ? ['optional'] : []),
    ...(nullable ? ['may be null'] : []),
    ...(personal ? ['*personal*'] : []),
  ].join(', ');
}

const FORM_WORDS = {
  instant: 'instant, UTC with milliseconds',
  day: 'UTC day',
  zone: 'IANA time zone',
  language: 'BCP 47 language',
  country: 'ISO 3166-1 alpha-2 country',
  currency: 'ISO 4217 currency',
  decimal: 'decimal as text, at most 15 digits and 4 decimals',
  sha256: 'SHA-256 in lower-case hexadecimal',
} as const;

function holds(field: FieldSchema): string {
  switch (field.kind) {
    case 'text':
      return `text, at most ${field.lengthMax} characters`;
    case 'word':
      return `one of ${field.words.map((word) => `\`${word}\``).join(', ')}`;
    case 'form':
      return FORM_WORDS[field.form];
    case 'integer':
      return `integer, ${field.min} to ${field.max}`;
    case 'boolean':
      return 'true or false';
    case 'object':
      return 'object';
    case 'list':
      return `list, ${field.countMin ?? 0} to ${field.countMax}`;
    case 'labels':
      return `texts by name, at most ${field.countMax}`;
  }
}
