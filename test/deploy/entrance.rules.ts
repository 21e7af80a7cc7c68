import type { Tree } from '../tidy/repository.js';
import type { TidyRule } from '../tidy/rule.js';
import { PROXY } from './agreement.rules.js';
import { manifests, type Manifest } from './deploy-files.js';
import { at, listOf, textOf } from './shape.js';

// What the outside world is let in to.

/** The routes of the ledger, on servers: shown where the log is signed. */
const LEDGER_PREFIX = '/ledger';
const LEDGER_PROCESS = 'sequencer';

/** `[where, path, target]` of everything that is let in from outside. */
function pathsLetIn(tree: Tree): readonly (readonly [file: string, path: string, to: string])[] {
  const locations = (tree.get(PROXY) ?? '').matchAll(
    /^ {2}location (\S+) \{\n\s*proxy_pass http:\/\/([a-z]+);/gm,
  );
  const ingresses = manifests(tree).filter(({ kind }) => kind === 'Ingress');
  return [
    ...[...locations].map(([, path = '', to = '']) => [PROXY, path, to] as const),
    ...ingresses.flatMap(({ file, value }) =>
      listOf(at(value, 'spec', 'rules'))
        .flatMap((rule) => listOf(at(rule, 'http', 'paths')))
        .map(
          (one) =>
            [file, textOf(at(one, 'path')), textOf(at(one, 'backend', 'service', 'name'))] as const,
        ),
    ),
  ];
}

const ledgerIsLetInWhereItIsSigned: TidyRule = {
  name: 'every entrance passes the ledger to the sequencer, and all else to the api',
  why: 'No other process has the files: proofs would be missing, and receipts would lead nowhere.',
  faults: (tree) => {
    const letIn = pathsLetIn(tree);
    const entrances = [PROXY, ...manifests(tree).flatMap(entranceOf)];
    const services = manifests(tree)
      .filter(({ kind }) => kind === 'Service')
      .map(({ value }) => textOf(at(value, 'metadata', 'name')));
    const isOfLedger = (path: string) => path.replace(/\/$/, '') === LEDGER_PREFIX;
    return [
      ...entrances
        .filter((entrance) => !letIn.some(([file, path]) => file === entrance && isOfLedger(path)))
        .map((entrance) => `${entrance}: lets nobody to ${LEDGER_PREFIX}`),
      ...letIn
        .filter(([, path, to]) => to !== (isOfLedger(path) ? LEDGER_PROCESS : 'api'))
        .map(([file, path, to]) => `${file}: passes ${path} to ${to || 'nobody'}`),
      ...letIn
        .filter(([file, , to]) => file !== PROXY && !services.includes(to))
        .map(([file, , to]) => `${file}: no Service ${to}`),
      ...letIn
        .filter(([, path]) => /^\/(?:metrics|health)/.test(path))
        .map(([file, path]) => `${file}: lets everybody to ${path}`),
    ];
  },
};

function entranceOf({ file, kind }: Manifest): readonly string[] {
  return kind === 'Ingress' ? [file] : [];
}

export const ENTRANCE_RULES: readonly TidyRule[] = [ledgerIsLetInWhereItIsSigned];
