import { z } from 'zod';
import { listAudit as listAuditRows } from '../../db/queries/audit.gen.ts';
import { firstIdAt } from '../../ids.ts';
import { ACTOR_KIND_VALUES } from '../../schema.gen.ts';
import { id, instant, noun } from '../fields.ts';
import { NEWEST_FIRST, pagedList } from '../page.ts';
import { verifyAudit } from './audit_verify.ts';

const change = z.union([
  z.literal('(changed)').describe('a secret or a message text'),
  z.object({ old: z.unknown(), new: z.unknown() }),
]);

const auditLine = noun('AuditEntry', {
  id,
  at: instant,
  actor_kind: z.enum(ACTOR_KIND_VALUES).nullable().describe('null: direct SQL without an actor'),
  actor_id: z.string().nullable(),
  asked_by_kind: z.string().nullable().describe('human, agent, or public: the origin of the actor’s change'),
  asked_by_id: z.string().nullable(),
  surface: z.string().nullable(),
  operation: z.string().nullable(),
  request_id: z.string().nullable(),
  database_login: z.string(),
  subject_table: z.string(),
  subject_key: z.string(),
  action: z.string().describe('insert, update, or delete'),
  changes: z.unknown().pipe(z.record(z.string(), change)).describe('column -> old and new value'),
});

const listAudit = pagedList({
  name: 'list_audit',
  summary: 'List changes by people, agents, set-up, and direct SQL, newest first.',
  path: '/audit',
  cli: {
    command: 'audit',
    columns: 'at actor_kind actor_id operation action subject_table subject_key surface',
  },
  filters: {
    actor_id: z.string().max(100).optional().describe('the user or agent that made or requested the change'),
    operation: z.string().max(100).optional(),
    subject: z
      .string()
      .max(300)
      .regex(/^[a-z_]+(:.+)?$/, 'expected a table, or table:key')
      .optional()
      .describe('a table or one of its rows: leads or leads:ID'),
    since: z.iso.datetime({ offset: true }).optional().describe('start, inclusive'),
    until: z.iso.datetime({ offset: true }).optional().describe('end, exclusive'),
  },
  item: auditLine,
  order: NEWEST_FIRST,
  rows: ({ page: { subject, ...page }, db }) => {
    const [subject_table = null, ...key] = subject?.split(':') ?? [];
    const subject_key = key.length === 0 ? null : key.join(':');
    const since = timeOf(page.since);
    const until = timeOf(page.until);
    const since_id = since && firstIdAt(since);
    // The database rounds to the next millisecond; our ids truncate.
    const until_id = until && firstIdAt(new Date(until.getTime() + 1));
    const filter = { subject_table, subject_key, since, since_id, until, until_id };
    return listAuditRows.run({ ...page, ...filter }, db);
  },
});

export const auditOperations = [listAudit, verifyAudit] as const;

function timeOf(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
