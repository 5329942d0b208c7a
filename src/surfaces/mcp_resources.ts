import type { ReadResourceResult, Resource, ResourceTemplateType } from '@modelcontextprotocol/server';
import { AppError } from '../errors.ts';
import type { Operation } from '../operations/operation.ts';
import type { McpDesk } from './mcp_desk.ts';

/**
 * A resource, read by its address, in which `{name}` takes the input of this name. Each is one operation, visible only to
 * callers that may run it.
 */
type Shelf = Resource & { operation: string };

const SHELVES: readonly Shelf[] = [
  {
    operation: 'get_policy',
    uri: 'touchline://policy',
    name: 'policy',
    title: 'Policy',
    description: 'The policy in force: every number of the gate.',
    mimeType: 'application/json',
  },
  {
    operation: 'explain_lead',
    uri: 'touchline://leads/{id}/explanation',
    name: 'lead_explanation',
    title: 'Explanation of a lead',
    description:
      'What happened to a lead, what was not sent and why, and what is next, in words and as JSON. The id may be the lead’s email address.',
    mimeType: 'text/plain',
  },
  {
    operation: 'get_campaign',
    uri: 'touchline://campaigns/{slug}',
    name: 'campaign',
    title: 'Campaign',
    description: 'A campaign with its steps, by its slug.',
    mimeType: 'application/json',
  },
  {
    operation: 'get_play',
    uri: 'touchline://plays/{id}',
    name: 'play',
    title: 'Play',
    description: 'A play with its proposal, people’s edits, and results, in words and as JSON.',
    mimeType: 'text/plain',
  },
];

/** The protocol's maximum number of completions. */
const COMPLETIONS_MAX = 100;

export function shelvesOf(registry: readonly Operation[]) {
  const operations = new Map(registry.map((operation) => [operation.name, operation]));
  const shelves = SHELVES.flatMap((shelf) => {
    const operation = operations.get(shelf.operation);
    const { operation: _, ...listed } = shelf;
    return operation === undefined ? [] : [{ listed, operation }];
  });
  const seenBy = (desk: McpDesk): Resource[] =>
    shelves.filter(({ operation }) => desk.may(operation)).map(({ listed }) => listed);
  const campaigns = operations.get('list_campaigns');
  const pageOf = async (desk: McpDesk, cursor: string | undefined): Promise<CampaignPage | undefined> => {
    if (campaigns === undefined || !desk.may(campaigns)) return undefined;
    return (await desk.ask(campaigns, { limit: 200, ...(cursor ? { cursor } : {}) })) as CampaignPage;
  };
  return {
    /** The single resources, and every campaign of each page of campaigns. */
    async list(desk: McpDesk, cursor: string | undefined) {
      const singles = cursor === undefined ? seenBy(desk).filter(({ uri }) => !uri.includes('{')) : [];
      const page = await pageOf(desk, cursor);
      if (page === undefined) return { resources: singles };
      const resources = [...singles, ...page.items.map(campaignResource)];
      return { resources, ...(page.next_cursor === null ? {} : { nextCursor: page.next_cursor }) };
    },

    templates(desk: McpDesk): ResourceTemplateType[] {
      const open = seenBy(desk).filter(({ uri }) => uri.includes('{'));
      return open.map(({ uri: uriTemplate, ...rest }) => ({ uriTemplate, ...rest }));
    },

    /** Throws the operation's refusals; `resource_unknown` for any other address. */
    async read(desk: McpDesk, uri: string): Promise<ReadResourceResult> {
      for (const { listed, operation } of shelves) {
        const input = inputOf(listed.uri, uri);
        if (input === undefined) continue;
        const output = await desk.ask(operation, input);
        const words = operation.text?.(output);
        const json = { uri, mimeType: 'application/json', text: JSON.stringify(output, null, 2) };
        const contents = words === undefined ? [json] : [{ uri, mimeType: 'text/plain', text: words }, json];
        return { contents };
      }
      throw new AppError('resource_unknown', 'There is nothing at this address.', {
        hint: 'resources/list and resources/templates/list name what there is.',
      });
    },

    /** The values with this prefix: for slugs only, because there are few. */
    async complete(desk: McpDesk, name: string, begun: string): Promise<string[]> {
      const slugs: string[] = [];
      if (!/^(slug|campaign)$/.test(name)) return slugs;
      let page = await pageOf(desk, undefined);
      while (page !== undefined) {
        slugs.push(...page.items.map(({ slug }) => slug).filter((slug) => slug.startsWith(begun)));
        if (page.next_cursor === null || slugs.length >= COMPLETIONS_MAX) break;
        page = await pageOf(desk, page.next_cursor);
      }
      return slugs.slice(0, COMPLETIONS_MAX);
    },

    hasTemplate: (uri: string) => shelves.some(({ listed }) => listed.uri === uri),
  };
}

type CampaignPage = { items: { slug: string; name: string }[]; next_cursor: string | null };

function campaignResource({ slug, name }: CampaignPage['items'][number]): Resource {
  return {
    uri: `touchline://campaigns/${encodeURIComponent(slug)}`,
    name: slug,
    title: name,
    mimeType: 'application/json',
  };
}

/** The inputs in an address, by the names in the pattern; undefined if it does not match. */
function inputOf(pattern: string, uri: string): Record<string, string> | undefined {
  const parts = pattern.split('/');
  const given = uri.split('/');
  if (parts.length !== given.length) return undefined;
  const input: Record<string, string> = {};
  for (const [at, part] of parts.entries()) {
    const name = /^\{([a-z_]+)\}$/.exec(part)?.[1];
    if (name === undefined && part !== given[at]) return undefined;
    if (name !== undefined) input[name] = decoded(given[at]!);
  }
  return input;
}

/** Text that cannot be decoded stays unchanged: nothing has such a name. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
