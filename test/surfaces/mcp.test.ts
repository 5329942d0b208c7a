import type { Client, JsonSchemaType } from '@modelcontextprotocol/client';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { untilAsleep, untilBlocked } from '../blocked.ts';
import { testDatabase } from '../database.ts';
import { scale } from '../scale.ts';
import {
  CALLS,
  call,
  connect,
  livelyWorld,
  type McpWorld,
  makeKey,
  READING,
  ROLE_WRITING,
  startMcpWorld,
  textOf,
  WAYS,
  WRITING,
} from './mcp_world.ts';

/* The public client of the protocol against the product's server: over HTTP and stdio, in both generations. */

const { db } = await testDatabase();
let own: McpWorld & { lead_id: string };
let key: string;
/** A brain's key; the tools for tasks need a role agent's, as `key` is. */
let brain_key: string;

beforeAll(async () => {
  const world = await livelyWorld(db);
  own = { ...(await startMcpWorld(db, world)), lead_id: world.lead_id };
  key = await makeKey(own, { agent_id: 'roles.bdr' });
  brain_key = await makeKey(own, { agent_id: 'AGT-901' });
});
afterAll(() => own.close());

/** Both transports and both generations; the long form combines them. */
const CROSSED = scale(0, 1) === 1 ? WAYS : [WAYS[1]!, WAYS[2]!];

describe.each(CROSSED)('$transport $revision', (way) => {
  let client: Client;
  let brain: Client;
  beforeAll(async () => {
    client = await connect(own.url, key, way);
    brain = await connect(own.url, brain_key, way);
  });
  afterAll(() => Promise.all([client.close(), brain.close()]));
  const who = (tool: string) => (ROLE_WRITING.includes(tool) ? client : brain);
  const everyTool = async () => {
    const [of_brain, of_role] = await Promise.all([brain.listTools(), client.listTools()]);
    return [...of_brain.tools, ...of_role.tools.filter(({ name }) => ROLE_WRITING.includes(name))];
  };

  it('negotiates the version and describes itself', () => {
    expect(client.getNegotiatedProtocolVersion()).toBe(way.revision);
    expect(client.getServerVersion()).toMatchObject({ name: 'touchline', title: 'Touchline' });
    expect(client.getInstructions()).toContain('people approve');
    // It would be a promise to report changes.
    expect(JSON.stringify(client.getServerCapabilities())).not.toContain('true');
  });

  it('lists the tools with strict inputs, outputs and all four annotations', async () => {
    const ADDING = ['request_sequence', 'propose_play', 'claim_tasks', 'record_signal', 'write_draft'];
    const { tools: of_brain } = await brain.listTools();
    expect(of_brain.map(({ name }) => name).sort()).toEqual([...READING, ...WRITING].sort());
    const tools = await everyTool();
    expect(tools.map(({ name }) => name).sort()).toEqual([...READING, ...WRITING, ...ROLE_WRITING].sort());
    for (const { name, inputSchema, outputSchema, annotations, description, title } of tools) {
      expect(inputSchema.additionalProperties, name).toBe(false);
      expect(outputSchema, name).toMatchObject({ type: 'object' });
      expect(JSON.stringify([inputSchema, outputSchema]), name).not.toContain('#/components');
      expect(`${title}${description}`, name).not.toBe('');
      const writes = [...WRITING, ...ROLE_WRITING].includes(name);
      expect(annotations, name).toEqual({
        title,
        readOnlyHint: !writes,
        destructiveHint: writes && !ADDING.includes(name) && name !== 'record_service_rows',
        idempotentHint: !ADDING.includes(name),
        openWorldHint: ['exit_enrollment', 'request_sequence', 'complete_task'].includes(name),
      });
    }
    const optOut = tools.find(({ name }) => name === 'opt_out_lead')!;
    expect(Object.keys(optOut.inputSchema.properties!)).toEqual(['id', 'reason']);
  });

  it('runs each tool, and each result matches its output schema', async () => {
    const tools = await everyTool();
    const ajv = new AjvJsonSchemaValidator();
    expect(Object.keys(CALLS).sort()).toEqual(tools.map(({ name }) => name).sort());
    for (const { name, outputSchema } of tools) {
      const answer = await call(who(name), name, await CALLS[name]!.good(own));
      expect(answer.isError ?? false, `${name}: ${textOf(answer)}`).toBe(false);
      const fits = ajv.getValidator(outputSchema as JsonSchemaType);
      expect(fits(answer.structuredContent), name).toMatchObject({ valid: true });
      const last = answer.content.at(-1)!;
      expect(JSON.parse(last.type === 'text' ? last.text : ''), name).toEqual(answer.structuredContent);
    }
  });

  it('refuses bad input with the code, the path and a hint, as in the output schema', async () => {
    const tools = await everyTool();
    const ajv = new AjvJsonSchemaValidator();
    for (const { name, outputSchema } of tools) {
      const { bad, code, path } = CALLS[name]!;
      const answer = await call(who(name), name, bad);
      expect(answer, name).toMatchObject({ isError: true, structuredContent: { code } });
      if (path !== undefined)
        expect(answer.structuredContent.errors?.map((fault) => fault.path)).toContain(path);
      expect(textOf(answer), name).toContain(code);
      expect(ajv.getValidator(outputSchema as JsonSchemaType)(answer.structuredContent), name).toMatchObject({
        valid: true,
      });
    }
  });

  it('does not know a tool of another name', async () => {
    for (const name of ['approve_draft', 'list_leads', 'constructor', '__proto__', 'ö'.repeat(300)]) {
      await expect(call(client, name, {}), name).rejects.toMatchObject({
        code: -32_602,
        data: { code: 'tool_unknown' },
      });
    }
  });

  it('lists resources, and reads them', async () => {
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toContain('touchline://policy');
    expect(resources.map(({ uri }) => uri)).toContain('touchline://campaigns/b2bea_membership_close');
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      'touchline://leads/{id}/explanation',
      'touchline://campaigns/{slug}',
      'touchline://plays/{id}',
    ]);
    const policy = await read(client, 'touchline://policy');
    expect(JSON.parse(policy[0]!.text)).toMatchObject({ version: 1 });
    const [{ email } = { email: '' }] = await own.rows<{ email: string }>('leads', `id = '${own.lead_id}'`);
    for (const id of [own.lead_id, email, encodeURIComponent(email)]) {
      const [words, json] = await read(client, `touchline://leads/${id}/explanation`);
      expect(words).toMatchObject({ mimeType: 'text/plain', text: expect.stringContaining('Lead1') });
      expect(JSON.parse(json!.text)).toMatchObject({ lead: { id: own.lead_id } });
    }
    const campaign = await read(client, 'touchline://campaigns/b2bea_membership_close');
    expect(JSON.parse(campaign[0]!.text)).toMatchObject({ slug: 'b2bea_membership_close' });
    const { id: play_id } = (await CALLS.get_play!.good(own)) as { id: string };
    const [play_words, play] = await read(client, `touchline://plays/${play_id}`);
    expect(play_words!.text).toMatch(/^Month-end relief \(active, /);
    expect(JSON.parse(play!.text)).toMatchObject({ play_id, lacking: [] });
  });

  it.each([
    ['touchline://nothing', 'resource_unknown'],
    ['file:///etc/passwd', 'resource_unknown'],
    ['touchline://leads//explanation', 'input_invalid'],
    ['touchline://leads/%E0%A4%A/explanation', 'not_found'],
    ['touchline://leads/%00/explanation', 'input_invalid'],
    ['touchline://campaigns/none', 'not_found'],
    [`touchline://campaigns/${'x'.repeat(100)}`, 'input_invalid'],
  ])('refuses to read %s', async (uri, code) => {
    await expect(client.readResource({ uri })).rejects.toMatchObject({ code: -32_602, data: { code } });
  });

  it('completes slugs, and nothing else', async () => {
    const ref = { type: 'ref/resource', uri: 'touchline://campaigns/{slug}' } as const;
    const slugs = await client.complete({ ref, argument: { name: 'slug', value: 'b2bea_mem' } });
    expect(slugs.completion.values).toContain('b2bea_membership_close');
    expect(slugs.completion.values.every((slug) => slug.startsWith('b2bea_mem'))).toBe(true);
    const prompt = { type: 'ref/prompt', name: 'work_my_tasks' } as const;
    const types = await client.complete({ ref: prompt, argument: { name: 'type', value: 'e' } });
    expect(types.completion.values).toContain('execute_sequence_step');
    const none = await client.complete({ ref: prompt, argument: { name: 'role', value: '' } });
    expect(none.completion.values).toEqual([]);
    const unknown = { type: 'ref/resource', uri: 'touchline://touches/{id}' } as const;
    await expect(
      client.complete({ ref: unknown, argument: { name: 'id', value: '' } }),
    ).rejects.toMatchObject({ code: -32_602 });
  });

  it('has the prompt for a role agent, and fills it', async () => {
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(['work_my_tasks']);
    const { messages } = await client.getPrompt({ name: 'work_my_tasks', arguments: {} });
    const [{ content } = { content: { type: 'text', text: '' } }] = messages;
    const text = 'text' in content ? content.text : '';
    expect(text).toContain('roles.bdr');
    expect(text).toContain('people approve');
    for (const given of [{ type: 'odd' }, { rolle: 'x' }, { role: 'x'.repeat(1_001) }]) {
      await expect(client.getPrompt({ name: 'work_my_tasks', arguments: given })).rejects.toMatchObject({
        data: { code: 'input_invalid' },
      });
    }
    await expect(
      client.getPrompt({ name: 'propose_a_play', arguments: { goal: 'x' } }),
    ).rejects.toMatchObject({
      data: { code: 'prompt_unknown' },
    });
  });

  it('continues after a canceled request', async () => {
    const lead_id = await own.addLead();
    const stop = new AbortController();
    const holding = db.query(
      `DO $$ BEGIN PERFORM 1 FROM leads WHERE id = '${lead_id}' FOR UPDATE; PERFORM pg_sleep(0.8); END $$`,
    );
    await untilAsleep(db);
    const waiting = client.callTool(
      { name: 'opt_out_lead', arguments: { id: lead_id } },
      { signal: stop.signal },
    );
    untilBlocked(db).then(() => stop.abort(new Error('enough')), stop.abort);
    await expect(waiting).rejects.toThrow(/enough|abort/i);
    const meanwhile = await call(client, 'get_campaign', { slug: 'b2bea_nurture' });
    expect(meanwhile.isError ?? false).toBe(false);
    await holding;
    expect((await call(client, 'get_lead', { id: lead_id })).isError ?? false).toBe(false);
  });
});

type Content = { uri: string; mimeType?: string; text: string };

async function read(client: Client, uri: string): Promise<Content[]> {
  const { contents } = await client.readResource({ uri });
  return contents as Content[];
}
