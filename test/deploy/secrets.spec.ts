import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { parseTokens } from '#http';
import { sha256Hex } from '#kernel';
import { readConfiguration, serverAddress } from '#wiring';
import { serverSuite, type Offer } from '../servers/offered.js';

const SCRIPT = fileURLToPath(new URL('../../deploy/compose/make-secrets.sh', import.meta.url));
const TIMEOUT_MS = 60_000;

const offer: Offer =
  spawnSync('openssl', ['version']).status === 0
    ? { offered: true }
    : { missing: 'there is no openssl on this machine' };

serverSuite('secrets made for the compose files', offer, () => {
  let folder: string;
  let printed: string;

  const inside = (name: string) => join(folder, 'secrets', name);
  const read = (name: string) => readFileSync(inside(name), 'utf8').trim();
  const make = () =>
    spawnSync('sh', [SCRIPT, join(folder, 'secrets')], { encoding: 'utf8', timeout: TIMEOUT_MS });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'redress-secrets-'));
    const { status, stdout, stderr } = make();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    printed = stdout;
  }, TIMEOUT_MS);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('lie in a folder of their owner, and are never written over', () => {
    expect(statSync(join(folder, 'secrets')).mode & 0o777).toBe(0o700);
    expect(statSync(inside('ca.key')).mode & 0o777).toBe(0o600);
    const before = read('mongodb-password');
    const { status, stderr } = make();
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('already') });
    expect(read('mongodb-password')).toBe(before);
  });

  it.each([
    ['eventstore.crt', 'eventstoredb-node', 'eventstore'],
    ['mongodb.pem', 'mongodb', 'mongodb'],
    ['redis.crt', 'redis', 'redis'],
    ['proxy.crt', 'localhost', 'redress.localhost'],
  ])('hold a certificate %s of our authority for %s at host %s', (file, name, host) => {
    const authority = new X509Certificate(read('ca.crt'));
    const certificate = new X509Certificate(read(file));
    expect(authority.ca).toBe(true);
    expect(certificate.checkIssued(authority)).toBe(true);
    expect(certificate.verify(authority.publicKey)).toBe(true);
    expect(certificate.subject).toBe(`CN=${name}`);
    expect(certificate.checkHost(host)).toBe(host);
    expect(certificate.checkHost('elsewhere')).toBeUndefined();
  });

  it('hold URLs that the configuration takes from files', () => {
    const { servers } = readConfiguration({
      REDRESS_STORES: 'servers',
      EVENTSTORE_URL_FILE: inside('eventstore-url'),
      MONGODB_URL_FILE: inside('mongodb-url'),
      REDIS_URL_FILE: inside('redis-url'),
    });
    const urls = [servers?.eventStoreUrl, servers?.mongoUrl, servers?.redisUrl].map(String);
    expect(urls.map(serverAddress)).toEqual(['eventstore:2113', 'mongodb:27017', 'redis:6379']);
    expect(urls[0]).toContain(read('eventstore-password'));
    expect(urls[1]).toContain(read('mongodb-password'));
    const [, password = ''] = /redress:(\w+)@/.exec(String(urls[2])) ?? [];
    expect(read('redis-users.acl')).toContain(`user redress on >${password} `);
  });

  it('hold the digest of the token that was printed once', () => {
    const token = printed.trim().split('\n').at(-1) ?? '';
    expect(token).toMatch(/^[0-9a-f]{48}$/);
    expect(parseTokens(read('tokens.json'))).toEqual({
      [sha256Hex(token)]: { actorId: 'first-administrator', role: 'administrator' },
    });
  });

  const redis: Offer =
    spawnSync('redis-server', ['--version']).status === 0
      ? { offered: true }
      : { missing: 'there is no redis-server on this machine' };

  serverSuite('Redis takes its users', redis, () => {
    it(
      'and lets nobody else do more than ask for a sign of life',
      async () => {
        const password = /redress:(\w+)@/.exec(read('redis-url'))?.[1] ?? '';
        const users = join(folder, 'users.acl');
        writeFileSync(users, `${read('redis-users.acl')}\n`);
        // Redis answers each question of `redis-cli`, which ends by itself.
        const socket = join(folder, 'redis.sock');
        const { spawn } = await import('node:child_process');
        const args = ['--port', '0', '--unixsocket', socket, '--aclfile', users, '--save', ''];
        const policy = ['--maxmemory-policy', 'noeviction', '--dir', folder];
        const server = spawn('redis-server', [...args, ...policy], { stdio: 'pipe' });
        const ask = (...words: readonly string[]) =>
          spawnSync('redis-cli', ['-s', socket, ...words], { encoding: 'utf8' }).stdout.trim();
        const as = ['--no-auth-warning', '--user', 'redress', '--pass', password];
        try {
          for await (const chunk of server.stdout) {
            if (String(chunk).includes('ready to accept')) break;
          }
          expect(ask('ping')).toBe('PONG');
          expect(ask('get', 'a')).toMatch(/^NOPERM/);
          expect(ask('acl', 'list')).toMatch(/^NOPERM/);
          expect(ask(...as, 'set', 'a', 'b')).toBe('OK');
          expect(ask(...as, 'config', 'get', 'maxmemory-policy')).toContain('noeviction');
          expect(ask(...as, 'info', 'server')).toContain('redis_version');
          expect(ask(...as, 'config', 'set', 'maxmemory-policy', 'allkeys-lru')).toMatch(/^NOPERM/);
          expect(ask(...as, 'flushall')).toMatch(/^NOPERM/);
        } finally {
          server.kill('SIGKILL');
        }
      },
      TIMEOUT_MS,
    );
  });
});
