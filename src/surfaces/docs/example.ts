import { branchesOf, type JsonSchema } from '../json_schema.ts';
import { API_BASE, filledPath } from '../routing.ts';

/** The parts of an example, as the OpenAPI document has them. */
export type Request = {
  method: string;
  /** Below /api/v1. */
  path: string;
  parameters: readonly { name: string; in: string; required?: boolean; schema: JsonSchema }[];
  body: JsonSchema | undefined;
  /** The body is a file. */
  is_stream: boolean;
  takes_idempotency_key: boolean;
  credential: 'key' | 'session' | 'none';
};

/** Values that show more than a type. They are valid and belong to no one. */
const BY_NAME: Readonly<Record<string, unknown>> = {
  campaign_slug: 'b2bea_membership_close',
  slug: 'b2bea_membership_close',
  content_hash: '0'.repeat(64),
  template_hash: '0'.repeat(64),
  yaml: 'slug: spring_event ...',
  email: 'ada@prospect.example',
  reason: 'asked by phone',
  name: 'Ada',
  first_name: 'Ada',
  owner_role: 'roles.sales',
  password: 'a long and private text',
  new_password: 'a long and private text',
  quarter: '2026-Q4',
  url: 'https://hooks.example/touchline',
  address: 'ann@sender.example',
  display_name: 'Ann Jones',
  client_id: 'b2bea',
  segment: 'mid_market',
  campaigns: 'b2bea_membership_close',
  leads: 'ada@prospect.example',
  other_lead_id: 'ada@home.example',
  owner_user_id: 'ann@sender.example',
  manager_user_id: 'ann@sender.example',
  assigned_to_user_id: 'ann@sender.example',
  assignee_user_ids: 'ann@sender.example',
  values: 'competitor.example',
  hypothesis: 'Members renew when they see their reach',
  template_instructions: 'Ask for a meeting',
  body: 'Dear Ada, may we talk on Tuesday?',
  error: 'no phone number',
};

/** A command for a shell in which TOUCHLINE_URL and TOUCHLINE_API_KEY are set, as for the CLI. */
export function curlExample(request: Request): string {
  const { method, path, parameters, credential } = request;
  const schemaOf = (name: string) => parameters.find((parameter) => parameter.name === name)?.schema ?? {};
  const filled = filledPath(path, (name) => encodeURIComponent(String(sampleValue(name, schemaOf(name)))));
  const needed = parameters.filter((parameter) => parameter.in === 'query' && parameter.required === true);
  const query = needed.map(({ name, schema }) => `${name}=${encodeURIComponent(textOf(name, schema))}`);
  const url = `"$TOUCHLINE_URL${API_BASE}${filled}${query.length === 0 ? '' : `?${query.join('&')}`}"`;
  const lines = [
    `curl${method === 'GET' ? '' : ` -X ${method}`} ${url}`,
    ...credentialLines(credential),
    ...(request.takes_idempotency_key ? ['-H "Idempotency-Key: $(uuidgen)"'] : []),
    ...bodyLines(request),
  ];
  return lines.join(' \\\n  ');
}

/** The smallest valid value: the required fields, or one field if none is required. */
export function sampleBody(schema: JsonSchema): Record<string, unknown> {
  const { properties = {}, required = [] } = schema;
  const names = required.length > 0 ? required : Object.keys(properties).slice(0, 1);
  return Object.fromEntries(names.map((name) => [name, sampleValue(name, properties[name] ?? {})]));
}

function credentialLines(credential: Request['credential']): string[] {
  if (credential === 'none') return [];
  if (credential === 'key') return ['-H "Authorization: Bearer $TOUCHLINE_API_KEY"'];
  return ['-H "Origin: $TOUCHLINE_URL"', '-H "Cookie: touchline_session=$TOUCHLINE_SESSION"'];
}

function bodyLines({ body, is_stream }: Request): string[] {
  if (is_stream) return [`-H 'Content-Type: text/csv'`, '--data-binary @leads.csv'];
  if (body === undefined) return [];
  const json = JSON.stringify(sampleBody(body), null, 2).replaceAll('\n', '\n  ');
  return [`-H 'Content-Type: application/json'`, `-d '${json.replaceAll("'", "'\\''")}'`];
}

function textOf(name: string, schema: JsonSchema): string {
  const value = sampleValue(name, schema);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A valid value for a field of this name and schema. */
export function sampleValue(name: string, schema: JsonSchema): unknown {
  const whole = branchesOf(schema).find(({ type }) => type !== 'null');
  if (whole !== undefined) return sampleValue(name, whole);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const type = [schema.type ?? []].flat()[0];
  if (type === 'object') return [schema.examples ?? []].flat()[0] ?? sampleBody(schema);
  if (type === 'array') return [sampleValue(name, schema.items ?? {})];
  if (type === 'boolean') return true;
  if (type === 'integer' || type === 'number') return Math.max(1, (schema.minimum as number) ?? 1);
  if (Array.isArray(schema.examples)) return String(schema.examples[0]);
  return BY_NAME[name] ?? sampleText(schema);
}

function sampleText({ format, description = '' }: JsonSchema): string {
  if (format === 'date-time') return '2026-11-24T12:00:00Z';
  if (format === 'uri') return 'https://touchline.example';
  if (format === 'email' || /e-?mail address/.test(description)) return 'ada@prospect.example';
  return format === 'uuid' ? '01890a5d-ac96-774b-bcce-b302099a8057' : 'text';
}
