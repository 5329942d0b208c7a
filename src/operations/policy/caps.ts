import { AppError } from '../../errors.ts';

/** A cap that is stored and enforced nowhere would be worse than none. Throws `policy_invalid`. */
export function refuseSegmentCaps(document: Record<string, unknown>): void {
  if (!('segment_caps' in document)) return;
  throw new AppError('policy_invalid', 'The policy is not valid: segment_caps is not a part of it.', {
    errors: [{ path: 'segment_caps', message: 'is set by the config of the play library' }],
    hint: 'PUT /plays/config and PUT /plays/config/{segment} set how many plays may be active.',
  });
}
