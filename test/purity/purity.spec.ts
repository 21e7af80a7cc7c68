import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT, repositoryFiles } from '../tidy/repository.js';
import { isPureFile, PURE_SUFFIXES, type PurityRule, purityFaults } from './purity-rules.js';

const FILE = 'libs/complaints/features/close-complaint/close-complaint.decide.ts';

const VIOLATIONS: readonly (readonly [PurityRule, string])[] = [
  ['no-await', 'export const x = await y;'],
  ['no-await', 'export function f() { for await (const x of xs) use(x); }'],
  ['no-async', 'export const f = async () => 1;'],
  ['no-throw', 'export function f() { throw new Error("no"); }'],
  ['no-generator', 'export function* f() { yield 1; }'],
  ['no-clock', 'export const now = () => new Date();'],
  ['no-clock', 'export const now = () => Date();'],
  ['no-clock', 'export const now = () => Date.now();'],
  ['no-clock', 'export const later = (f: () => void) => setTimeout(f, 1);'],
  ['no-randomness', 'export const dice = () => Math.random();'],
  ['no-randomness', 'export const id = () => crypto.randomUUID();'],
  ['no-environment', 'export const home = () => process.env["HOME"];'],
  ['no-environment', 'export const say = () => console.log("hello");'],
  ['no-environment', 'export const get = () => fetch("http://localhost");'],
  ['no-impure-import', 'import { readFileSync } from "node:fs"; export const x = readFileSync;'],
  ['no-impure-import', 'import type { Injectable } from "@nestjs/common";'],
  ['no-impure-import', 'import { MemoryEventStore } from "#event-store/memory";'],
  ['no-impure-import', 'import { f } from "../../complaint/complaint-store.js";'],
  ['no-impure-import', 'export * from "./close-complaint.http.js";'],
  ['no-impure-import', 'import { defineProjection } from "#read-models/port";'],
  ['no-impure-import', 'export const later = () => import("#kernel");'],
  ['no-mutable-module-state', 'let count = 0; export const next = () => count;'],
];

const CLEAN = `
import { accept, type CommandContext, reject } from '#kernel';
import type { Complaint } from '../../complaint/complaint.state.js';
import { parseReference } from '../../complaint/reference.js';
// A clock may be named in a comment: Date.now(), await, throw.
type Step = { readonly process?: string; readonly fetch: string };
export const dayOf = (text: string): string => new Date(text).toISOString();
export function close(step: Step, context: CommandContext) {
  let last = step.process;
  return { process: last, text: 'throw new Date()', at: context.now, fetch: step.fetch };
}
`;

describe('pure files', () => {
  it.each(VIOLATIONS)('%s is caught: %s', (rule, text) => {
    expect([...new Set(purityFaults(FILE, text).map((fault) => fault.rule))]).toEqual([rule]);
  });

  it('may use kernel, pure neighbours and arithmetic over given dates', () => {
    expect(purityFaults(FILE, CLEAN)).toEqual([]);
  });

  it('may declare a projection in the words of the read-models port', () => {
    const text = 'import { defineProjection } from "#read-models/port";';
    expect(purityFaults('libs/complaints/projections/x.projection.ts', text)).toEqual([]);
    expect(purityFaults('libs/read-models/projector/x.policy.ts', text)).toEqual([]);
  });

  it('are known by their suffix', () => {
    expect(isPureFile('libs/complaints/complaint/complaint.state.ts')).toBe(true);
    expect(isPureFile('libs/complaints/complaint/reference.ts')).toBe(true);
    expect(isPureFile('libs/complaints/complaint/complaint.state.spec.ts')).toBe(false);
    expect(isPureFile('libs/event-store/port/transact.ts')).toBe(false);
  });

  it('are the same files to the linter and to the boundaries', async () => {
    const linted = await readFile(join(ROOT, '.oxlintrc.json'), 'utf8');
    const cruised = await readFile(join(ROOT, '.dependency-cruiser.cjs'), 'utf8');
    const missing = PURE_SUFFIXES.filter((suffix) => !linted.includes(`"**/*.${suffix}.ts"`));
    expect(missing).toEqual([]);
    expect(cruised).toContain(`(${PURE_SUFFIXES.join('|')})`);
  });

  it('are pure throughout this repository', async () => {
    const files = (await repositoryFiles()).filter(isPureFile);
    expect(files.length).toBeGreaterThan(2);
    const faults = [];
    for (const file of files) {
      faults.push(...purityFaults(file, await readFile(join(ROOT, file), 'utf8')));
    }
    expect(faults).toEqual([]);
  });
});
