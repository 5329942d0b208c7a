import type { Asked, Route } from './double_asked.ts';
import {
  bool,
  data,
  filled,
  matching,
  nullable,
  object,
  oneOf,
  Refusal,
  text,
  whole,
} from './double_checks.ts';
import { objectOf } from './double_records.ts';
import { attributeOf, statusOf } from './double_values.ts';
import { type Attribute, type DoubleWorld, instant } from './double_world.ts';

/* The double's workspace: its key, objects, attributes, stages, and members. */

const READ = ['object_configuration:read'];
const listed = /^\/v2\/objects\/([^/]+)\/attributes$/;
const CREATED_MS = Date.UTC(2022, 10, 21);

export const ATTRIBUTE_ROUTES: Route[] = [
  { method: 'GET', path: /^\/v2\/self$/, scopes: [], is_write: false, answer: ({ world }) => selfOf(world) },
  {
    method: 'GET',
    path: /^\/v2\/objects$/,
    scopes: READ,
    is_write: false,
    answer: ({ world }) => ({
      data: [...world.objects].map(([api_slug, object_id]) => ({
        id: { workspace_id: world.workspace_id, object_id },
        api_slug,
        singular_noun: api_slug,
        plural_noun: api_slug,
        created_at: instant(CREATED_MS),
      })),
    }),
  },
  {
    method: 'GET',
    path: /^\/v2\/workspace_members$/,
    scopes: ['user_management:read'],
    is_write: false,
    answer: ({ world }) => ({
      data: world.members.map(({ id, ...member }) => ({
        id: { workspace_id: world.workspace_id, workspace_member_id: id },
        ...member,
        avatar_url: null,
        created_at: instant(CREATED_MS),
      })),
    }),
  },
  {
    method: 'GET',
    path: listed,
    scopes: READ,
    is_write: false,
    query: object({
      'limit?': whole(1, 500),
      'offset?': whole(0, 1e9),
      'show_archived?': oneOf('true', 'false'),
    }),
    answer: ({ world, params: [slug = ''], query: { limit = '500', offset = '0' } }) => {
      const of = objectOf(world, slug);
      const found = world.attributes.filter(({ object: owner, is_archived }) => owner === of && !is_archived);
      return {
        data: found
          .slice(Number(offset), Number(offset) + Number(limit))
          .map((one) => attributeAnswer(world, one)),
      };
    },
  },
  {
    method: 'GET',
    path: /^\/v2\/objects\/([^/]+)\/attributes\/([^/]+)$/,
    scopes: READ,
    is_write: false,
    answer: ({ world, params: [slug = '', key = ''] }) => ({
      data: attributeAnswer(world, existing(world, objectOf(world, slug), key)),
    }),
  },
  {
    method: 'GET',
    path: /^\/v2\/objects\/([^/]+)\/attributes\/([^/]+)\/statuses$/,
    scopes: READ,
    is_write: false,
    query: object({ 'show_archived?': oneOf('true', 'false') }),
    answer: ({ world, params: [slug = '', key = ''] }) => {
      const attribute = existing(world, objectOf(world, slug), key);
      const live =
        attribute.type === 'status' ? world.statuses.filter(({ is_archived }) => !is_archived) : [];
      return { data: live.map((status) => statusOf(world, attribute, status)) };
    },
  },
  {
    method: 'POST',
    path: listed,
    scopes: ['object_configuration:read-write'],
    is_write: true,
    body: data(
      object({
        title: filled,
        description: nullable(text),
        api_slug: matching(/^[a-z0-9_]+$/),
        type: oneOf('text', 'number', 'checkbox', 'date', 'timestamp', 'rating', 'domain', 'email-address'),
        is_required: bool,
        is_unique: bool,
        is_multiselect: bool,
        config: object({}),
      }),
    ),
    answer: createAttribute,
  },
];

function createAttribute({ world, params: [slug = ''], body }: Asked) {
  const of = objectOf(world, slug);
  const given = body.data as Pick<
    Attribute,
    'api_slug' | 'title' | 'type' | 'is_required' | 'is_unique' | 'is_multiselect'
  >;
  if (attributeOf(world, of, given.api_slug) !== undefined)
    throw new Refusal(
      409,
      'slug_conflict',
      'An attribute with the same API slug already exists on this object.',
    );
  const { api_slug, title, type, is_required, is_unique, is_multiselect } = given;
  const attribute: Attribute = {
    attribute_id: world.uuid(),
    object: of,
    api_slug,
    title,
    type,
    is_required,
    is_unique,
    is_multiselect,
    is_writable: true,
    is_archived: false,
    is_system_attribute: false,
    allowed_object: null,
    currency: null,
  };
  world.attributes.push(attribute);
  return { data: attributeAnswer(world, attribute) };
}

function existing(world: DoubleWorld, of: string, key: string): Attribute {
  const attribute = attributeOf(world, of, key);
  if (attribute === undefined)
    throw new Refusal(404, 'not_found', `Attribute with slug/ID "${key}" not found.`);
  return attribute;
}

function attributeAnswer(world: DoubleWorld, attribute: Attribute) {
  const { attribute_id, object: of, allowed_object, currency, ...shown } = attribute;
  return {
    id: { workspace_id: world.workspace_id, object_id: world.objects.get(of), attribute_id },
    ...shown,
    description: null,
    is_default_value_enabled: false,
    default_value: null,
    relationship: null,
    created_at: instant(CREATED_MS),
    config: {
      currency: { default_currency_code: currency, display_type: currency === null ? null : 'symbol' },
      record_reference: {
        allowed_object_ids: allowed_object === null ? null : [world.objects.get(allowed_object)],
      },
    },
  };
}

function selfOf(world: DoubleWorld) {
  const client_id = world.token_id;
  return {
    active: true,
    scope: world.scopes.join(' '),
    client_id,
    token_type: 'Bearer',
    exp: null,
    iat: CREATED_MS / 1_000,
    sub: world.workspace_id,
    aud: client_id,
    iss: 'attio.com',
    authorized_by_workspace_member_id: world.members[0]!.id,
    workspace_id: world.workspace_id,
    workspace_name: 'Double',
    workspace_slug: 'double',
    workspace_logo_url: null,
  };
}
