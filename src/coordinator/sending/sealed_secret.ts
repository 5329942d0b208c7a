import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals a secret of a row, such as a private key, for the database: AES-256-GCM with a key made by HKDF-SHA256 from the
 * process's secret. `about` names the row (its org and id) and is authenticated, so that a secret sealed for one row opens
 * for no other. Format: version byte, nonce, ciphertext, tag.
 */
export function sealSecret(secret: string, text: string, about: readonly string[]): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', sealingKey(secret), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(authenticated(about));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION), nonce, sealed, cipher.getAuthTag()]);
}

/** The secret; null if it was sealed with another TOUCHLINE_SECRET or for another row, or was changed. */
export function openSecret(secret: string, sealed: Buffer, about: readonly string[]): string | null {
  if (sealed[0] !== VERSION || sealed.length < 1 + NONCE_BYTES + TAG_BYTES) return null;
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
  const cipher = createDecipheriv('aes-256-gcm', sealingKey(secret), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(authenticated(about));
  cipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  try {
    const text = cipher.update(sealed.subarray(1 + NONCE_BYTES, sealed.length - TAG_BYTES));
    return Buffer.concat([text, cipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}

function authenticated(about: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify([VERSION, ...about]), 'utf8');
}

function sealingKey(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'touchline sealed secret 1', 32));
}
