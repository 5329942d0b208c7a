import type { Tx } from './pool.ts';

/**
 * Runs `fn` so that its failure undoes only its own work and leaves the transaction usable. Rethrows the error. One at a
 * time: a nested savepoint would replace the outer one.
 */
export async function savepoint<T>(tx: Tx, fn: () => Promise<T>): Promise<T> {
  await tx.query('SAVEPOINT undo');
  try {
    const value = await fn();
    await tx.query('RELEASE SAVEPOINT undo');
    return value;
  } catch (error) {
    // On a broken connection these fail too: then the connection's error counts.
    await tx.query('ROLLBACK TO SAVEPOINT undo');
    await tx.query('RELEASE SAVEPOINT undo');
    throw error;
  }
}
