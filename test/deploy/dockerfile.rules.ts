import type { Tree } from '../tidy/repository.js';
import type { TidyRule } from '../tidy/rule.js';
import { dockerfile, DOCKERFILE, type Instruction } from './deploy-files.js';

const KNOWN = new Set(
  'ARG FROM LABEL RUN WORKDIR COPY ENV USER VOLUME EXPOSE STOPSIGNAL HEALTHCHECK ENTRYPOINT CMD'.split(
    ' ',
  ),
);

const instructionsAreKnown: TidyRule = {
  name: 'the Dockerfile holds known instructions only',
  why: 'ADD fetches and unpacks what nobody looked at; a misspelt instruction ends the build late.',
  faults: (tree) =>
    dockerfile(tree)
      .filter(({ name }) => !KNOWN.has(name))
      .map(({ name, line }) => `${DOCKERFILE}:${line}: ${name || 'no instruction'}`),
};

/** `name:1.2.3…`, with a part of the tag that says which system it stands on where there is one. */
export const PINNED_IMAGE = /^(?:[a-z0-9.-]+\/)*[a-z0-9-]+:\d+\.\d+\.\d+(?:-[a-z0-9.-]+)?$/;

const startsFromPinnedImages: TidyRule = {
  name: 'the image stands on a pinned one',
  why: 'A tag that moves makes another image of the same source.',
  faults: (tree) => {
    const instructions = dockerfile(tree);
    const defaults = new Map(
      instructions
        .filter(({ name }) => name === 'ARG')
        .map(({ rest }) => [rest.split('=', 1)[0] ?? '', rest.slice(rest.indexOf('=') + 1)]),
    );
    return instructions
      .filter(({ name }) => name === 'FROM')
      .map(({ rest, line }) => [rest.split(' ', 1)[0] ?? '', line] as const)
      .map(
        ([image, line]) =>
          [
            image.replace(/\$\{(\w+)\}/, (_, arg: string) => defaults.get(arg) ?? ''),
            line,
          ] as const,
      )
      .filter(([image]) => !PINNED_IMAGE.test(image))
      .map(([image, line]) => `${DOCKERFILE}:${line}: ${image} is not pinned`);
  },
};

/** Instructions from the last FROM on: what ends up in the image. */
function lastStage(tree: Tree): readonly Instruction[] {
  const instructions = dockerfile(tree);
  return instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));
}

const runsAsNobody: TidyRule = {
  name: 'the image runs as nobody in particular',
  why: 'Root in a container is root wherever the container leaks; Kubernetes asks for a number.',
  faults: (tree) => {
    const user = lastStage(tree).findLast(({ name }) => name === 'USER')?.rest ?? 'root';
    return /^[1-9]\d{3,}:[1-9]\d{3,}$/.test(user) ? [] : [`${DOCKERFILE}: runs as ${user}`];
  },
};

const NEEDED = ['USER', 'EXPOSE', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD', 'STOPSIGNAL'];

const saysHowItRuns: TidyRule = {
  name: 'the image says how it runs',
  why: 'An engine that knows no health and no signal kills what it should have asked.',
  faults: (tree) => {
    const names = lastStage(tree).map(({ name }) => name);
    const shell = lastStage(tree).filter(
      ({ name, rest }) => (name === 'ENTRYPOINT' || name === 'CMD') && !rest.startsWith('['),
    );
    return [
      ...NEEDED.filter((name) => !names.includes(name)).map((name) => `${DOCKERFILE}: no ${name}`),
      // A shell in between would keep the signals to itself.
      ...shell.map(({ name, line }) => `${DOCKERFILE}:${line}: ${name} goes through a shell`),
    ];
  },
};

const installsWhatIsLocked: TidyRule = {
  name: 'the image installs what is locked, and runs no script of it',
  why: 'A script of a package runs with all that the build can reach.',
  faults: (tree) =>
    dockerfile(tree)
      .filter(({ name, rest }) => name === 'RUN' && /\bnpm (?:ci|install|i)\b/.test(rest))
      .filter(({ rest }) => !/\bnpm ci\b/.test(rest) || !rest.includes('--ignore-scripts'))
      .map(({ line }) => `${DOCKERFILE}:${line}: not npm ci --ignore-scripts`),
};

const shipsProductionOnly: TidyRule = {
  name: 'the image holds production packages and the build only',
  why: 'Compilers, tests and sources are tools for a guest and weight for everybody.',
  faults: (tree) => {
    const copied = lastStage(tree).filter(({ name }) => name === 'COPY');
    const omits = dockerfile(tree).some(({ rest }) => /npm ci .*--omit=dev/.test(rest));
    const modules = copied.filter(({ rest }) => rest.includes('node_modules'));
    return [
      ...modules
        .filter(({ rest }) => !omits || !rest.includes('--from=packages'))
        .map(({ line }) => `${DOCKERFILE}:${line}: node_modules with development packages`),
      ...copied
        .filter(({ rest }) => /(?:^|\s)(?:\.|apps|libs|test)(?:\/?\s|$)/.test(rest))
        .map(({ line }) => `${DOCKERFILE}:${line}: copies sources into the image`),
    ];
  },
};

const IGNORE_FILE = '.dockerignore';

const copiedFilesExist: TidyRule = {
  name: 'what the Dockerfile copies is there and not ignored',
  why: 'The build would end where nobody who changed the file looks.',
  faults: (tree) =>
    dockerfile(tree)
      .filter(({ name, rest }) => name === 'COPY' && !rest.includes('--from='))
      .flatMap(({ rest, line }) => {
        const sources = rest.split(/\s+/).slice(0, -1);
        return sources.flatMap((source) => {
          if (!isThere(tree, source)) return [`${DOCKERFILE}:${line}: no ${source}`];
          const ignored = isIgnored(tree.get(IGNORE_FILE) ?? '', source);
          return ignored ? [`${DOCKERFILE}:${line}: ${source} is ignored by ${IGNORE_FILE}`] : [];
        });
      }),
};

function isThere(tree: Tree, source: string): boolean {
  return tree.has(source) || [...tree.keys()].some((path) => path.startsWith(`${source}/`));
}

/** The last pattern that matches decides; ours are `*`, names from the root, and two stars with a suffix. */
function isIgnored(patterns: string, path: string): boolean {
  let ignored = false;
  for (const line of patterns.split('\n').filter((one) => one !== '' && !one.startsWith('#'))) {
    const pattern = line.replace(/^!/, '');
    const matches =
      pattern === '*' ||
      path === pattern ||
      path.startsWith(`${pattern}/`) ||
      (pattern.startsWith('**/*') && path.endsWith(pattern.slice(4)));
    if (matches) ignored = !line.startsWith('!');
  }
  return ignored;
}

const NEVER_SENT = [
  '.git',
  '.redress',
  'deploy/compose/secrets',
  'node_modules',
  '.env',
  'secrets',
];

const contextHoldsNoSecret: TidyRule = {
  name: 'no secret, store or history is sent to the build',
  why: 'What a layer once held can be read out of it for ever.',
  faults: (tree) =>
    NEVER_SENT.filter((path) => !isIgnored(tree.get(IGNORE_FILE) ?? '', path)).map(
      (path) => `${IGNORE_FILE}: lets ${path} in`,
    ),
};

const SECRET_NAME = /(?:PASSWORD|SECRET|TOKEN|KEY|_URL)=/;

const imageHoldsNoSecret: TidyRule = {
  name: 'the image is told no secret',
  why: 'Build arguments and variables of an image can be read by whoever can pull it.',
  faults: (tree) =>
    dockerfile(tree)
      .filter(({ name, rest }) => (name === 'ENV' || name === 'ARG') && SECRET_NAME.test(rest))
      .map(({ name, line }) => `${DOCKERFILE}:${line}: ${name} of a secret`),
};

export const DOCKERFILE_RULES: readonly TidyRule[] = [
  instructionsAreKnown,
  startsFromPinnedImages,
  runsAsNobody,
  saysHowItRuns,
  installsWhatIsLocked,
  shipsProductionOnly,
  copiedFilesExist,
  contextHoldsNoSecret,
  imageHoldsNoSecret,
];
