import { expect, test } from 'vitest';
import { DRAFT_FAULT_WORDS, type DraftRules, draftFaults, notesForWriter } from './draft_checks.ts';

const rules: DraftRules = {
  channel: 'email',
  own_texts: [
    'Give access to https://b2bea.example/join, or write to team@b2bea.example; tel. +44 20 7946 0958.',
    null,
  ],
  account_name: 'Parts.example',
  postal_address: '1 Test Street, Testing',
};
const good = {
  subject: 'A thought',
  body: 'Hi Ann,\n\nShall we talk on Tuesday, e.g. at 10.30?\n\nBest\nJustin 👩‍💻',
};
const faults = (text: Partial<typeof good>, more: Partial<DraftRules> = {}) =>
  draftFaults({ ...good, ...text }, { ...rules, ...more });

test.each([
  good.body,
  'See https://b2bea.example/join.',
  'See https://b2bea.example/join/, then (https://b2bea.example/join)',
  'Write to Team@b2bea.example!',
  'At Parts.example you know this.',
  'Costs 10.5 % in v2.0; we (you and I) may talk. "Yes" <- so.',
  'Call +44 (20) 7946-0958.',
  'On 01.02.2026 at 10:30:45, or 2026-11-24 at 9:00; 10 000 000 EUR, 1,500,000 a year, 2025-2026.',
  'Up 10% here and 20% there, a +15% more; offer 20261124, part 4711-0815, +1 from me.',
  'Vous parliez d’une « place de marché » ; «Parts» (for example, the company) too…maybe.',
  '先日はありがとうございます。Justinです。火曜日はいかがですか。SAPの件です。',
  'You were removed from the list of exhibitors; please reply, stop me if I am wrong. The UN subscribes to it.',
  'Ask your name, title (of the company) and C:: or std::vector. ½ of №5 ™ ✌️',
])('%j has no faults', (body) => {
  expect(faults({ body })).toEqual([]);
});

test.each([
  [' \n', 'empty'],
  ['a'.repeat(4_001), 'too_long'],
  ['Hi\u202eAnn', 'control_characters'],
  ['Hi\u200bAnn', 'control_characters'],
  ['Hi\r\nBcc: x', 'control_characters'],
  ['Hi {{first_name}}', 'placeholder'],
  ['Hi [NAME]', 'placeholder'],
  ['Hi [your first name]', 'placeholder'],
  ['Hi <FIRST_NAME>', 'placeholder'],
  ['We did XXXX', 'placeholder'],
  ['Hi {first_name}', 'placeholder'],
  ['At %COMPANY% you', 'placeholder'],
  ['Hi (Name)', 'placeholder'],
  ['Hi (your first name)', 'placeholder'],
  ['Hi «Name»', 'placeholder'],
  ['Hi «First_Name»', 'placeholder'],
  ['Hi ＜Name＞', 'placeholder'],
  ['Hi ［Name］', 'placeholder'],
  ['Hi [First\nName]', 'placeholder'],
  ['See https://evil.example/join', 'foreign_link'],
  ['See https://b2bea.example/other', 'foreign_link'],
  ['See https://b2bea.example@evil.example/join', 'foreign_link'],
  ['See www.evil.example', 'foreign_link'],
  ['See evil.example', 'foreign_link'],
  ['See ЕVIL.example/x', 'foreign_link'],
  ['See evil\uff0eexample', 'foreign_link'],
  ['See evil\u3002example', 'foreign_link'],
  ['See evil\uff61example', 'foreign_link'],
  ['See evil\u2024example', 'foreign_link'],
  ['See evil\u200d.example', 'foreign_link'],
  ['See ftp:evil', 'foreign_link'],
  ['See 2001:db8::1', 'foreign_link'],
  ['See ::1', 'foreign_link'],
  ['See 2001:db8:0:0:0:0:0:1.', 'foreign_link'],
  ['Call +1 555 666 7777', 'foreign_link'],
  ['Call +15556667777', 'foreign_link'],
  ['Call (555) 666-7777', 'foreign_link'],
  ['Call 555.666.7777', 'foreign_link'],
  ['Call 030/1234567', 'foreign_link'],
  ['Call 020 7946 0959', 'foreign_link'],
  ['Call 01 23 45 67 89', 'foreign_link'],
  ['tel +1', 'foreign_link'],
  ['See http://10.0.0.1/', 'foreign_link'],
  ['Write to me@evil.example', 'foreign_link'],
  ['javascript:alert(1)', 'foreign_link'],
  ['https://parts.example/login', 'foreign_link'],
  ['Click here to unsubscribe', 'footer_text'],
  ['Click here to un-subscribe', 'footer_text'],
  ['Click here to un\u2011subscribe', 'footer_text'],
  ['To be removed from this list reply yes', 'footer_text'],
  ['If not, reply “STOP”', 'footer_text'],
  ['Hier können Sie sich abmelden', 'footer_text'],
  ['1 Test Street\nTesting', 'footer_text'],
] as const)('%j is %s', (body, fault) => {
  expect(faults({ body })).toContain(fault);
});

test.each([
  ['', 'subject_missing'],
  ['Hi\nBcc: all@evil.example', 'control_characters'],
  ['a'.repeat(121), 'too_long'],
  ['Hi {{ first_name }}', 'placeholder'],
] as const)('the subject %j is %s', (subject, fault) => {
  expect(faults({ subject })).toContain(fault);
});

test('a LinkedIn note has 300 characters and no subject', () => {
  const channel = 'linkedin' as const;
  expect(draftFaults({ subject: null, body: '😀'.repeat(300) }, { ...rules, channel })).toEqual([]);
  expect(draftFaults({ subject: null, body: 'a'.repeat(301) }, { ...rules, channel })).toEqual(['too_long']);
  expect(faults({}, { channel })).toEqual(['subject_unwanted']);
});

test('each fault has a sentence', () => {
  for (const words of Object.values(DRAFT_FAULT_WORDS)) expect(words).toMatch(/^[A-Z].*\.$/);
});

test('the writer gets the notes that are marked for it', () => {
  expect(
    notesForWriter(
      'Their budget is gone, be nice.\nDraft: mention the report\n draft:x\nredraft: no\ndraft:',
    ),
  ).toEqual(['mention the report', 'x']);
  expect(notesForWriter(null)).toEqual([]);
});
