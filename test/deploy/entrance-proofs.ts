import { proof, type DeployProof } from './proofs.js';

const RULE = 'every entrance passes the ledger to the sequencer, and all else to the api';
const PROXY = 'deploy/compose/proxy.conf';
const SEQUENCER = 'deploy/kubernetes/sequencer.yaml';
const INGRESS = 'deploy/kubernetes/ingress.yaml';

export const ENTRANCE_PROOFS: readonly DeployProof[] = [
  proof(
    RULE,
    PROXY,
    ['proxy_pass http://sequencer;', 'proxy_pass http://api;'],
    /passes \/ledger\/ to api/,
  ),
  proof(
    RULE,
    PROXY,
    ['location /ledger/ {', 'location /ledgers/ {'],
    /lets nobody to \/ledger/,
    /passes \/ledgers\/ to sequencer/,
  ),
  proof(
    RULE,
    PROXY,
    ['location /metrics { return 404; }', 'location /metrics {\n    proxy_pass http://api;\n  }'],
    /lets everybody to \/metrics/,
  ),
  proof(
    RULE,
    INGRESS,
    ['path: /ledger,', 'path: /ledgers,'],
    /lets nobody to \/ledger/,
    /passes \/ledgers to sequencer/,
  ),
  proof(
    RULE,
    SEQUENCER,
    ['kind: Service\nmetadata:\n  name: sequencer', 'kind: Service\nmetadata:\n  name: signer'],
    /no Service sequencer/,
  ),
];
