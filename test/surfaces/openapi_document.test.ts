import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openApiDocument } from '../../src/surfaces/openapi.ts';
import { REGISTRY } from './ball_operations.ts';
import { startWorld } from './world.ts';

const world = await startWorld();
afterAll(() => world.close());

const small = JSON.parse(JSON.stringify(openApiDocument(REGISTRY)));

describe('the document', () => {
  test('is served without a key', async () => {
    const answer = await world.call('GET', '/api/v1/openapi.json', { key: null });
    expect(answer.body).toEqual(small);
    expect(answer.body.openapi).toBe('3.1.0');
  });

  test('gives the place of each input', () => {
    const list = small.paths['/balls'].get;
    expect(list.operationId).toBe('list_balls');
    const limit = list.parameters.find(({ name }: { name: string }) => name === 'limit');
    expect(limit).toMatchObject({
      in: 'query',
      required: false,
      schema: { type: 'integer', maximum: 200, default: 50 },
    });
    const thrown = small.paths['/balls/{id}/throw'].post;
    expect(thrown.parameters).toEqual([
      { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
      { $ref: '#/components/parameters/IdempotencyKey' },
    ]);
    expect(small.paths['/sessions'].post.parameters).toBeUndefined();
    expect(thrown.requestBody.content['application/json']).toEqual({
      schema: { $ref: '#/components/schemas/ThrowBallInput' },
    });
    const schema = small.components.schemas.ThrowBallInput;
    expect(Object.keys(schema.properties)).toEqual(['steps', 'note']);
    expect([schema.required, schema.additionalProperties]).toEqual([['steps'], false]);
  });

  test('refuses two shapes of one name', () => {
    const [list] = REGISTRY;
    const other = { ...list!, output: z.object({ size: z.number() }).meta({ id: 'Ball' }) };
    expect(() => openApiDocument([...REGISTRY, other])).toThrow('two different schemas have the id Ball');
  });

  test('writes instants as strings', () => {
    const { properties } = small.components.schemas.Ball;
    expect(properties.made_at).toEqual({ type: 'string', format: 'date-time' });
    expect(properties.lost_at).toEqual({ type: ['string', 'null'], format: 'date-time' });
  });

  test('lists permissions and refusals', () => {
    const { description } = small.paths['/balls/{id}/throw'].post;
    expect(description).toBe('For rep; never agents. Possible refusals: `ball_flat`.');
    expect(small.paths['/sessions'].post.security).toEqual([]);
    expect(small.paths['/balls'].get.responses.default).toEqual({ $ref: '#/components/responses/Problem' });
  });

  test('hides the session token, and describes streams and empty responses', () => {
    expect(JSON.stringify(small)).not.toContain('set_session');
    expect(Object.keys(small.paths['/leads/import'].post.requestBody.content)).toContain('text/csv');
    expect(small.paths['/leads/import'].post.parameters.map(({ name }: { name: string }) => name)).toContain(
      'dry_run',
    );
    expect(Object.keys(small.paths['/balls/{id}'].delete.responses)).toEqual(['204', 'default']);
  });
});
