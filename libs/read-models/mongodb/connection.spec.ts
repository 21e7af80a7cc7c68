import { describe, expect, it } from '@jest/globals';
import { ReadModelsUnavailable } from '#read-models/port';
import { clientOf, Connection, databaseIn } from './connection.js';

describe('the database', () => {
  it.each(['', '?w=1&journal=false&wtimeoutMS=1&readPreference=secondary', '?w=0', '?fsync=false'])(
    'is written to a majority of journals, whatever its URL says: %s',
    (options) => {
      const client = clientOf(`mongodb://127.0.0.1:1/${options}`, 'sample');
      const rows = databaseIn(client, 'sample', 'majority').collection('rows');
      expect(rows.writeConcern).toMatchObject({ w: 'majority', j: true });
      expect(rows.writeConcern?.wtimeoutMS).toBeGreaterThan(1_000);
      expect(rows.readConcern?.level).toBe('majority');
      expect(rows.readPreference?.mode).toBe('primary');
    },
  );
});

describe('the URL', () => {
  const connectionTo = (url: string) => new Connection({ url, appName: 'sample' });

  it.each([
    ['mongodb://127.0.0.1:1', 'redress'],
    ['mongodb://127.0.0.1:1/?w=1', 'redress'],
    ['mongodb://one:1,two:2/complaints%2D1?w=1', 'complaints-1'],
  ])('%s names the database %s', async (url, database) => {
    const connection = connectionTo(url);
    expect(connection.database).toBe(database);
    await connection.close();
  });

  it.each(['mongodb://u:secret@one/re%zz', 'mongodb://u:secret%zz@one', 'mongodb://u:secret@'])(
    '%s is refused, and its secret told to nobody',
    (url) => {
      const connect = () => connectionTo(url);
      expect(connect).toThrow(ReadModelsUnavailable);
      expect(connect).not.toThrow('secret');
    },
  );
});
