import { ADDRESSES, type Address, CHANNELS, RESULT_WORDS } from '../src/core/channels.ts';
import { MARK, SQL_MARK } from './mark.ts';

/**
 * The value of a lead `l` that a channel may use; null where the column is empty or holds a value that no channel accepts, a
 * suppressed number, or the profile of someone who opted out.
 */
const USABLE_SQL: Readonly<Record<Address, string>> = {
  email: `nullif(l.email, '')`,
  linkedin_url:
    'CASE WHEN is_linkedin_profile(l.linkedin_url) AND NOT is_profile_of_opted_out(l.org_id, l.id, l.linkedin_url) THEN l.linkedin_url END',
  phone: 'CASE WHEN NOT is_suppressed(l.org_id, l.phone) THEN l.phone END',
};

const channels = Object.entries(CHANNELS);

/** `db/routines/channels.sql`: the table of channels as functions, for constraints, triggers and queries. */
export function emitChannelRoutines(): string {
  const of = (fits: (channel: (typeof CHANNELS)['email']) => boolean) =>
    channels.flatMap(([name, channel]) => (fits(channel) ? [`'${name}'::channel`] : [])).join(', ');
  return `${SQL_MARK}
-- From src/core/channels.ts. A content hash names the channel by channel_text: no name may ever change.
${pure(
  'channel_text',
  'text',
  cases((name) => `'${name}'`),
)}
${pure(
  'channel_noun',
  'text',
  cases((_, { noun }) => `'${noun.replaceAll("'", "''")}'`),
)}
${pure('channel_has_subject', 'boolean', `coalesce($1 = ANY (ARRAY[${of(({ has_subject }) => has_subject)}]::channel[]), false)`)}
${pure('channel_is_personal', 'boolean', `coalesce($1 = ANY (ARRAY[${of(({ sent_by }) => sent_by === 'person')}]::channel[]), true)`)}
${pure(
  'channel_results',
  'touch_result[]',
  cases((_, { results }) => `'{${results.join(',')}}'::touch_result[]`),
)}
CREATE OR REPLACE FUNCTION lead_address(l leads, touch_channel channel) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE touch_channel
${channels.map(([name, { address }]) => `    WHEN '${name}' THEN ${USABLE_SQL[address]}`).join('\n')}
  END
$$;
`;
}

/** `web/src/channels.gen.ts`: the same table for the pages. */
export function emitChannelsForWeb(): string {
  return `${MARK}

/** The columns of a lead that a channel may use, each with its name in a sentence. */
export const ADDRESSES = ${literal(ADDRESSES)} as const;

/** Every channel, as the server describes it. */
export const CHANNELS = ${literal(CHANNELS)} as const;

/** The results of a touch, in the words of its person. */
export const RESULT_WORDS = ${literal(RESULT_WORDS)} as const;

export type Channel = keyof typeof CHANNELS;
export type TouchResult = keyof typeof RESULT_WORDS;
`;
}

function pure(name: string, type: string, result: string): string {
  return `CREATE OR REPLACE FUNCTION ${name}(channel) RETURNS ${type} LANGUAGE sql IMMUTABLE PARALLEL SAFE\n  RETURN ${result};`;
}

function cases(value: (name: string, channel: (typeof CHANNELS)['email']) => string): string {
  return `CASE $1 ${channels.map(([name, channel]) => `WHEN '${name}' THEN ${value(name, channel)}`).join(' ')} END`;
}

function literal(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(/^( *)"(\w+)":/gm, '$1$2:');
}
