/** The schemas of the answers with numbers. */

const LINEAGE = { type: 'string', description: 'Address of the complaints and events behind it.' };
const COUNT = { type: 'integer', minimum: 0 };
const KEY = { type: 'object', description: 'Values of the fields counted by.' };

const FIGURE = {
  type: 'object',
  required: ['key', 'count', 'lineage'],
  properties: { key: KEY, count: COUNT, lineage: LINEAGE },
};

export const COUNTS_SCHEMA = answerOf({
  total: { type: 'integer' },
  groups: { type: 'array', items: FIGURE },
});

export const SERIES_SCHEMA = answerOf({
  of: { type: 'string' },
  interval: { type: 'string' },
  points: {
    type: 'array',
    items: {
      type: 'object',
      required: ['interval', 'key', 'count', 'lineage'],
      properties: {
        interval: { type: 'string', description: '`2026-11-22`, `2026-W47` or `2026-11`.' },
        key: KEY,
        count: COUNT,
        lineage: LINEAGE,
      },
    },
  },
});

export const DURATIONS_SCHEMA = answerOf({
  of: { type: 'string' },
  buckets: {
    type: 'array',
    items: {
      type: 'object',
      required: ['upTo', 'count', 'lineage'],
      properties: {
        upTo: { type: 'integer', nullable: true, description: 'Days, inclusive; null: no end.' },
        count: COUNT,
        lineage: LINEAGE,
      },
    },
  },
  notYet: {
    type: 'object',
    description: 'Complaints without the step, or with one whose day no source told.',
    required: ['count', 'lineage'],
    properties: { count: COUNT, lineage: LINEAGE },
  },
});

export const LINEAGE_SCHEMA = answerOf(
  {
    items: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'events'],
        properties: {
          id: { type: 'string', format: 'uuid' },
          events: { type: 'object', additionalProperties: { type: 'string', format: 'uuid' } },
        },
      },
    },
  },
  { next: { type: 'string' } },
);

type Properties = { readonly [name: string]: object };

function answerOf(properties: Properties, optional: Properties = {}): object {
  return {
    type: 'object',
    required: Object.keys(properties),
    properties: { ...properties, ...optional, position: { type: 'string' } },
  };
}
