import { uuidV5, type DomainEvent, type Recorded } from '#kernel';
import {
  defineProjection,
  type Checkpoint,
  type Fold,
  type FoldWriter,
  type Projection,
} from '#read-models/port';

export type SampleEvent =
  | { readonly type: 'SampleMade'; readonly data: Partial<Sample> }
  | { readonly type: 'SampleChanged'; readonly data: Partial<Sample> }
  | { readonly type: 'SampleNoted'; readonly data: { readonly note: string } }
  | { readonly type: 'SampleWithdrawn'; readonly data: object };

export type Sample = {
  readonly colour: string | null;
  readonly size: number | null;
  readonly open: boolean | null;
  readonly dueAt: string | null;
  readonly day: string | null;
  readonly weight: number | null;
  readonly rank: number | null;
  readonly notes: readonly string[];
};

export const EMPTY_SAMPLE: Sample = {
  colour: null,
  size: null,
  open: null,
  dueAt: null,
  day: null,
  weight: null,
  rank: null,
  notes: [],
};

/** Every kind of field, filter and sort; `dueAt` is both, `rank` only a sort. */
export const samples: Projection<SampleEvent, Sample> = defineProjection({
  name: 'sample-register',
  version: 1,
  streamKind: 'sample',
  fields: {
    colour: { kind: 'string', description: 'A word.', filter: true, group: true },
    size: { kind: 'integer', description: 'A number.', filter: true, group: true, sort: true },
    open: { kind: 'boolean', description: 'Yes or no.', filter: true, group: true },
    dueAt: { kind: 'instant', description: 'A moment.', filter: true, sort: true },
    day: { kind: 'day', description: 'A day.', group: true },
    weight: { kind: 'integer', description: 'Only to be counted.', group: true },
    rank: { kind: 'integer', description: 'Only to be sorted by.', sort: true },
    notes: { kind: 'json', description: 'What was noted.' },
  },
  evolve(document: Sample | undefined, event: Recorded<SampleEvent>) {
    switch (event.type) {
      case 'SampleMade':
        return { ...EMPTY_SAMPLE, ...event.data };
      case 'SampleChanged':
        return document && { ...document, ...event.data };
      case 'SampleNoted':
        return document && { ...document, notes: [...document.notes, event.data.note] };
      case 'SampleWithdrawn':
        return undefined;
    }
  },
});

export type LaterSample = Omit<Sample, 'weight'> & { readonly age: number };

/** The same read model as a later program wants it: one field more, another gone. */
export const samplesLater: Projection<SampleEvent, LaterSample> = defineProjection({
  name: samples.name,
  version: 2,
  streamKind: samples.streamKind,
  fields: {
    colour: samples.fields.colour,
    size: samples.fields.size,
    open: samples.fields.open,
    dueAt: samples.fields.dueAt,
    day: samples.fields.day,
    rank: samples.fields.rank,
    age: { kind: 'integer', description: 'Events so far.', filter: true },
    notes: samples.fields.notes,
  },
  evolve(document: LaterSample | undefined, event: Recorded<SampleEvent>) {
    const sample = samples.evolve(document && { ...document, weight: null }, event);
    if (!sample) return undefined;
    const { weight: _, ...rest } = sample;
    return { ...rest, age: event.revision };
  },
});

/** A later version with the same fields: another meaning. */
export const samplesAgain: Projection<DomainEvent, Sample> = { ...samples, version: 3 };

export function sampleStream(number: number): string {
  return `sample-${uuidV5('7d5f1c6a-58a6-5f0c-9f52-0d9a8f3c1b11', String(number))}`;
}

/** The fold of one sample, as first stored at a position. */
export function fold(number: number, position: number, sample: Partial<Sample> = {}): Fold {
  return {
    id: sampleStream(number),
    revision: 0,
    position: String(position),
    firstPosition: String(position),
    document: { ...EMPTY_SAMPLE, ...sample },
  };
}

/** The same stream, one event later. */
export function later(before: Fold, position: number, change: Partial<Sample>): Fold {
  return {
    ...before,
    revision: before.revision + 1,
    position: String(position),
    document: { ...EMPTY_SAMPLE, ...before.document, ...change },
  };
}

export function checkpoint(position: number): Checkpoint {
  return { position: String(position), eventsSeen: position + 1, eventsMissing: 0 };
}

/** Stores folds that were not there before. */
export async function storeAll(writer: FoldWriter, folds: readonly Fold[]): Promise<void> {
  const last = Math.max(...folds.map(({ position }) => Number(position)));
  const changes = folds.map((after) => ({ before: undefined, after }));
  await writer.store({ changes, checkpoint: checkpoint(last) });
}
