import { EVENT_SCHEMAS } from '../complaint/complaint.schema.js';
import { COMMAND_NAMES, NEXT_STEPS } from '../complaint/complaint.lifecycle.js';
import { STATUSES } from '../complaint/complaint.state.js';
import type { ComplaintEventType } from '../complaint/complaint.events.js';
import type { FieldSchema, Fields, Form } from '../complaint/field.schema.js';

/** What answers look like, made from the schemas of the events that they are made from. */

type Schema = { readonly [keyword: string]: unknown };

const FORMATS: { readonly [Name in Form]?: string } = { instant: 'date-time', day: 'date' };

/** The JSON Schema of a field of an event. */
export function jsonSchemaOf(field: FieldSchema): Schema {
  const schema = shapeOf(field);
  return field.nullable ? { ...schema, nullable: true } : schema;
}

function shapeOf(field: FieldSchema): Schema {
  switch (field.kind) {
    case 'text':
      return { type: 'string', minLength: 1, maxLength: field.lengthMax };
    case 'word':
      return { type: 'string', enum: [...field.words] };
    case 'form': {
      const format = FORMATS[field.form];
      return { type: 'string', ...(format === undefined ? {} : { format }) };
    }
    case 'integer':
      return { type: 'integer', minimum: field.min, maximum: field.max };
    case 'boolean':
      return { type: 'boolean' };
    case 'list':
      return { type: 'array', items: jsonSchemaOf(field.of), maxItems: field.countMax };
    case 'object':
      return objectOf(field.fields);
    case 'labels':
      return { type: 'object', additionalProperties: { type: 'string' } };
  }
}

function objectOf(fields: Fields, more: { readonly [name: string]: Schema } = {}): Schema {
  const entries = Object.entries(fields);
  const required = entries.filter(([, field]) => !field.optional).map(([name]) => name);
  const properties = entries.map(([name, field]) => [name, jsonSchemaOf(field)] as const);
  return {
    type: 'object',
    required: [...required, ...Object.keys(more)],
    properties: { ...Object.fromEntries(properties), ...more },
  };
}

const INSTANT = { type: 'string', format: 'date-time' };
const STAMP = { at: INSTANT, by: { type: 'string' } };

function stamped(type: ComplaintEventType): Schema {
  return objectOf(EVENT_SCHEMAS[type].data.fields, STAMP);
}

function listOf(items: Schema): Schema {
  return { type: 'array', items };
}

const ROUND = {
  decision: stamped('DecisionCommunicated'),
  reply: {
    ...objectOf(EVENT_SCHEMAS.DecisionDisputed.data.fields, {
      kind: { type: 'string', enum: ['accepted', 'disputed'] },
      ...STAMP,
    }),
  },
  closure: stamped('ComplaintClosed'),
  withdrawal: stamped('ComplaintWithdrawn'),
};

const LODGED = objectOf(EVENT_SCHEMAS.ComplaintLodged.data.fields);

const ALWAYS = {
  status: { type: 'string', enum: [...STATUSES] },
  statusSince: INSTANT,
  lodgedAt: INSTANT,
  issue: { type: 'string' },
  forwardings: listOf(stamped('ComplaintForwarded')),
  contacts: listOf(stamped('ContactRecorded')),
  earlierRounds: listOf({ type: 'object', properties: ROUND }),
  reopenings: listOf(stamped('ComplaintReopened')),
  corrections: listOf({
    type: 'object',
    required: ['fact', 'at', 'by'],
    properties: { fact: { type: 'string' }, ...STAMP },
  }),
  lastEventAt: INSTANT,
  eventCount: { type: 'integer', minimum: 1 },
  nextStep: { type: 'string', enum: [...NEXT_STEPS] },
  allowed: listOf({ type: 'string', enum: [...COMMAND_NAMES] }),
};

const ADDRESS = {
  id: { type: 'string', format: 'uuid' },
  revision: { type: 'integer', minimum: 0 },
  position: { type: 'string' },
};

/** A complaint as it is shown. */
export const VIEW_SCHEMA: Schema = {
  type: 'object',
  required: [
    ...Object.keys(ADDRESS),
    ...(LODGED['required'] as readonly string[]),
    ...Object.keys(ALWAYS),
  ],
  properties: {
    ...ADDRESS,
    ...(LODGED['properties'] as Schema),
    ...ALWAYS,
    firstStepAt: INSTANT,
    subIssue: { type: 'string' },
    classified: { type: 'object', required: ['at', 'by'], properties: STAMP },
    acknowledgement: stamped('ComplaintAcknowledged'),
    assessment: stamped('ComplaintAssessed'),
    assignment: stamped('ComplaintAssigned'),
    ...ROUND,
  },
};

/** An event as the history tells it. */
export const EVENT_SCHEMA: Schema = {
  type: 'object',
  required: [
    'event',
    'id',
    'type',
    'revision',
    'position',
    'recordedAt',
    'actor',
    'commandId',
    'correlationId',
    'data',
  ],
  properties: {
    event: { type: 'integer', minimum: 1, description: 'Its number, as `?event=` takes it.' },
    id: { type: 'string', format: 'uuid' },
    type: { type: 'string', enum: Object.keys(EVENT_SCHEMAS) },
    revision: { type: 'integer', minimum: 0 },
    position: { type: 'string' },
    recordedAt: INSTANT,
    occurredAt: { ...INSTANT, description: 'When it happened, where that differs.' },
    actor: {
      type: 'object',
      required: ['id', 'role', 'via'],
      properties: { id: { type: 'string' }, role: { type: 'string' }, via: { type: 'string' } },
    },
    reason: { type: 'string' },
    commandId: { type: 'string', format: 'uuid' },
    correlationId: { type: 'string', format: 'uuid' },
    causationId: { type: 'string', format: 'uuid' },
    data: { type: 'object', description: 'As docs/events.md describes it for the type.' },
  },
};

/** One change between two moments. A side that had nothing there lacks its member. */
export const CHANGE_SCHEMA: Schema = {
  type: 'object',
  required: ['path'],
  properties: { path: { type: 'string' }, from: {}, to: {} },
};
