import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { allEventsDocument } from './events-document.generator.js';

describe('docs/events.md', () => {
  it('says what the program goes by', () => {
    const committed = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8');
    expect(committed).toBe(allEventsDocument());
  });
});
