import { describe, expect, it } from '@jest/globals';
import { resolve } from 'node:path';
import { ConfigurationInvalid, readConfiguration } from './configuration.js';

describe('configuration', () => {
  it('serves an own store on loopback when nothing is set', () => {
    expect(readConfiguration({})).toEqual({
      stores: 'embedded',
      dataDir: resolve('.redress'),
      host: '127.0.0.1',
      port: 3000,
      origin: 'redress.local/default',
      auth: 'open',
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
});
