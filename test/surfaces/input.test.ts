import { expect, test } from 'vitest';
import { z } from 'zod';
import type { AppError } from '../../src/errors.ts';
import { id, LIST_COMMANDS } from '../../src/operations/fields.ts';
import { registry } from '../../src/operations/registry.ts';
import { commandText } from '../../src/surfaces/cli_arguments.ts';
import { commandsOf } from '../../src/surfaces/cli_commands.ts';
import { readInput } from '../../src/surfaces/input.ts';

function refusal(schema: z.ZodObject, given: Record<string, unknown>, path?: string): AppError {
  try {
    readInput(schema, given, path);
  } catch (error) {
    return error as AppError;
  }
  throw new Error('was not refused');
}

test('an id error names the list that has it', () => {
  const schema = z.object({ id, lead_id: id, odd_id: id });
  const { errors } = refusal(schema, { id: 'x', lead_id: 'y', odd_id: 'z' }, '/plays/{id}');
  expect(errors).toEqual([
    { path: 'id', message: 'must be an id: touchline plays lists them' },
    { path: 'lead_id', message: 'must be an id: touchline leads lists them' },
    { path: 'odd_id', message: 'must be an id' },
  ]);
});

test('the named lists are commands', () => {
  const commands = commandsOf(registry).map(commandText);
  expect(Object.values(LIST_COMMANDS).filter((command) => !commands.includes(command))).toEqual([]);
});

test('a sentence names the errors, as many as fit', () => {
  const schema = z.object(Object.fromEntries([...'abcdefg'].map((name) => [name, z.string()])));
  expect(refusal(schema, { c: 1, d: '', e: '', f: '', g: '' }).message).toBe(
    'The input is not valid: a, b, c.',
  );
  const all = refusal(schema, {});
  expect(all.message).toBe('The input is not valid: a, b, c, d, e and 2 more.');
  expect(all.errors).toHaveLength(7);
});
