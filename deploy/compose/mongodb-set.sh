#!/bin/sh
# Makes the replica set of one member and the account of Redress, unless they are there. More
# members are added with rs.add(…), each with the same key file; w:majority then means most of them.
set -eu
cat >/tmp/set.js <<'SCRIPT'
const { readFileSync } = require('node:fs');
const secret = (name) => readFileSync(`/run/secrets/${name}`, 'utf8').trim();
const ATTEMPTS_MAX = 60;
const DELAY_MS = 1_000;

const admin = connect(
  `mongodb://root:${encodeURIComponent(secret('mongodb_root_password'))}@mongodb:27017/admin` +
    '?tls=true&tlsCAFile=/run/secrets/ca&directConnection=true',
);
const NOT_YET_INITIALIZED = 94;
try {
  admin.adminCommand({ replSetGetStatus: 1 });
} catch (error) {
  if (error.code !== NOT_YET_INITIALIZED) throw error;
  const members = [{ _id: 0, host: 'mongodb:27017' }];
  admin.adminCommand({ replSetInitiate: { _id: 'redress', members } });
}
for (let attempt = 0; !admin.hello().isWritablePrimary; attempt += 1) {
  if (attempt >= ATTEMPTS_MAX) throw new Error('no member became primary');
  sleep(DELAY_MS);
}
const database = admin.getSiblingDB('redress');
const user = {
  pwd: secret('mongodb_password'),
  roles: [
    { role: 'readWrite', db: 'redress' },
    // For `redress doctor`: says whether the set, its journal and its settings are as they must be.
    { role: 'clusterMonitor', db: 'admin' },
  ],
};
if (database.getUser('redress')) database.updateUser('redress', user);
else database.createUser({ user: 'redress', ...user });
SCRIPT
exec mongosh --quiet --nodb --file /tmp/set.js
