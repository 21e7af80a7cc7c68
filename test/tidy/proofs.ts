import { PACKAGE_AND_DOCS_PROOFS } from './proofs-of-pages.js';
import type { TidyProof } from './rule.js';

const SOURCE_PROOFS: readonly TidyProof[] = [
  {
    rule: 'every source has a known kind',
    breaks: {
      'libs/http/problemDocument.ts': '',
      'libs/http/problem.thing.ts': '',
      'libs/http/problem.http.module.ts': '',
      'libs/complaints/complaint/rules.ts': '',
      'libs/complaints/complaint/reference.ts': '',
      'libs/complaints/complaint/complaint.state.ts': '',
      'libs/complaints/complaint/complaint.spec.ts': '',
    },
    says: [
      /^libs\/http\/problemDocument\.ts: name is not in kebab-case$/,
      /^libs\/http\/problem\.thing\.ts: unknown kind \.thing$/,
      /^libs\/http\/problem\.http\.module\.ts: more than one kind$/,
      /^libs\/complaints\/complaint\/rules\.ts: a file of the domain names its kind$/,
    ],
  },
  {
    rule: 'no empty words in names',
    breaks: {
      'libs/http/problem-helper.ts': '',
      'libs/http/a.ts': 'export class ComplaintService {}',
      'libs/http/b.ts': 'export function complaintUtils() {}',
      'libs/http/c.ts': 'export interface IComplaint {}',
      'libs/http/d.ts': 'export type DatabaseRow = { readonly base: string };',
    },
    says: [/problem-helper\.ts: "helper"/, /ComplaintService/, /complaintUtils/, /IComplaint/],
  },
  {
    rule: 'no room for everything',
    breaks: { 'libs/shared/index.ts': '', 'libs/http/utils/text.ts': '', 'libs/kernel/ids.ts': '' },
    says: [/folder called shared$/, /folder called utils$/],
  },
  {
    rule: 'top level is fixed',
    breaks: { 'scripts/build.sh': '', 'README.md': '', 'libs/kernel/ids.ts': '' },
    says: [/^scripts: not part/],
  },
  {
    rule: 'imports are written one way',
    breaks: {
      'libs/http/a.ts': "import { x } from './b';",
      'libs/http/b.ts': "export { y } from '../kernel/index.js';",
      'libs/http/c.ts': "import { y } from './b.js';\nimport z from '#kernel';",
      'libs/event-store/sqlite/a.ts': "import { y } from '../port/index.js';",
    },
    says: [
      /a\.ts: \.\/b does not end in \.js$/,
      /http\/b\.ts: \.\.\/kernel\/index\.js leads into another room/,
      /sqlite\/a\.ts: \.\.\/port\/index\.js leads into another room/,
    ],
  },
  {
    rule: 'files are short',
    breaks: { 'libs/http/a.ts': '\n'.repeat(401), 'libs/http/b.ts': '\n'.repeat(400) },
    says: [/^libs\/http\/a\.ts: 401 lines/],
  },
  {
    rule: 'no test is left out in silence',
    breaks: {
      'libs/http/a.spec.ts': "it.only('one', () => {});",
      'libs/http/b.spec.ts': "describe.skip('two', () => {});",
      'libs/http/c.spec.ts': "xit('three', () => {});",
      'libs/http/d.spec.ts': "it.todo('four');",
      'libs/http/e.spec.ts': "fdescribe('five', () => {});",
      'libs/http/f.spec.ts': "it.skip('imports (skipped: the file is not here)', () => {});",
      'libs/http/g.spec.ts': "it('only skip', () => {});",
      'libs/testing/h.contract.ts':
        'if (missing) { process.stderr.write(missing); it.todo(missing); }',
    },
    says: [/a\.spec.+only/, /b\.spec.+skip/, /c\.spec.+xit/, /d\.spec.+todo/, /e\.spec.+fdescribe/],
  },
  {
    rule: 'no machine paths',
    breaks: {
      'docs/a.md': `see ${['', 'home', 'somebody', 'x'].join('/')}`,
      'docs/b.md': `see ${['', 'work', 'x'].join('/')}`,
      'docs/c.md': `see C:${'\\'}Users`,
      'docs/d.md': 'see https://example.org/homework/ and /v1/complaints',
    },
    says: [/^docs\/a\.md:1/, /^docs\/b\.md:1/, /^docs\/c\.md:1/],
  },
  {
    rule: 'lockfile names no private registry',
    breaks: {
      'package-lock.json':
        '"resolved": "https://registry.npmjs.org/a.tgz" "resolved": "https://mirror.example/a.tgz"',
    },
    says: [/mirror\.example$/],
  },
  {
    rule: 'no claim of certification',
    breaks: {
      'docs/a.md': `Our product is ISO 10002 ${['cert', 'ified'].join('')}.`,
      'docs/b.md': 'Redress helps an organisation follow ISO 10002.',
    },
    says: [/^docs\/a\.md/],
  },
  {
    rule: 'debt names its issue',
    breaks: {
      'libs/http/a.ts': `// ${['TO', 'DO'].join('')}: later`,
      'libs/http/b.ts': `// ${['TO', 'DO'].join('')}(#12): later`,
    },
    says: [/a\.ts:1/],
  },
  {
    rule: 'no enums',
    breaks: { 'libs/http/a.ts': '\nexport enum Level { Low }' },
    says: [/a\.ts:2: enum/],
  },
  {
    rule: 'exported types are readonly',
    breaks: {
      'libs/http/a.ts':
        'export type A = { b: string; readonly c: string };\ntype Local = { d: string };\nexport class E { private f: { g: string }; }',
      'libs/http/a.spec.ts': 'type A = { b: string };',
    },
    says: [/a\.ts:1: b: string/],
  },
  {
    rule: 'no boolean parameters',
    breaks: {
      'libs/http/a.ts':
        'export function a(force: boolean): boolean { return b(force); }\nfunction b(c: boolean) {}',
    },
    says: [/a\.ts:1: force: boolean/],
  },
];

const COMPANY_PROOFS: readonly TidyProof[] = [
  {
    rule: 'every rule has a spec beside it',
    breaks: {
      'libs/complaints/features/a/a.decide.ts': '',
      'libs/complaints/features/b/b.decide.ts': '',
      'libs/complaints/features/b/b.spec.ts': '',
      'libs/complaints/projections/c.projection.ts': '',
      'libs/complaints/projections/d.projection.ts': '',
      'libs/complaints/projections/d.projection.spec.ts': '',
      'libs/complaints/projections/e.policy.ts': '',
      'libs/complaints/projections/f.policy.ts': '',
      'libs/complaints/projections/shared.spec.ts': "import { f } from './f.policy.js';",
    },
    says: [/a\.decide\.ts: no/, /c\.projection\.ts: no/, /e\.policy\.ts: no/],
  },
  {
    rule: 'every event is documented',
    breaks: {
      'libs/complaints/complaint/complaint.events.ts':
        "export type A = { readonly type: 'ComplaintSung' }; export type B = { readonly type: 'ComplaintHeard' };",
      'docs/events.md': 'ComplaintSung is a word.\n\n## ComplaintHeard\n',
    },
    says: [/no line for ComplaintSung$/],
  },
  {
    rule: 'every refusal is tested',
    breaks: {
      'libs/complaints/complaint/complaint.refusals.ts':
        "export const CODES = { 'song.too-loud': 'a', 'song.too-long': 'b' };",
      'libs/complaints/complaint/complaint.spec.ts': "expect(code).toBe('song.too-long');",
    },
    says: [/song\.too-loud$/],
  },
  {
    rule: "every adapter runs its port's contract suite",
    breaks: {
      'libs/event-store/memory/index.ts': '',
      'libs/event-store/memory/memory.spec.ts':
        "import { eventStoreContract } from '#testing/event-store'; eventStoreContract(open);",
      'libs/event-store/sqlite/index.ts': '',
      'libs/event-store/sqlite/sqlite.spec.ts':
        "import { eventStoreContract } from '#testing/event-store'; // eventStoreContract(open);",
      'libs/event-store/port/index.ts': '',
    },
    says: [/^libs\/event-store\/sqlite: no spec/],
  },
  {
    rule: 'tests lie where they belong',
    breaks: { 'test/odd/a.spec.ts': '', 'test/a.spec.ts': '', 'test/e2e/a.spec.ts': '' },
    says: [/^test\/odd\/a/, /^test\/a/],
  },
];

export const TIDY_PROOFS: readonly TidyProof[] = [
  ...SOURCE_PROOFS,
  ...COMPANY_PROOFS,
  ...PACKAGE_AND_DOCS_PROOFS,
];
