import { describe, expect, it } from '@jest/globals';
import { clientOf, databaseIn } from './connection.js';

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
