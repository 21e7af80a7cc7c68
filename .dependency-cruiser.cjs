// The one-way rule of docs/architecture.md, as data. Each rule is proved by a violation that it
// catches in test/boundaries/boundaries.spec.ts: who adds a rule here adds its violation there.

const SPEC = '\\.spec\\.ts$';
const PURE =
  '\\.(events|state|decide|policy|upcast|projection|lifecycle|vocabulary|schema|limits|refusals|decider|replay|view)\\.ts$|/reference\\.ts$';

/** Pure as those are, but about what a port declares. */
const IN_WORDS_OF_THE_PORT = '\\.projection\\.ts$|^libs/read-models/projector/[^/]+\\.policy\\.ts$';

/** Rooms that hold several rooms: a port and what stands behind it. */
const PORTED = '(?:event-store|read-models|notices|deadlines|vault)';
const PORT = `^libs/${PORTED}/port/`;
const CONTEXT = '^libs/(?:complaints|correspondence)/';
const KERNEL = '^libs/kernel/';
const HTTP = '^libs/http/';
const MERKLE = '^libs/merkle/';
const EVIDENCE = '^libs/evidence/';
const LEDGER = '^libs/ledger/';
const ADAPTER = `^libs/(${PORTED})/((?!port/|projector/)[^/]+)/`;
/** A room's name as group 1, so that a rule can say "but for its own room". */
const ROOM = `^libs/(${PORTED}/[^/]+|(?!${PORTED}/)[^/]+)/`;
/** An importer or generator has a door of its own, so that the server need not load it. */
const FRONT_DOOR = [
  `^libs/(?:${PORTED}/|testing/)?[^/]+/(?:index|contract)\\.ts$`,
  '^libs/[^/]+/(?:intake/[^/]+|demonstration)/index\\.ts$',
  // Who follows the log loads no PDF writer, who serves tiles no witness.
  '^libs/ledger/(?:packs|witness|door)/index\\.ts$',
];

/** What all processes are made of: which contexts there are, and how a process runs. */
const APP_ROOM_DOOR = '^apps/(?:contexts/(?:index|contract)|process/index)\\.ts$';

const DRIVERS =
  '^node_modules/(?:@photostructure/sqlite|@eventstore/db-client|mongodb|bullmq|ioredis|nodemailer)/';
const NEST =
  '^node_modules/(?:@nestjs|@fastify|fastify|rxjs|class-validator|class-transformer|reflect-metadata)/';

/** Where a context meets the framework: routes, and what the command bus hands a command to. */
const DOOR = '\\.http\\.ts$';

/** Node's own modules; cruised paths carry or drop the prefix depending on the module. */
const NODE_CORE = ['core'];

module.exports = {
  forbidden: [
    {
      name: 'kernel-imports-nothing',
      comment: 'The kernel is types and pure functions; of Node it takes hashing and nothing else.',
      severity: 'error',
      from: { path: KERNEL, pathNot: SPEC },
      to: { pathNot: [KERNEL, '^(?:node:)?crypto$'] },
    },
    {
      name: 'port-imports-kernel-only',
      comment: 'A port that knew another port or an adapter could not be implemented without it.',
      severity: 'error',
      from: { path: `^libs/(${PORTED})/port/`, pathNot: SPEC },
      to: { pathNot: [KERNEL, '^libs/$1/port/'] },
    },
    {
      name: 'projector-imports-ports-only',
      comment: 'The projector runs over any pair of adapters, so it may know the two ports only.',
      severity: 'error',
      from: { path: '^libs/read-models/projector/', pathNot: SPEC },
      to: {
        pathNot: [
          KERNEL,
          '^libs/(?:event-store|read-models)/port/',
          '^libs/read-models/projector/',
        ],
        dependencyTypesNot: NODE_CORE,
      },
    },
    {
      name: 'adapter-imports-its-port-only',
      comment: 'An adapter knows kernel, its own port, Node and its driver; never its neighbours.',
      severity: 'error',
      from: { path: ADAPTER, pathNot: SPEC },
      to: {
        pathNot: [KERNEL, '^libs/$1/(?:port|$2)/', DRIVERS],
        dependencyTypesNot: NODE_CORE,
      },
    },
    {
      name: 'only-adapters-know-drivers',
      comment: 'No driver type crosses a port. Tests and benchmarks may measure a bare driver.',
      severity: 'error',
      from: { path: '^(?:libs|apps)/', pathNot: [ADAPTER, SPEC] },
      to: { path: DRIVERS },
    },
    {
      name: 'memory-adapter-has-no-driver',
      comment: 'The memory adapter is what tests run on; it must start with nothing installed.',
      severity: 'error',
      from: { path: `^libs/${PORTED}/memory/` },
      to: { path: DRIVERS },
    },
    {
      name: 'merkle-imports-nothing',
      comment: 'Hashing and arithmetic, to be published alone: of Node it takes crypto.',
      severity: 'error',
      from: { path: MERKLE, pathNot: SPEC },
      to: { pathNot: [MERKLE, '^(?:node:)?crypto$', '^node_modules/@noble/'] },
    },
    {
      name: 'evidence-imports-merkle-only',
      comment: 'What verifies shares nothing with what it verifies, and runs in a browser.',
      severity: 'error',
      from: { path: EVIDENCE, pathNot: SPEC },
      to: { pathNot: [MERKLE, EVIDENCE] },
    },
    {
      name: 'ledger-knows-bytes-not-complaints',
      comment: 'It follows every stream of whatever context, so it may know none.',
      severity: 'error',
      from: { path: LEDGER, pathNot: SPEC },
      to: {
        path: '^libs/',
        pathNot: [KERNEL, MERKLE, EVIDENCE, LEDGER, HTTP, '^libs/event-store/port/'],
      },
    },
    {
      name: 'verifiers-share-nothing',
      comment: 'A verifier reads public artefacts: no store, no server, no network of ours.',
      severity: 'error',
      from: { path: '^apps/verifiers/', pathNot: SPEC },
      to: { path: '^(?:libs|apps)/', pathNot: [MERKLE, EVIDENCE, '^apps/verifiers/'] },
    },
    {
      name: 'context-imports-kernel-and-ports',
      comment: 'A context is told which store it runs on; it never chooses one.',
      severity: 'error',
      from: { path: CONTEXT, pathNot: SPEC },
      to: { path: '^libs/', pathNot: [KERNEL, PORT, HTTP, CONTEXT] },
    },
    {
      name: 'http-room-entered-from-doors',
      comment: 'HTTP numbers and problem documents live in the API; deciders never see them.',
      severity: 'error',
      from: {
        path: '^libs/',
        pathNot: [HTTP, DOOR, `${CONTEXT}index\\.ts$`, SPEC],
      },
      to: { path: HTTP },
    },
    {
      name: 'http-imports-kernel-and-ports',
      comment: 'What is the same in every route knows no context, no adapter and no wiring.',
      severity: 'error',
      from: { path: HTTP, pathNot: SPEC },
      to: { path: '^libs/', pathNot: [KERNEL, PORT, HTTP] },
    },
    {
      name: 'wiring-imports-adapters-not-contexts',
      comment: 'Wiring chooses adapters; it must not change when a context is added.',
      severity: 'error',
      from: { path: '^libs/wiring/', pathNot: SPEC },
      to: { path: '^libs/', pathNot: [KERNEL, `^libs/${PORTED}/`, '^libs/wiring/'] },
    },
    {
      name: 'wiring-entered-from-apps-only',
      comment: 'Only a process chooses its adapters.',
      severity: 'error',
      from: { path: '^libs/', pathNot: ['^libs/wiring/', SPEC] },
      to: { path: '^libs/wiring/' },
    },
    {
      name: 'nobody-imports-apps',
      comment: 'Processes are the end of the line.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'process-imports-no-process',
      comment:
        'But for what all of them are made of. The command line may start the server or a witness.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: {
        path: '^apps/',
        pathNot: ['^apps/$1/', APP_ROOM_DOOR, '^apps/(?:standalone|witness)/index\\.ts$'],
      },
    },
    {
      name: 'app-rooms-import-no-process',
      comment:
        'What all processes are made of knows none of them: contexts not how, process not what.',
      severity: 'error',
      from: { path: '^apps/(contexts|process)/', pathNot: SPEC },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'process-room-knows-no-context',
      comment: 'How a process starts, is probed and ends does not change when a context is added.',
      severity: 'error',
      from: { path: '^apps/process/', pathNot: SPEC },
      to: { path: CONTEXT },
    },
    {
      name: 'only-cli-enters-standalone',
      comment: '`redress serve` and `redress ledger witness` are the doors into other processes.',
      severity: 'error',
      from: { path: '^(?:libs|apps)/', pathNot: '^apps/(?:cli|standalone|witness)/' },
      to: { path: '^apps/(?:standalone|witness)/index\\.ts$' },
    },
    {
      name: 'rooms-have-front-doors',
      comment: 'What is not exported by index.ts or contract.ts is free to change.',
      severity: 'error',
      from: { path: ROOM },
      to: { path: '^libs/', pathNot: [...FRONT_DOOR, '^libs/$1/'] },
    },
    {
      name: 'apps-use-front-doors',
      comment: 'Processes and tests outside the rooms enter them like everybody else.',
      severity: 'error',
      from: { path: '^(?:apps|test)/' },
      to: { path: '^libs/', pathNot: FRONT_DOOR },
    },
    {
      name: 'feature-imports-no-feature',
      comment: 'A feature is read, changed and thrown away alone; what two need lies beside them.',
      severity: 'error',
      from: { path: '^libs/[^/]+/features/([^/]+)/' },
      to: { path: '^libs/[^/]+/features/[^/]+/', pathNot: '^libs/[^/]+/features/$1/' },
    },
    {
      name: 'pure-imports-pure',
      comment: 'One impure import makes a pure file impure, so they import each other and kernel.',
      severity: 'error',
      from: { path: PURE, pathNot: IN_WORDS_OF_THE_PORT },
      to: { pathNot: [PURE, KERNEL] },
    },
    {
      name: 'projection-imports-pure-and-port',
      comment: 'Projections, and who writes which, are told in the words of the read-models port.',
      severity: 'error',
      from: { path: IN_WORDS_OF_THE_PORT },
      to: { pathNot: [PURE, KERNEL, '^libs/read-models/port/'] },
    },
    {
      name: 'nest-at-the-doors-only',
      comment: 'The framework may be left; the rules of complaints handling may not.',
      severity: 'error',
      from: {
        path: '^libs/',
        pathNot: [DOOR, `${CONTEXT}index\\.ts$`, HTTP, SPEC, '^libs/testing/'],
      },
      to: { path: NEST },
    },
    {
      name: 'testing-from-specs-only',
      comment: 'Contract suites and fakes are not shipped.',
      severity: 'error',
      from: { path: '^(?:libs|apps)/', pathNot: [SPEC, '^libs/testing/'] },
      to: { path: '^libs/testing/' },
    },
    {
      name: 'nobody-imports-specs',
      comment: 'What two specs need belongs into libs/testing.',
      severity: 'error',
      from: {},
      to: { path: SPEC },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or a third is missing.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A file that nobody imports and that is no entry is dead.',
      severity: 'error',
      from: {
        orphan: true,
        path: '^(?:libs|apps)/',
        pathNot: [SPEC, '\\.d\\.ts$', '(?:^|/)main\\.ts$', '\\.worker\\.ts$', ...FRONT_DOOR],
      },
      to: {},
    },
    {
      name: 'no-dev-dependency-in-product',
      comment: 'It would be missing where the product is installed without development packages.',
      severity: 'error',
      // What bundles the verifier's page runs when the product is built, and is no part of it.
      from: {
        path: '^(?:libs|apps)/',
        pathNot: [SPEC, '^libs/testing/', '^apps/verifiers/page/build\\.mjs$'],
      },
      to: { dependencyTypes: ['npm-dev'] },
    },
    {
      name: 'no-undeclared-package',
      comment: 'A package that only another package brings along can vanish with an update.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-unresolvable-import',
      comment: 'A path that leads nowhere would hide every other rule about it.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules'] },
    exclude: { path: ['^dist/', '^coverage/'] },
    // Without it `import type` is invisible, and half of the one-way rule with it.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
