/**
 * Every channel and every address of a lead, described once. `npm run generate` writes db/routines/channels.sql and
 * web/src/channels.gen.ts from these tables; code asks them and compares no channel by name.
 */
import type { Channel, TouchResult } from '../schema.gen.ts';

/** The columns of a lead that a channel may reach, each with its name in a sentence. */
export const ADDRESSES = {
  email: 'email address',
  linkedin_url: 'LinkedIn profile',
  phone: 'phone number',
} as const;

export type Address = keyof typeof ADDRESSES;

/** The name of an address that a stored row names. */
export function addressName(column: unknown): string {
  return isAddress(column) ? ADDRESSES[column] : 'address for it';
}

function isAddress(column: unknown): column is Address {
  return typeof column === 'string' && Object.hasOwn(ADDRESSES, column);
}

type ChannelSpec = {
  label: string;
  /** One text of this channel in a sentence: `an email`. */
  noun: string;
  address: Address;
  has_subject: boolean;
  /** The product sends; or only a person can, from an account or device of their own. */
  sent_by: 'product' | 'person';
  /** Why the product does not send, for the person who does. */
  why_personal: string;
  /** Opens the place to send from: `opens`, the encoded address, `?`, and the parts of the text as parameters. */
  link: { opens: string; query: Readonly<Record<string, 'subject' | 'body'>> };
  /** On the link. */
  open_label: string;
  /** On the button of the person who has sent. */
  done_label: string;
  /** Longest text that a model may write. */
  text_chars_max: number;
  /** Possible results, of which the person records one. Empty: only that it was sent is recorded. */
  results: readonly TouchResult[];
};

export const CHANNELS: Readonly<Record<Channel, Readonly<ChannelSpec>>> = {
  email: {
    label: 'Email',
    noun: 'an email',
    address: 'email',
    has_subject: true,
    sent_by: 'product',
    why_personal: 'A person sends this step.',
    link: { opens: 'mailto:', query: { subject: 'subject', body: 'body' } },
    open_label: 'Open in your mail program',
    done_label: 'I sent it',
    text_chars_max: 4_000,
    results: [],
  },
  linkedin: {
    label: 'LinkedIn',
    noun: 'a LinkedIn message',
    address: 'linkedin_url',
    has_subject: false,
    sent_by: 'person',
    why_personal: 'LinkedIn lets no program send.',
    link: { opens: '', query: {} },
    open_label: 'Open the profile',
    done_label: 'I sent it',
    // The limit of a connection note on LinkedIn.
    text_chars_max: 300,
    results: [],
  },
  call: {
    label: 'Call',
    noun: 'a call script',
    address: 'phone',
    has_subject: false,
    sent_by: 'person',
    why_personal: 'A person makes the call.',
    link: { opens: 'tel:', query: {} },
    open_label: 'Call',
    done_label: 'I called',
    // Read aloud, about two minutes.
    text_chars_max: 2_000,
    results: ['reached', 'no_answer', 'voicemail', 'wrong_number', 'opted_out'],
  },
  sms: {
    label: 'SMS',
    noun: 'a text message',
    address: 'phone',
    has_subject: false,
    sent_by: 'person',
    why_personal: 'A person sends it from their phone.',
    link: { opens: 'sms:', query: { body: 'body' } },
    open_label: 'Open in your messages',
    done_label: 'I sent it',
    // Phones join two messages of 160 characters without loss.
    text_chars_max: 306,
    results: [],
  },
};

export const RESULT_WORDS: Readonly<Record<TouchResult, string>> = {
  reached: 'Reached',
  no_answer: 'No answer',
  voicemail: 'Voicemail',
  wrong_number: 'Wrong number',
  opted_out: 'Asked not to be contacted',
};

/** Whether a person sends the touch: its step asks for it, or its channel allows nothing else. */
export function isPersonal(touch: { channel: Channel; requires_personal_send: boolean }): boolean {
  return touch.requires_personal_send || CHANNELS[touch.channel].sent_by === 'person';
}

/** Why a text of this channel may not have this subject, or needs one; null where all is well. */
export function subjectPresenceFault(channel: Channel, subject: string | null | undefined): string | null {
  const { has_subject, noun } = CHANNELS[channel];
  if (has_subject === (subject !== null && subject !== undefined)) return null;
  return has_subject ? `is required for ${noun}` : `${noun} has no subject`;
}
