import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Long, MongoClient, type Db } from 'mongodb';
import { serverSuite } from '../offered.js';
import {
  mongoName,
  mongoOffer,
  standInOffer,
  startMongo,
  startStandIn,
  type TestMongo,
} from './stand-in.js';

const START_TIMEOUT_MS = 60_000;
const offer = await mongoOffer();
const server = 'offered' in offer ? await mongoName() : 'no server';

/** What the adapter takes for granted, asked of the server itself. */
serverSuite(`what the read models ask of MongoDB, on ${server}`, offer, () => {
  let mongo: TestMongo;
  let client: MongoClient;
  let db: Db;

  beforeAll(async () => {
    mongo = await startMongo();
    client = new MongoClient(mongo.url);
    db = client.db(`redress_test_${randomUUID().slice(0, 8)}`);
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    await db.dropDatabase();
    await client.close();
    await mongo.stop();
  });

  it('answers a stale row with E11000 at its index and applies the fresh ones', async () => {
    const rows = db.collection<{ _id: string; position: Long; n: number }>('guarded');
    const put = (_id: string, at: number, n: number) => ({
      replaceOne: {
        filter: { _id, position: { $lt: Long.fromNumber(at) } },
        replacement: { position: Long.fromNumber(at), n },
        upsert: true,
      },
    });
    await rows.bulkWrite([put('a', 5, 1), put('b', 5, 1)], { ordered: false });
    const mixed = [put('a', 4, 2), put('b', 6, 2), put('c', 1, 2), put('b', 6, 3)];
    await expect(rows.bulkWrite(mixed, { ordered: false })).rejects.toMatchObject({
      writeErrors: [
        { index: 0, code: 11_000 },
        { index: 3, code: 11_000 },
      ],
    });
    const found = await rows.find().sort({ _id: 1 }).toArray();
    expect(found.map(({ _id, n }) => [_id, n])).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 2],
    ]);
  });

  it('orders text by code points, empty first, and keeps 64 bits of a position', async () => {
    const rows = db.collection<{ _id: number; text: string | null; at: Long }>('ordered');
    const texts = ['\u{1F600}', null, '\uFFFD', 'b', 'a'];
    const at = Long.fromString('9223372036854775806');
    await rows.insertMany(texts.map((text, _id) => ({ _id, text, at: at.sub(_id) })));
    const sorted = await rows.find().sort({ text: 1 }).toArray();
    expect(sorted.map(({ text }) => text)).toEqual([null, 'a', 'b', '\uFFFD', '\u{1F600}']);
    const above = await rows.find({ text: { $gt: '\uFFFD' } }).toArray();
    expect(above.map(({ text }) => text)).toEqual(['\u{1F600}']);
    expect(await rows.countDocuments({ at: { $lt: at.sub(2) } })).toBe(2);
    const groups = await rows
      .aggregate([{ $group: { _id: { text: '$text' } } }, { $sort: { '_id.text': -1 } }])
      .toArray();
    expect(groups.map(({ _id }) => _id.text)).toEqual(['\u{1F600}', '\uFFFD', 'b', 'a', null]);
  });

  it('moves a collection with its indexes over another one, and copies one that goes on changing', async () => {
    await db.collection('old').insertOne({ n: 1 });
    await db.collection('next').createIndex({ n: 1, m: 1 }, { name: 'n_m' }, {});
    await db.collection('next').insertOne({ n: 2 });
    await db.renameCollection('next', 'old', { dropTarget: true });
    expect(await db.collection('old').find().toArray()).toMatchObject([{ n: 2 }]);
    const names = (await db.collection('old').listIndexes().toArray()).map(({ name }) => name);
    expect(names.toSorted()).toEqual(['_id_', 'n_m']);
    await db
      .collection('old')
      .aggregate([{ $match: {} }, { $out: 'copy' }])
      .toArray();
    await db.collection('old').updateOne({}, { $set: { n: 3 } });
    expect(await db.collection('copy').find().toArray()).toMatchObject([{ n: 2 }]);
  });
});

const standIn = await standInOffer();

serverSuite('stand-in for MongoDB', standIn, () => {
  it(
    'refuses what it would only pretend to do',
    async () => {
      const standIn = await startStandIn();
      const client = new MongoClient(standIn.url);
      const db = client.db('refusals');
      try {
        const refused = (command: object) =>
          expect(db.command(command)).rejects.toMatchObject({ ok: 0 });
        const updates = [{ q: {}, u: [{ $set: { a: 1 } }] }];
        await refused({ update: 'a', updates });
        // Nobody waits for the answer to such a write: what counts is that nothing is written.
        await db.command({ insert: 'a', documents: [{}], writeConcern: { w: 0 } });
        expect(await db.collection('a').countDocuments()).toBe(0);
        await refused({ insert: 'a', documents: [{}], txnNumber: Long.ONE, autocommit: false });
        await refused({ find: 'a', filter: { $or: [{ $text: { $search: 'x' } }] } });
        await refused({ find: 'a', filter: {}, collation: { locale: 'de' } });
        await refused({ find: 'a', filter: {}, readConcern: { level: 'snapshot' } });
        await refused({ create: 'a', validator: {} });
        const index = (key: object, more: object = {}) => ({
          createIndexes: 'a',
          indexes: [{ key, name: 'one', ...more }],
        });
        await refused(index({ a: 'text' }));
        await refused(index({ a: 1 }, { expireAfterSeconds: 1 }));
        await refused(index({ a: 1 }, { partialFilterExpression: {} }));
        await refused({ dropIndexes: 'a', index: 'one' });
        expect(await db.command({ hello: 1 })).toMatchObject({
          maxWireVersion: 9,
          logicalSessionTimeoutMinutes: 30,
        });
      } finally {
        await client.close();
        await standIn.stop();
      }
    },
    START_TIMEOUT_MS,
  );

  it(
    'ends with its standard input, and so with whoever started it',
    async () => {
      const standIn = await startStandIn();
      expect(() => process.kill(standIn.pid, 0)).not.toThrow();
      await standIn.stop();
      expect(() => process.kill(standIn.pid, 0)).toThrow();
    },
    START_TIMEOUT_MS,
  );
});
