/** One file that breaks exactly one rule of .dependency-cruiser.cjs. */
export type Violation = {
  readonly rule: string;
  readonly file: string;
  readonly source: string;
};

const importing = (specifier: string): string => `import '${specifier}';\n`;
/** `import type` must not slip through: it binds rooms as much as any import. */
const importingType = (specifier: string): string =>
  `import type { X } from '${specifier}';\nexport type Y = X;\n`;

/** A small tree that keeps every rule; the violations are added to it. */
export const CLEAN_TREE: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({
    name: 'small-tree',
    type: 'module',
    imports: { '#*/contract': './dist/libs/*/contract.js', '#*': './dist/libs/*/index.js' },
    dependencies: {
      '@photostructure/sqlite': '1.0.0',
      '@nestjs/common': '1.0.0',
      bullmq: '1.0.0',
      nodemailer: '1.0.0',
      '@noble/hashes': '1.0.0',
    },
    devDependencies: { undici: '1.0.0' },
  }),
  'node_modules/@photostructure/sqlite/package.json': '{"name":"x","main":"index.js"}',
  'node_modules/@photostructure/sqlite/index.js': '',
  'node_modules/@nestjs/common/package.json': '{"name":"x","main":"index.js"}',
  'node_modules/@nestjs/common/index.js': '',
  'node_modules/bullmq/package.json': '{"name":"x","main":"index.js"}',
  'node_modules/bullmq/index.js': '',
  'node_modules/nodemailer/package.json': '{"name":"x","main":"index.js"}',
  'node_modules/nodemailer/index.js': '',
  'node_modules/@noble/hashes/package.json': '{"name":"x","main":"index.js"}',
  'node_modules/@noble/hashes/index.js': '',
  'node_modules/undici/package.json': '{"name":"x","main":"index.js"}',
  'node_modules/undici/index.js': '',
  'node_modules/undeclared/package.json': '{"name":"x","main":"index.js"}',
  'node_modules/undeclared/index.js': '',
  // A built tree lies beside the source, as it does on every machine that has run the product:
  // an alias that were resolved through package.json would end there and escape every rule.
  'dist/libs/kernel/index.js': 'export const X = 1;',
  'dist/libs/event-store/sqlite/index.js': 'export const X = 1;',
  'dist/libs/complaints/index.js': 'export const X = 1;',
  'libs/kernel/index.ts': 'export type X = string;\n',
  'libs/event-store/port/index.ts': importingType('#kernel'),
  'libs/event-store/memory/index.ts': importing('#event-store/port'),
  'libs/event-store/sqlite/index.ts':
    importing('#event-store/port') + importing('@photostructure/sqlite') + importing('node:fs'),
  'libs/read-models/port/index.ts': importing('#kernel'),
  'libs/read-models/projector/index.ts':
    importing('#event-store/port') + importing('#read-models/port'),
  'libs/read-models/sqlite/index.ts':
    importing('#read-models/port') + importing('@photostructure/sqlite'),
  'libs/notices/port/index.ts': importingType('#kernel'),
  'libs/notices/bullmq/index.ts': importing('#notices/port') + importing('bullmq'),
  'libs/notices/mail/index.ts': importing('#notices/port') + importing('nodemailer'),
  'libs/correspondence/contract.ts':
    importing('#complaints/contract') + importing('#notices/port') + importing('#event-store/port'),
  'libs/complaints/contract.ts': importing('./complaint/complaint.events.js'),
  'libs/complaints/index.ts':
    importing('@nestjs/common') + importing('./features/assign-complaint/assign-complaint.http.js'),
  'libs/complaints/complaint/complaint.events.ts': importing('#kernel'),
  'libs/complaints/features/assign-complaint/assign-complaint.decide.ts': importing(
    '../../complaint/complaint.events.js',
  ),
  'libs/complaints/features/assign-complaint/assign-complaint.http.ts':
    importing('./assign-complaint.decide.js') +
    importing('#http') +
    importing('#event-store/port') +
    importing('@nestjs/common'),
  'libs/complaints/projections/complaint-register.projection.ts':
    importing('#read-models/port') + importing('../complaint/complaint.events.js'),
  'libs/http/index.ts': importing('#event-store/port') + importing('@nestjs/common'),
  'libs/merkle/index.ts': importing('node:crypto') + importing('@noble/hashes'),
  'libs/evidence/index.ts': importing('#merkle'),
  'libs/ledger/index.ts':
    importing('#evidence') + importing('#event-store/port') + importing('node:fs'),
  'libs/ledger/door/index.ts': importing('./ledger-routes.http.js'),
  'libs/ledger/door/ledger-routes.http.ts':
    importing('@nestjs/common') + importing('#http') + importing('../index.js'),
  'apps/verifiers/page/main.ts': importing('#evidence') + importing('#merkle'),
  'libs/wiring/index.ts': importing('#event-store/sqlite') + importing('#read-models/projector'),
  'libs/testing/index.ts': importing('#event-store/port'),
  'libs/event-store/sqlite/sqlite.spec.ts': importing('#testing') + importing('./index.js'),
  'apps/contexts/contract.ts': importing('#complaints/contract'),
  'apps/contexts/index.ts': importing('#complaints'),
  'apps/process/index.ts': importing('./ending.js') + importing('#wiring'),
  'apps/process/ending.ts': importing('#kernel'),
  'apps/standalone/index.ts':
    importing('#wiring') +
    importing('../contexts/index.js') +
    importing('../contexts/contract.js') +
    importing('../process/index.js'),
  'libs/complaints/intake/cfpb/index.ts': importing('../../complaint/complaint.events.js'),
  'apps/cli/main.ts':
    importing('../standalone/index.js') +
    importing('#complaints/contract') +
    importing('#complaints/intake/cfpb'),
};

export const VIOLATIONS: readonly Violation[] = [
  {
    rule: 'kernel-imports-nothing',
    file: 'libs/kernel/files.ts',
    source: importing('node:fs'),
  },
  {
    rule: 'kernel-imports-nothing',
    file: 'libs/kernel/store.ts',
    source: importingType('#event-store/sqlite'),
  },
  {
    rule: 'port-imports-kernel-only',
    file: 'libs/read-models/port/other-port.ts',
    source: importingType('#event-store/port'),
  },
  {
    rule: 'projector-imports-ports-only',
    file: 'libs/read-models/projector/projector-of-sqlite.ts',
    source: importingType('#event-store/sqlite'),
  },
  {
    rule: 'adapter-imports-its-port-only',
    file: 'libs/read-models/sqlite/neighbour.ts',
    source: importing('#event-store/sqlite'),
  },
  {
    rule: 'merkle-imports-nothing',
    file: 'libs/merkle/tile-files.ts',
    source: importing('node:fs'),
  },
  {
    rule: 'merkle-imports-nothing',
    file: 'libs/merkle/canonical.ts',
    source: importingType('#kernel'),
  },
  {
    rule: 'evidence-imports-merkle-only',
    file: 'libs/evidence/digest.ts',
    source: importing('node:crypto'),
  },
  {
    rule: 'evidence-imports-merkle-only',
    file: 'libs/evidence/stored.ts',
    source: importingType('#kernel'),
  },
  {
    rule: 'ledger-knows-bytes-not-complaints',
    file: 'libs/ledger/titles.ts',
    source: importingType('#complaints/contract'),
  },
  {
    rule: 'ledger-knows-bytes-not-complaints',
    file: 'libs/ledger/its-log.ts',
    source: importing('#event-store/sqlite'),
  },
  {
    rule: 'verifiers-share-nothing',
    file: 'apps/verifiers/page/from-the-log.ts',
    source: importingType('#event-store/port'),
  },
  {
    rule: 'only-adapters-know-drivers',
    file: 'apps/cli/database.ts',
    source: importing('@photostructure/sqlite'),
  },
  {
    rule: 'only-adapters-know-drivers',
    file: 'libs/correspondence/post.ts',
    source: importing('nodemailer'),
  },
  {
    rule: 'memory-adapter-has-no-driver',
    file: 'libs/event-store/memory/driver.ts',
    source: importing('@photostructure/sqlite'),
  },
  {
    rule: 'context-imports-kernel-and-ports',
    file: 'libs/complaints/complaint-store.ts',
    source: importingType('#event-store/sqlite'),
  },
  {
    rule: 'context-imports-kernel-and-ports',
    file: 'libs/correspondence/queue.ts',
    source: importing('#notices/bullmq'),
  },
  {
    rule: 'http-room-entered-from-doors',
    file: 'libs/complaints/problems.ts',
    source: importing('#http'),
  },
  {
    rule: 'http-imports-kernel-and-ports',
    file: 'libs/http/complaint-filter.ts',
    source: importingType('#complaints/contract'),
  },
  {
    rule: 'wiring-imports-adapters-not-contexts',
    file: 'libs/wiring/contexts.ts',
    source: importing('#complaints/contract'),
  },
  {
    rule: 'wiring-entered-from-apps-only',
    file: 'libs/testing/wired.ts',
    source: importing('#wiring'),
  },
  {
    rule: 'process-imports-no-process',
    file: 'apps/standalone/borrowed.ts',
    source: importing('../cli/main.js'),
  },
  {
    rule: 'process-imports-no-process',
    file: 'apps/worker/inside-the-process-room.ts',
    source: importing('../process/ending.js'),
  },
  {
    rule: 'app-rooms-import-no-process',
    file: 'apps/contexts/running.ts',
    source: importing('../process/index.js'),
  },
  {
    rule: 'process-room-knows-no-context',
    file: 'apps/process/complaints.ts',
    source: importingType('#complaints/contract'),
  },
  {
    rule: 'nobody-imports-apps',
    file: 'libs/wiring/projections.ts',
    source: importing('../../apps/contexts/contract.js'),
  },
  {
    rule: 'nobody-imports-apps',
    file: 'libs/http/server.ts',
    source: importing('../../apps/cli/main.js'),
  },
  {
    rule: 'only-cli-enters-standalone',
    file: 'apps/worker/main.ts',
    source: importing('../standalone/index.js'),
  },
  {
    rule: 'rooms-have-front-doors',
    file: 'libs/wiring/back-door.ts',
    source: importing('../event-store/sqlite/rows.js'),
  },
  {
    rule: 'apps-use-front-doors',
    file: 'apps/cli/back-door.ts',
    source: importing('../../libs/event-store/sqlite/rows.js'),
  },
  {
    rule: 'apps-use-front-doors',
    file: 'apps/cli/back-door-of-a-context.ts',
    source: importing('../../libs/complaints/complaint/complaint.events.js'),
  },
  {
    rule: 'feature-imports-no-feature',
    file: 'libs/complaints/features/close-complaint/close-complaint.decide.ts',
    source: importing('../assign-complaint/assign-complaint.decide.js'),
  },
  {
    rule: 'pure-imports-pure',
    file: 'libs/complaints/features/close-complaint/impure.decide.ts',
    source: importing('node:fs'),
  },
  {
    rule: 'projection-imports-pure-and-port',
    file: 'libs/complaints/projections/impure.projection.ts',
    source: importing('node:fs'),
  },
  {
    rule: 'projection-imports-pure-and-port',
    file: 'libs/read-models/projector/impure.policy.ts',
    source: importing('node:fs'),
  },
  {
    rule: 'nest-at-the-doors-only',
    file: 'libs/complaints/module.ts',
    source: importing('@nestjs/common'),
  },
  {
    rule: 'testing-from-specs-only',
    file: 'apps/standalone/fakes.ts',
    source: importing('#testing'),
  },
  {
    rule: 'nobody-imports-specs',
    file: 'libs/event-store/sqlite/from-spec.ts',
    source: importing('./sqlite.spec.js'),
  },
  {
    rule: 'no-cycles',
    // The cruiser reports a cycle once, at the file that comes first by name.
    file: 'libs/complaints/turn-again.ts',
    source: importing('./turn.js'),
  },
  {
    rule: 'no-orphans',
    file: 'libs/complaints/forgotten.ts',
    source: 'export const forgotten = 1;\n',
  },
  {
    rule: 'no-dev-dependency-in-product',
    file: 'apps/cli/fetching.ts',
    source: importing('undici'),
  },
  {
    rule: 'no-undeclared-package',
    file: 'apps/cli/undeclared.ts',
    source: importing('undeclared'),
  },
  {
    rule: 'no-unresolvable-import',
    file: 'apps/cli/nowhere.ts',
    source: importing('./nowhere-at-all.js'),
  },
];

/** Files that violations need and that break no rule themselves, or the same one. */
export const SUPPORTING_FILES: Readonly<Record<string, string>> = {
  'libs/event-store/sqlite/rows.ts': importing('node:fs'),
  'libs/complaints/turn.ts': importingType('./turn-again.js'),
};
