import type { Comparison, Condition, Projection, Sort } from '#read-models/port';
import { projections } from '../contexts/contract.js';
import { UsageError } from './exit-status.js';

const WHERE = /^([A-Za-z]+)(=|<=|>=|<|>)(.*)$/s;
const COMPARISON_OF: Readonly<Record<string, Comparison>> = {
  '=': 'eq',
  '<': 'lt',
  '<=': 'lte',
  '>': 'gt',
  '>=': 'gte',
};

/** The read model of a name. */
export function projectionOf(name: string): Projection {
  const found = projections.find(({ projection }) => projection.name === name);
  if (found) return found.projection;
  const names = projections.map(({ projection }) => projection.name).join(', ');
  throw new UsageError('usage.unknown-read-model', `there is no "${name}"; there are ${names}`);
}

/** `field=value`, `field>=value`, …; nothing behind `=` finds what is empty. */
export function conditionOf(projection: Projection, text: string): Condition {
  const [, field = '', sign = '', value = ''] = WHERE.exec(text) ?? [];
  const is = COMPARISON_OF[sign];
  if (is === undefined) {
    throw new UsageError('usage.bad-where', `"${text}": write field=value, field<=value, …`);
  }
  return { field, is, value: valueOf(projection, field, value) };
}

function valueOf(projection: Projection, field: string, text: string): Condition['value'] {
  if (text === '') return null;
  const kind = projection.fields[field]?.kind;
  if (kind === 'integer') {
    if (/^-?\d{1,15}$/.test(text)) return Number(text);
    throw new UsageError('usage.bad-where', `${field} holds whole numbers, not "${text}"`);
  }
  if (kind === 'boolean') {
    if (text === 'true' || text === 'false') return text === 'true';
    throw new UsageError('usage.bad-where', `${field} is true or false, not "${text}"`);
  }
  return text;
}

/** `field` for ascending, `-field` for descending. */
export function sortOf(text: string): Sort {
  return text.startsWith('-')
    ? { field: text.slice(1), direction: 'descending' }
    : { field: text, direction: 'ascending' };
}
