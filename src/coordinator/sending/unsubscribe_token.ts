import { createHmac, timingSafeEqual } from 'node:crypto';

export type UnsubscribeSubject = { org_id: string; lead_id: string; queue_id: string };

const MAC_BYTES = 16;
const ID_BYTES = 16;

/**
 * The token in List-Unsubscribe (RFC 8058): opaque, made for one touch, never expiring, and provably ours: three ids and a
 * MAC over them, base64url. Nothing is stored for it.
 */
export function unsubscribeToken(secret: string, subject: UnsubscribeSubject): string {
  const ids = Buffer.concat([subject.org_id, subject.lead_id, subject.queue_id].map(uuidBytes));
  return Buffer.concat([ids, mac(secret, ids)]).toString('base64url');
}

/** The token's subject; null for a token that this product did not issue. */
export function readUnsubscribeToken(secret: string, token: string): UnsubscribeSubject | null {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== 3 * ID_BYTES + MAC_BYTES || bytes.toString('base64url') !== token) return null;
  const ids = bytes.subarray(0, 3 * ID_BYTES);
  if (!timingSafeEqual(mac(secret, ids), bytes.subarray(3 * ID_BYTES))) return null;
  const [org_id, lead_id, queue_id] = [0, 1, 2].map((at) =>
    uuidText(ids.subarray(at * ID_BYTES, (at + 1) * ID_BYTES)),
  );
  return { org_id: org_id!, lead_id: lead_id!, queue_id: queue_id! };
}

function mac(secret: string, ids: Buffer): Buffer {
  return createHmac('sha256', secret).update('unsubscribe\n').update(ids).digest().subarray(0, MAC_BYTES);
}

function uuidBytes(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

function uuidText(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
