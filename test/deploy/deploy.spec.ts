import { beforeAll, describe, expect, it } from '@jest/globals';
import { readRepository, type Tree } from '../tidy/repository.js';
import { AGREEMENT_RULES } from './agreement.rules.js';
import { COMPOSE_RULES } from './compose.rules.js';
import { composeContainers, dockerfile, manifests } from './deploy-files.js';
import { DOCKERFILE_RULES } from './dockerfile.rules.js';
import { ENTRANCE_PROOFS } from './entrance-proofs.js';
import { ENTRANCE_RULES } from './entrance.rules.js';
import { KUBERNETES_RULES } from './kubernetes.rules.js';
import { DEPLOY_PROOFS } from './proofs.js';

const RULES = [
  ...COMPOSE_RULES,
  ...DOCKERFILE_RULES,
  ...KUBERNETES_RULES,
  ...AGREEMENT_RULES,
  ...ENTRANCE_RULES,
];
const PROOFS = [...DEPLOY_PROOFS, ...ENTRANCE_PROOFS];
/** The compiler looks at the manifests anew for each proof. */
const TIMEOUT_MS = 60_000;

let repository: Tree = new Map();

beforeAll(async () => {
  repository = await readRepository();
});

describe('what deploy/ holds', () => {
  it('is found', () => {
    expect(dockerfile(repository).length).toBeGreaterThan(15);
    expect(composeContainers(repository).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['standalone', 'api', 'projector', 'worker', 'eventstore', 'redis']),
    );
    expect(manifests(repository).map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['Deployment', 'Service', 'PodDisruptionBudget', 'NetworkPolicy']),
    );
  });

  it.each(RULES)(
    '$name',
    ({ faults }) => {
      expect(faults(repository)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

describe('each rule catches what breaks it', () => {
  it.each(PROOFS)(
    '$rule, as in $file',
    ({ rule, file, changes, says }) => {
      let source = repository.get(file) ?? '';
      for (const [from, to] of changes) {
        expect(source).toContain(from);
        source = source.replace(from, () => to);
      }
      const broken = new Map(repository).set(file, source);
      const faults = RULES.find(({ name }) => name === rule)?.faults(broken) ?? [];
      expect(says.filter((pattern) => !faults.some((fault) => pattern.test(fault)))).toEqual([]);
      expect(faults.filter((fault) => !says.some((pattern) => pattern.test(fault)))).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it('and none is without a proof', () => {
    const proved = new Set(PROOFS.map(({ rule }) => rule));
    expect(RULES.map(({ name }) => name).filter((name) => !proved.has(name))).toEqual([]);
    expect(new Set(RULES.map(({ name }) => name)).size).toBe(RULES.length);
  });
});
