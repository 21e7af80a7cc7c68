import { beforeAll, describe, expect, it } from '@jest/globals';
import { COMPANY_RULES } from './tidy/company.rules.js';
import { DOCS_RULES } from './tidy/docs.rules.js';
import { NAME_RULES } from './tidy/names.rules.js';
import { PACKAGE_RULES } from './tidy/package.rules.js';
import { TIDY_PROOFS } from './tidy/proofs.js';
import { readRepository, type Tree, treeOf } from './tidy/repository.js';
import { TEXT_RULES } from './tidy/text.rules.js';

const RULES = [...NAME_RULES, ...TEXT_RULES, ...COMPANY_RULES, ...PACKAGE_RULES, ...DOCS_RULES];

describe('the house is tidy', () => {
  let repository: Tree = new Map();

  beforeAll(async () => {
    repository = await readRepository();
  });

  it('and is looked at: the repository was found', () => {
    expect(repository.has('package.json')).toBe(true);
    expect(repository.size).toBeGreaterThan(50);
  });

  it.each(RULES)('$name', ({ faults }) => {
    expect(faults(repository)).toEqual([]);
  });
});

describe('each rule catches what breaks it', () => {
  it.each(TIDY_PROOFS)('$rule', ({ rule, breaks, says }) => {
    const faults = RULES.find(({ name }) => name === rule)?.faults(treeOf(breaks)) ?? [];
    expect(says.filter((pattern) => !faults.some((fault) => pattern.test(fault)))).toEqual([]);
    expect(faults.filter((fault) => !says.some((pattern) => pattern.test(fault)))).toEqual([]);
  });

  it('and none is without a proof', () => {
    const proved = new Set(TIDY_PROOFS.map(({ rule }) => rule));
    expect(RULES.map(({ name }) => name).filter((name) => !proved.has(name))).toEqual([]);
    expect(new Set(RULES.map(({ name }) => name)).size).toBe(RULES.length);
  });
});
