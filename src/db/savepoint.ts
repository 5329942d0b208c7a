import type { Tx } from './pool.ts';

/**
 * Runs `fn` so that its failure undoes only what it did and leaves the transaction usable. The error comes out. One
 * at a time: a second savepoint inside takes the first one's place until it is gone.
 */
export async function savepoint<T>(tx: Tx, fn: () => Promise<T>): Promise<T> {
  await tx.query('SAVEPOINT undo');
  try {
    const value = await fn();
    await tx.query('RELEASE SAVEPOINT undo');
    return value;
  } catch (error) {
    // On a broken connection these fail too: then the error of the connection is the one that counts.
    await tx.query('ROLLBACK TO SAVEPOINT undo');
    await tx.query('RELEASE SAVEPOINT undo');
    throw error;
  }
}
