import { once } from 'node:events';
import { createServer } from 'node:net';
import { AppError } from '../errors.ts';

/** Fails with `port_taken` before anything slow has started. `command`: what to run again with another port. */
export async function refuseTakenPort(host: string, port: number, command: string): Promise<void> {
  if (port === 0) return;
  const probe = createServer();
  probe.listen(port, host);
  try {
    await once(probe, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') {
      throw new AppError('host_invalid', `Touchline cannot listen on ${host}:${port} (${code}).`, {
        hint: 'Set HOST to an address of this machine: 127.0.0.1, or 0.0.0.0 for all.',
      });
    }
    const why = code === 'EADDRINUSE' ? 'the port is in use' : 'this user may not use the port';
    throw new AppError('port_taken', `Touchline cannot listen on ${host}:${port}: ${why}.`, {
      hint: `Choose another port: PORT=${Math.max(port + 1, 7301)} ${command}`,
    });
  } finally {
    probe.close();
  }
}
