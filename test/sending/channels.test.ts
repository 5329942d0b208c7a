import { createHash } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import { CHANNELS } from '../../src/core/channels.ts';
import { CHANNEL_VALUES, type Channel } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';

/* The table of channels in the database. */

const { db } = await testDatabase();
const text = { to: 'ada@prospect.example', subject: null, body: 'Hello' };

/** As `content_sha256` in the database: of the parts as JSON, in the database's spacing. */
function contentHash(channel: Channel): string {
  const parts = [channel, text.to, text.subject, text.body].map((part) => JSON.stringify(part));
  return createHash('sha256')
    .update(`[${parts.join(', ')}]`)
    .digest('hex');
}

async function storedHash(channel: Channel): Promise<string> {
  const { rows } = await db.query<{ hash: string }>(
    'SELECT content_sha256(ARRAY[channel_text($1), $2, $3, $4]) AS hash',
    [channel, text.to, text.subject, text.body],
  );
  return rows[0]!.hash;
}

test('the database functions agree with the table of channels', async () => {
  const { rows } = await db.query(
    `SELECT c AS channel, channel_text(c) AS name, channel_noun(c) AS noun, channel_has_subject(c) AS has_subject,
            channel_is_personal(c) AS is_personal
     FROM unnest(enum_range(NULL::channel)) c`,
  );
  expect(rows).toEqual(
    CHANNEL_VALUES.map((channel) => {
      const { noun, has_subject, sent_by } = CHANNELS[channel];
      return { channel, name: channel, noun, has_subject, is_personal: sent_by === 'person' };
    }),
  );
});

describe('a content hash', () => {
  test('names its channel: equal texts of two channels have two hashes', async () => {
    const hashes = await Promise.all(CHANNEL_VALUES.map(storedHash));
    expect(hashes).toEqual(CHANNEL_VALUES.map(contentHash));
    expect(new Set(hashes).size).toBe(CHANNEL_VALUES.length);
  });

  test('of an approved text is the same as before there were other channels', async () => {
    expect(await storedHash('email')).toBe(
      '66c2efdee70918a2830f381fad8a16769f35a9e94c8a2dcc069d0c8616d02146',
    );
    expect(await storedHash('linkedin')).toBe(
      'f70e582e93e97e519a42a971a4862ae30009636ebc227f48060fa1107ce9062f',
    );
  });

  it('is refused for a channel without a name', async () => {
    const { rows } = await db.query<{ definition: string }>(
      `SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conname = 'staged_drafts_channel'`,
    );
    expect(rows).toEqual([{ definition: 'CHECK ((channel_text(channel) IS NOT NULL))' }]);
  });
});
