import { ATTIO_CALLS, type AttioCalls } from './attio_calls.ts';
import { refusal } from './attio_shapes.ts';
import type { CrmClient, CrmDialect } from './crm_client.ts';

export type AttioClient = CrmClient<AttioCalls>;

export function attioDialect(secret: string): CrmDialect<AttioCalls> {
  return {
    calls: ATTIO_CALLS,
    secret,
    refusalOf(body) {
      const { data } = refusal.safeParse(body);
      if (data === undefined) return {};
      const [first] = data.validation_errors ?? [];
      return { code: data.code, message: first?.message ?? data.message, path: first?.path.join('.') };
    },
    limitOf: () => 'burst',
  };
}
