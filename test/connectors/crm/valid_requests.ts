import { entryRequests, WORKSPACE_REQUESTS } from './valid_entries.ts';
import { dealRequests, recordRequests } from './valid_records.ts';
import type { ValidRequest } from './valid_request.ts';
import type { Subjects } from './valid_subjects.ts';

/** Valid requests with values that no other `turn` has. */
export function validRequests(subjects: Subjects, turn: number): ValidRequest[] {
  return [
    ...recordRequests(subjects, turn),
    ...dealRequests(subjects, turn),
    ...entryRequests(subjects, turn),
    ...WORKSPACE_REQUESTS,
  ];
}
