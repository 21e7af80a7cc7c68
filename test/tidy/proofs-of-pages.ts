import type { TidyProof } from './rule.js';

export const PACKAGE_AND_DOCS_PROOFS: readonly TidyProof[] = [
  {
    rule: 'scripts start what is there',
    breaks: {
      'package.json': JSON.stringify({
        scripts: {
          demo: 'node deploy/run.mjs demo',
          gone: 'node deploy/gone.mjs',
          lint: 'oxlint && prettier --check .',
          odd: 'make all',
          jest: 'node --flag node_modules/jest/bin/jest.js',
        },
        devDependencies: { oxlint: '1.0.0' },
      }),
      'deploy/run.mjs': '',
    },
    says: [
      /script gone: no deploy\/gone\.mjs$/,
      /script lint: prettier needs prettier$/,
      /script odd: unknown program make$/,
      /script jest: no node_modules\/jest/,
    ],
  },
  {
    rule: 'every dependency is used',
    breaks: {
      'package.json': JSON.stringify({
        dependencies: { '@scope/used': '1.0.0', unused: '1.0.0' },
        devDependencies: { oxlint: '1.0.0' },
      }),
      'libs/http/a.ts': "import { x } from '@scope/used/deep';",
    },
    says: [/nobody uses unused$/],
  },
  {
    rule: 'dependencies are pinned',
    breaks: {
      'package.json': JSON.stringify({ dependencies: { a: '^1.0.0', b: '1.0.0', c: 'latest' } }),
    },
    says: [/a is \^1\.0\.0/, /c is latest/],
  },
  {
    rule: 'README is short',
    breaks: { 'README.md': '\n'.repeat(150) },
    says: [/^README\.md: 150 lines/],
  },
  {
    rule: 'every variable is documented',
    breaks: {
      'docs/operations.md': '| `PORT` | 3000 |\n',
      'libs/wiring/a.ts':
        "env.HOST; env['PORT']; valueOf(environment, 'MONGODB_URL'); const X = 'REDRESS_DEPTH';",
      'libs/wiring/a.spec.ts': 'env.ELSEWHERE',
      'deploy/run.mjs': 'process.env.REDRESS_QUIET',
    },
    says: [/for HOST$/, /for MONGODB_URL$/, /for REDRESS_DEPTH$/, /for REDRESS_QUIET$/],
  },
  {
    rule: 'every documented variable is read',
    breaks: {
      'docs/operations.md': '| `PORT` | 3000 |\n| `REDRESS_DREAM` | 1 |\n',
      'libs/wiring/a.ts': "env['PORT']",
    },
    says: [/nobody reads REDRESS_DREAM$/],
  },
  {
    rule: 'links lead somewhere',
    breaks: {
      'README.md':
        '[a](docs/a.md#part) [b](docs/b.md) [c](docs/decisions/) [d](https://example.org/x)',
      'docs/a.md': '[back](../README.md) [lost](lost.md)',
      'docs/decisions/0001-a.md': '',
    },
    says: [/^README\.md: no docs\/b\.md$/, /^docs\/a\.md: no docs\/lost\.md$/],
  },
  {
    rule: 'files that the docs name exist',
    breaks: {
      'docs/architecture.md': '`libs/kernel/gone.ts` and `libs/kernel/ids.ts`',
      'libs/kernel/ids.ts': '',
    },
    says: [/no libs\/kernel\/gone\.ts$/],
  },
  {
    rule: 'code in docs is a region of a test',
    breaks: {
      'README.md': '```ts\nconst a = 1;\n```\n\n```ts\nconst b = 2;\n```\n\n```sh\nls\n```\n',
      'test/e2e/readme.spec.ts': "it('a', () => {\n  const a =\n 1;\n});",
    },
    says: [/^README\.md: not in any spec: const b/],
  },
  {
    rule: 'decisions have one shape',
    breaks: {
      'docs/decisions/first.md': '\n## Context\n## Choice\n## Refused\n',
      'docs/decisions/0002-second.md': '\n## Context\n## Choice\n',
      'docs/decisions/0003-third.md': `\n## Context\n## Choice\n## Refused\n${'\n'.repeat(60)}`,
      'docs/decisions/0004-fourth.md': '\n## Context\n## Choice\n## Refused\n',
    },
    says: [/first\.md: name/, /second\.md: no section Refused/, /third\.md: longer/],
  },
  {
    rule: 'scripts that the docs name exist',
    breaks: {
      'package.json': '{"scripts":{"demo":"x"}}',
      'README.md': 'npm run demo; npm run dance',
    },
    says: [/no script dance$/],
  },
];
