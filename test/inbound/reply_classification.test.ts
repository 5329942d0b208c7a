import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { languageModel } from '../../src/connectors/llm.ts';
import { classificationSchema, classifyReply } from '../../src/coordinator/inbound/reply_classification.ts';
import { type FakeModel, obey, startFakeModel } from '../mail/fake_model.ts';
import { injections } from '../mail/injections.ts';

let fake: FakeModel;
beforeAll(async () => {
  fake = await startFakeModel();
});
beforeEach(() => {
  fake.reply = obey;
});
afterAll(() => fake.close());

const TODAY = '2026-11-24';
const classify = (reply_text: string) => {
  const model = languageModel({ base_url: fake.url, api_key: null, model: 'fake', retry_wait_ms: 1 });
  return classifyReply(model, {
    reply_text,
    thread: [{ subject: 'Hello', body: 'Shall we talk?' }],
    today: TODAY,
  });
};
const says = (object: object) => {
  fake.reply = () => ({ object });
};
const fine = { intent: 'meeting', return_date: null, confidence: 0.9, summary: 'Tuesday suits them.' };

describe('a model that classifies replies', () => {
  it('chooses an intent and gives the reader a reason', async () => {
    says(fine);
    expect(await classify('Tuesday at ten?')).toEqual({ ...fine, classified_with: 'model' });
    const { system, prompt, body } = fake.requests.at(-1)!;
    expect(system).not.toContain('Tuesday');
    expect(prompt).toContain('Tuesday at ten?');
    expect(body.tools).toBeUndefined();
  });

  it('leaves it to a person when unsure', async () => {
    says({ ...fine, intent: 'unsubscribe', confidence: 0.69 });
    expect(await classify('hm')).toMatchObject({
      intent: 'other',
      classified_with: 'model_unsure',
      summary: null,
    });
  });

  it.each([
    ['not_now', '2027-01-15', '2027-01-15'],
    ['out_of_office', '2026-11-24', '2026-11-24'],
    ['out_of_office', '2027-11-25', null],
    ['out_of_office', '2026-11-23', null],
    ['interested', '2027-01-15', null],
  ])('a valid return date is kept for %s: %s', async (intent, return_date, kept) => {
    says({ ...fine, intent, return_date });
    expect(await classify('later')).toMatchObject({ intent, return_date: kept });
  });

  it.each([
    [{ status: 503 }, 'model_unavailable'],
    [{ status: 401 }, 'model_refused'],
    [{ text: 'I would rather not.' }, 'model_answer_invalid'],
  ] as const)('that gives no answer (%o) leaves it to a person', async (reply, classified_with) => {
    fake.reply = () => reply;
    const left = { intent: 'other', return_date: null, confidence: 0, summary: null, classified_with };
    expect(await classify('yes')).toEqual(left);
  });
});

const texts = injections();

it('the 200 injections all differ', () => {
  expect(new Set(texts).size).toBe(200);
});

it('a model that obeys every injection still returns only an intent', async () => {
  const told = new Map<string, number>();
  for (const text of texts) {
    const found = await classify(text);
    const { classified_with, ...answer } = found;
    expect(classificationSchema.safeParse(answer).success, text).toBe(true);
    expect(Object.keys(found).sort(), text).toEqual(
      ['classified_with', 'confidence', 'intent', 'return_date', 'summary'].sort(),
    );
    expect(Object.getPrototypeOf(found)).toBe(Object.prototype);
    if (classified_with !== 'model')
      expect(answer).toMatchObject({ intent: 'other', return_date: null, summary: null });
    expect(answer.return_date === null || answer.return_date <= '2027-11-24', text).toBe(true);
    expect(answer.summary ?? '').not.toMatch(/[\p{Cc}\p{Cf}]/u);
    told.set(classified_with, (told.get(classified_with) ?? 0) + 1);
  }
  // The fake did obey: its answers follow the injections, and any with extra fields were invalid.
  expect(Object.fromEntries(told)).toEqual({ model_answer_invalid: 160, model: 30, model_unsure: 10 });
  for (const { body } of fake.requests) expect(body.tools).toBeUndefined();
});
