import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { isDeepStrictEqual, promisify } from 'node:util';
import { AppError } from '../../errors.ts';

/**
 * Argon2id (RFC 9106) with the first parameters of OWASP's Password Storage Cheat Sheet: 19 MiB make guessing on graphics
 * cards expensive; two passes and one lane keep a sign-in below 0.2 s on a small machine. A change applies to each user at
 * their next sign-in.
 */
const CURRENT = { memory: 19_456, passes: 2, parallelism: 1 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Hashing shares four threads with file reads and name resolution; this leaves some free. */
const AT_ONCE = 2;

export const PASSWORD_LENGTH_MIN = 12;
/** Long enough for any passphrase; a text of megabytes is refused before hashing. */
export const PASSWORD_LENGTH_MAX = 200;

type Phc = { memory: number; passes: number; parallelism: number; salt: Buffer; hash: Buffer };

/** A PHC string, which includes parameters and salt. */
export async function hashPassword(password: string): Promise<string> {
  const { memory, passes, parallelism } = CURRENT;
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, { ...CURRENT, salt, hash: Buffer.alloc(HASH_BYTES) });
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** Whether the password matches. Without a stored one: false, after the same work. */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  const unknown = { ...CURRENT, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) };
  const phc = stored === null ? unknown : readPhc(stored);
  const hash = await derive(password, phc);
  return timingSafeEqual(hash, phc.hash) && stored !== null;
}

/** Whether the parameters differ from today's. */
export function isOutdated(stored: string): boolean {
  const { salt: _, hash, ...parameters } = readPhc(stored);
  return !isDeepStrictEqual(parameters, CURRENT) || hash.length !== HASH_BYTES;
}

/** Throws `password_weak`: too short, too long, or easy to guess for this user. */
export function refuseWeakPassword(password: string, email: string): void {
  const weak = (message: string) =>
    new AppError('password_weak', `This password is too weak: it ${message}.`, {
      errors: [{ path: 'new_password', message }],
    });
  const length = [...password].length;
  if (length < PASSWORD_LENGTH_MIN) throw weak(`has fewer than ${PASSWORD_LENGTH_MIN} characters`);
  if (length > PASSWORD_LENGTH_MAX) throw weak(`has more than ${PASSWORD_LENGTH_MAX} characters`);
  if (password.trim().toLowerCase() === email) throw weak('is your email address');
  if (new Set(password).size < 4) throw weak('repeats the same few characters');
}

const deriveNow = promisify(argon2);
let running = 0;
const waiting: (() => void)[] = [];

async function derive(password: string, { memory, passes, parallelism, salt, hash }: Phc): Promise<Buffer> {
  // Two keyboards may produce different bytes for the same letters (NIST SP 800-63B, section 5.1.1.2).
  const message = Buffer.from(password.normalize('NFKC'), 'utf8');
  const parameters = { message, nonce: salt, memory, passes, parallelism, tagLength: hash.length };
  while (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    return await deriveNow('argon2id', parameters);
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

function readPhc(stored: string): Phc {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(
    stored,
  );
  if (match === null) throw new Error('a stored password hash has an unknown form');
  const [, memory, passes, parallelism, salt, hash] = match;
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt!, 'base64'),
    hash: Buffer.from(hash!, 'base64'),
  };
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
