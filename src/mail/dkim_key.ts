import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { AppError } from '../errors.ts';

// RFC 8301 section 3.2: verifiers reject shorter keys; many reject keys beyond 4096 bits.
const MIN_BITS = 1024;
const MAX_BITS = 4096;
/** As RFC 8301 section 3.2 requires of signers; some DNS services cannot hold the record of a longer key. */
const MADE_BITS = 2048;

export type ReadDkimKey = {
  private_key: KeyObject;
  /** Base64 of the SubjectPublicKeyInfo: the `p=` of the DNS record (RFC 6376 section 3.6.1). */
  public_key: string;
};

/**
 * Reads a private key for DKIM: RSA (RFC 6376 section 3.3.1), 1024 to 4096 bits, unencrypted, in PEM form. Throws
 * `AppError('dkim_key_invalid')` with `path`; its text never repeats the key.
 */
export function readDkimKey(pem: string, path = 'private_key'): ReadDkimKey {
  const private_key = privateKey(pem, path);
  const type = private_key.asymmetricKeyType;
  if (type !== 'rsa') throw invalid(path, `is ${type}; it must be RSA`);
  const bits = private_key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < MIN_BITS || bits > MAX_BITS) {
    throw invalid(path, `has ${bits} bits; it must have ${MIN_BITS} to ${MAX_BITS}`);
  }
  const spki = createPublicKey(private_key).export({ type: 'spki', format: 'der' });
  return { private_key, public_key: spki.toString('base64') };
}

/** Creates a private key for `readDkimKey`, in PEM form. */
export async function makeDkimKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: MADE_BITS });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function privateKey(pem: string, path: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // Without the cause: OpenSSL's message may quote the text.
    throw invalid(path, 'is not an unencrypted private key in PEM form');
  }
}

function invalid(path: string, why: string): AppError {
  return new AppError('dkim_key_invalid', `The DKIM key ${why}.`, {
    errors: [{ path, message: why }],
    hint: 'Make one: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048',
  });
}
