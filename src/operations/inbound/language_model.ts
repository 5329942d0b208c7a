import { z } from 'zod';
import { orgPolicy } from '../../coordinator/gate/scope.ts';
import { modelDay } from '../../db/queries/model_calls.gen.ts';
import { noun, nullableInstant } from '../fields.ts';
import { operation, transact } from '../operation.ts';

export const getLanguageModel = operation({
  name: 'get_language_model',
  summary: 'Show which language model drafts, and today’s use of its budget.',
  http: { method: 'GET', path: '/language_model' },
  cli: { command: 'model' },
  output: noun('LanguageModel', {
    name: z.string().nullable().describe('null: no model is configured, so templates make the drafts'),
    tokens_today: z.number().describe('input and output, on the organization’s day'),
    tokens_per_day: z.number().describe('drafting.model_tokens_per_day of the policy; 0: the model is off'),
    calls_today: z.int(),
    failed_calls_today: z.int().describe('calls whose drafts came from a template instead'),
    last_call_at: nullableInstant.describe('today'),
  }),
  run: ({ context, principal }) =>
    transact({ context, principal }, async ({ tx, org_id, now }) => {
      const { policy } = await orgPolicy({ tx, org_id });
      const day = await modelDay.one({ org_id, now }, tx);
      return {
        name: context.model?.name ?? null,
        tokens_today: Number(day?.tokens ?? 0),
        tokens_per_day: policy.drafting.model_tokens_per_day,
        calls_today: day?.calls ?? 0,
        failed_calls_today: day?.failed_calls ?? 0,
        last_call_at: day?.last_call_at ?? null,
      };
    }),
});
