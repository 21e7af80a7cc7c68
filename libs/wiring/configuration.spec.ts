import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigurationInvalid, readConfiguration, requiredRedisUrl } from './index.js';
import { serverAddress } from './server-urls.js';

const SERVERS = {
  REDRESS_STORES: 'servers',
  EVENTSTORE_URL: 'esdb://127.0.0.1:2113?tls=false',
  MONGODB_URL: 'mongodb://127.0.0.1:27017/redress',
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'redress-configuration-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

describe('configuration', () => {
  it('serves an own store on loopback when nothing is set', () => {
    expect(readConfiguration({})).toEqual({
      stores: 'embedded',
      dataDir: resolve('.redress'),
      host: '127.0.0.1',
      port: 3000,
      origin: 'redress.local/default',
      auth: 'open',
      tokensFile: resolve('.redress/tokens.json'),
      tokensFileIs: 'default',
      notices: {
        kind: 'outbox',
        directory: resolve('.redress/outbox'),
        from: 'complaints@redress.invalid',
      },
      ledger: {
        kind: 'on',
        directory: resolve('.redress/ledger'),
        keyFile: resolve('.redress/ledger.key'),
        timeEveryHours: 1,
      },
    });
  });

  it('signs the log where and with what it is told', () => {
    const { ledger, publicUrl } = readConfiguration({
      REDRESS_LEDGER_DIR: '/srv/ledger',
      REDRESS_LEDGER_KEY_FILE: '/run/secrets/ledger.key',
      REDRESS_LEDGER_OUTSIDE: 'https://outside.example.org/checkpoint',
      REDRESS_LEDGER_POLICY_FILE: '/etc/redress/policy',
      REDRESS_LEDGER_TIME_URL: 'https://time.example.org/tsr',
      REDRESS_LEDGER_TIME_EVERY: '24',
      REDRESS_PUBLIC_URL: 'https://complaints.example.org/',
    });
    expect(ledger).toEqual({
      kind: 'on',
      directory: '/srv/ledger',
      keyFile: '/run/secrets/ledger.key',
      outside: 'https://outside.example.org/checkpoint',
      policyFile: '/etc/redress/policy',
      timeUrl: 'https://time.example.org/tsr',
      timeEveryHours: 24,
    });
    expect(publicUrl).toBe('https://complaints.example.org');
    expect(readConfiguration({ REDRESS_LEDGER: 'off' }).ledger).toEqual({ kind: 'off' });
    expect(readConfiguration({ REDRESS_LEDGER_OUTSIDE: 'outside' }).ledger).toMatchObject({
      outside: resolve('outside'),
    });
  });

  it('takes an empty variable for one that is not set', () => {
    expect(readConfiguration({ PORT: ' ', HOST: '' }).port).toBe(3000);
  });

  it('puts what the caller says before the environment', () => {
    expect(readConfiguration({ PORT: '4000' }, { port: 0 }).port).toBe(0);
  });

  it.each([
    ['REDRESS_STORES', 'oracle'],
    ['REDRESS_AUTH', 'maybe'],
    ['REDRESS_NOTICES', 'pigeon'],
    ['REDRESS_MAIL_FROM', 'nobody'],
    ['REDRESS_LEDGER', 'maybe'],
    ['REDRESS_LEDGER_OUTSIDE', 'ftp://outside'],
    ['REDRESS_LEDGER_TIME_URL', 'time.example.org'],
    ['REDRESS_LEDGER_TIME_EVERY', '0'],
    ['REDRESS_PUBLIC_URL', 'complaints.example.org'],
    ['PORT', '70000'],
    ['PORT', '30x'],
    ['REDRESS_ORIGIN', 'Two Words'],
  ])('names %s when it is "%s"', (variable, value) => {
    const read = () => readConfiguration({ [variable]: value });
    expect(read).toThrow(ConfigurationInvalid);
    expect(read).toThrow(variable);
  });

  it('does not open a door without tokens to other machines', () => {
    expect(() => readConfiguration({ HOST: '0.0.0.0' })).toThrow('REDRESS_AUTH');
    expect(readConfiguration({ HOST: '0.0.0.0', REDRESS_AUTH: 'tokens' }).host).toBe('0.0.0.0');
  });

  it('puts tokens and outgoing mail where it is told', () => {
    const { tokensFile, tokensFileIs, notices } = readConfiguration({
      REDRESS_TOKENS_FILE: '/run/secrets/tokens',
      REDRESS_NOTICES: 'smtp',
      SMTP_URL: 'smtp://mail.example.org:25',
      REDRESS_MAIL_FROM: 'Complaints desk <desk@example.org>',
    });
    expect({ tokensFile, tokensFileIs }).toEqual({
      tokensFile: '/run/secrets/tokens',
      tokensFileIs: 'named',
    });
    expect(notices).toEqual({
      kind: 'smtp',
      url: 'smtp://mail.example.org:25',
      from: 'Complaints desk <desk@example.org>',
    });
  });

  it.each([
    [{ REDRESS_NOTICES: 'smtp', REDRESS_MAIL_FROM: 'a@example.org' }, 'SMTP_URL'],
    [{ REDRESS_NOTICES: 'smtp', SMTP_URL: 'smtp://mail' }, 'REDRESS_MAIL_FROM'],
    [{ REDRESS_NOTICES: 'smtp', SMTP_URL: 'http://mail' }, 'SMTP_URL'],
  ])('wants for mail what a mail server needs: %j', (environment, variable) => {
    expect(() => readConfiguration(environment)).toThrow(variable);
  });
});

describe('configuration of servers', () => {
  it('reads where they are', () => {
    expect(readConfiguration({ ...SERVERS, REDIS_URL: 'redis://127.0.0.1:6379' })).toMatchObject({
      stores: 'servers',
      servers: {
        eventStoreUrl: SERVERS.EVENTSTORE_URL,
        mongoUrl: SERVERS.MONGODB_URL,
        redisUrl: 'redis://127.0.0.1:6379',
      },
    });
  });

  it('takes no notice of them while stores are embedded', () => {
    const { servers } = readConfiguration({ ...SERVERS, REDRESS_STORES: 'embedded' });
    expect(servers).toBeUndefined();
  });

  it('asks for Redis only where somebody needs it', () => {
    const { servers } = readConfiguration(SERVERS);
    if (!servers) throw new Error('no servers');
    expect(() => requiredRedisUrl(servers)).toThrow('REDIS_URL');
  });

  it.each(['EVENTSTORE_URL', 'MONGODB_URL'])('names %s when it is missing', (name) => {
    const read = () => readConfiguration({ ...SERVERS, [name]: undefined });
    expect(read).toThrow(ConfigurationInvalid);
    expect(read).toThrow(`${name}: is needed`);
  });

  it.each([
    ['EVENTSTORE_URL', 'http://user:hunter2@host'],
    ['EVENTSTORE_URL', 'esdb://user:hunter2@'],
    ['MONGODB_URL', 'postgres://user:hunter2@host'],
    ['MONGODB_URL', 'mongodb://user:hunter2@host name'],
    ['REDIS_URL', 'host:hunter2'],
    ['REDIS_URL', 'redis://user:hunter2@host:99999'],
    ['REDIS_URL', 'redis://user:hunter2%@host:6379'],
    ['EVENTSTORE_URL', 'esdb://user:hunter2@one:2113,two:0'],
    ['MONGODB_URL', 'mongodb://user:hunter2@one:27017,/redress'],
  ])('names %s and tells nothing of it when it is %s', (name, url) => {
    const read = () => readConfiguration({ ...SERVERS, [name]: url });
    expect(read).toThrow(name);
    expect(read).not.toThrow('hunter2');
    const inFile = () =>
      readConfiguration({
        ...SERVERS,
        [name]: undefined,
        [`${name}_FILE`]: fileWith('wrong', `${url}\n`),
      });
    expect(inFile).toThrow(`${name}_FILE`);
    expect(inFile).not.toThrow('hunter2');
  });

  it('reads a secret from a file', () => {
    const url = 'esdb://admin:changeit@node.example.org:2113';
    const { servers } = readConfiguration({
      ...SERVERS,
      EVENTSTORE_URL: '',
      EVENTSTORE_URL_FILE: fileWith('eventstore', `${url}\n`),
    });
    expect(servers?.eventStoreUrl).toBe(url);
  });

  it.each([
    ['is not there', () => join(folder, 'nowhere')],
    ['is a folder', () => folder],
    ['is empty', () => fileWith('empty', ' \n')],
    ['is no setting', () => fileWith('long', 'x'.repeat(10_001))],
  ])('names the variable of a file that %s', (_what, file) => {
    const environment = { ...SERVERS, MONGODB_URL: '', MONGODB_URL_FILE: file() };
    expect(() => readConfiguration(environment)).toThrow('MONGODB_URL_FILE');
  });

  it('does not choose between a value and a file', () => {
    const environment = { ...SERVERS, MONGODB_URL_FILE: fileWith('other', 'mongodb://other') };
    expect(() => readConfiguration(environment)).toThrow('MONGODB_URL_FILE');
  });

  it.each([
    ['esdb://admin:changeit@one:2113,two:2113?tls=true', 'one:2113,two:2113'],
    ['mongodb://user:p%40ss@a,b:27018/redress?replicaSet=rs', 'a,b:27018'],
    ['mongodb+srv://user:hunter2@cluster.example.org', 'cluster.example.org'],
    ['redis://:hunter2@[::1]:6379/0', '[::1]:6379'],
    ['redis://:hun/ter2@host:6379', 'host:6379'],
    ['rediss://host', 'host'],
  ])('shows of %s the address only', (url, address) => {
    expect(serverAddress(url)).toBe(address);
  });
});
