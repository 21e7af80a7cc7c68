import { describe, expect, it } from '@jest/globals';
import type { Instant } from '#kernel';
import { DayNotes } from './day-notes.js';

const at = (text: string) => text as Instant;
const note = (text: string) => Buffer.from(text);

describe('notes of a day', () => {
  it('are written with the first of each minute', () => {
    const notes = new DayNotes();
    const path = 'checkpoints/2026-11-22';
    expect(notes.take(note('a'), at('2026-11-22T10:00:59.999Z'))).toEqual([
      { path, bytes: note('a') },
    ]);
    expect(notes.take(note('b'), at('2026-11-22T10:01:00.000Z'))).toEqual([
      { path, bytes: note('b') },
    ]);
    expect(notes.take(note('c'), at('2026-11-22T10:01:30.000Z'))).toEqual([]);
    expect(notes.take(note('d'), at('2026-11-22T10:01:59.999Z'))).toEqual([]);
    expect(notes.take(note('e'), at('2026-11-22T10:02:00.000Z'))).toEqual([
      { path, bytes: note('e') },
    ]);
  });

  it('end with the last one of the day, which the next day brings', () => {
    const notes = new DayNotes();
    notes.take(note('a'), at('2026-11-22T23:59:00.000Z'));
    notes.take(note('b'), at('2026-11-22T23:59:59.999Z'));
    expect(notes.take(note('c'), at('2026-11-23T00:00:00.000Z'))).toEqual([
      { path: 'checkpoints/2026-11-22', bytes: note('b') },
      { path: 'checkpoints/2026-11-23', bytes: note('c') },
    ]);
  });

  it('leave nothing behind at the end, and nothing twice', () => {
    const notes = new DayNotes();
    expect(notes.rest()).toEqual([]);
    notes.take(note('a'), at('2026-11-22T10:00:00.000Z'));
    expect(notes.rest()).toEqual([]);
    notes.take(note('b'), at('2026-11-22T10:00:01.000Z'));
    expect(notes.rest()).toEqual([{ path: 'checkpoints/2026-11-22', bytes: note('b') }]);
    expect(notes.rest()).toEqual([]);
  });
});
