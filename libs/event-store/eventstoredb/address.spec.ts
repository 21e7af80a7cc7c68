import { describe, expect, it, jest } from '@jest/globals';
import { AddressInvalid, EventStoreDbEventStore } from '#event-store/eventstoredb';

const open = (url: string) => EventStoreDbEventStore.open({ url });

describe('the address of the event store', () => {
  it.each([
    'esdb://127.0.0.1:2113?tls=false',
    'esdb://user:secret@node:2113?tls=false&keepAliveInterval=20000',
    'esdb+discover://user:secret@cluster:2113?tls=false',
    'esdb://a:2113,b:2113,c:2113?tls=false',
    'esdb://a:2113?TLS=false&tlsVerifyCert=true&NodePreference=leader&connectionName=one',
  ])('%s opens without a server, and is shown without credentials', async (url) => {
    const store = await open(url);
    expect(store.address).toBe(url.replace('user:secret@', ''));
    await store.close();
  });

  it('is shown without a password that holds what ends a host', async () => {
    const store = await open('esdb://user:sec/ret@node:2113?tls=false');
    expect(store.address).toBe('esdb://node:2113?tls=false');
    await store.close();
  });

  it.each([
    '',
    'http://user:secret@node:2113',
    'esdb://',
    'esdb://user:secret@',
    'esdb://user:secret@node:port',
    'esdb://user:a/secret@node:port',
    'esdb://user:a?secret@node:2113',
    'esdb://user:secret@node:2113?tls=perhaps',
    'esdb://user:secret@node:2113?nodePreference=nobody',
    'esdb://user:secret@node:2113?tlsCAFile=not-there.pem',
  ])('%s is refused, and its secret told to nobody', async (url) => {
    const opening = open(url);
    await expect(opening).rejects.toBeInstanceOf(AddressInvalid);
    const error: unknown = await opening.catch((caught: unknown) => caught);
    expect(String(error)).not.toContain('secret');
    expect(error).not.toHaveProperty('cause');
  });

  it.each([
    'esdb://user:secret@node:2113?tls=false&colour=blue',
    'esdb://user:secret@node:2113?tlsVerifyCert=false',
    'esdb://user:secret@node:2113/?tlsverifycert= false',
    'esdb://user:secret@node:2113?dnsdiscover=true',
    'esdb://user:se?cret=1&secret@node:2113?colour=blue',
    'esdb://user:secret@node:2113,other:2113?tls=false?colour=blue',
  ])('%s is refused before the client warns of it, and quotes it', async (url) => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    try {
      await expect(open(url)).rejects.toThrow('an option that is not known');
      expect(warn).not.toHaveBeenCalled();
    } finally {
      warn.mockRestore();
    }
  });

  it('is taken with a password that looks like options', async () => {
    const store = await open('esdb://user:a?b=c&d@node:2113?tls=false');
    expect(store.address).toBe('esdb://node:2113?tls=false');
    await store.close();
  });
});
