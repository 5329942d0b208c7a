import { z } from 'zod';
import type { Config } from '../config.ts';
import type { Context } from '../context.ts';
import { actingDb, systemDb } from '../db/acting.ts';
import { listOrganizations } from '../db/queries/principals.gen.ts';
import { anyRequest } from '../db/queries/sequence_requests.gen.ts';
import { AppError } from '../errors.ts';
import { issueWords } from '../issue_words.ts';
import { parseAddress } from '../mail/addresses.ts';
import { headerLine } from '../operations/fields.ts';
import { timeZone } from '../operations/leads/fields.ts';
import { actorOf, type Principal } from '../principal.ts';
import { USER_ROLE_VALUES } from '../schema.gen.ts';
import {
  createOrganization,
  ensureAdmin,
  ensureKey,
  ensurePassword,
  type NewOrganization,
} from './organization.ts';
import { CAUGHT_MAIL_POLICY, EMPTY_ORGANIZATION, loadSample, SAMPLE_ORGANIZATION } from './sample.ts';

const SAMPLE_CAMPAIGN = 'b2bea_membership_close';

type Admin = { org_id: string; user_id: string };

/**
 * Prepares an empty database for a demo: the sample organization (or an empty one), its admin, the keys of the environment
 * and of this machine's CLI, and the sample leads. If an organization exists, it only ensures admin and keys. Continues an
 * interrupted first start. Returns the admin.
 */
export async function firstStart(
  context: Context,
  { config, cli_key, say }: { config: Config; cli_key: string; say: (line: string) => void },
): Promise<Admin> {
  const { db, clock } = context;
  const [known] = await listOrganizations.run({ limit: 1 }, systemDb(db));
  const org_id = known?.org_id ?? (await createOrganization(db, clock, organizationToTry(context, config)));
  const admin = await ensurePrincipals(context, org_id, config);
  await ensureKey(db, clock, { ...admin, name: 'touchline on this machine', key: cli_key });
  const is_sample = known === undefined || known.slug === SAMPLE_ORGANIZATION.slug;
  const [begun] = await anyRequest.run({ org_id }, systemDb(db, org_id));
  if (config.has_sample && is_sample && !begun!.exists) {
    say('Loading the sample: 300 leads, 6 campaigns...');
    const roles = [...USER_ROLE_VALUES];
    const principal: Principal = { kind: 'human', ...admin, email: config.admin_email, name: 'Admin', roles };
    const acting = { ...context, db: actingDb(db, actorOf(principal)) };
    await loadSample(acting, principal, SAMPLE_CAMPAIGN);
  }
  return admin;
}

/** The send window is for recipients: caught mail is sent at any hour; mail to a real server follows the default policy. */
function organizationToTry({ catcher }: Context, { has_sample }: Config): NewOrganization {
  const organization = has_sample ? SAMPLE_ORGANIZATION : EMPTY_ORGANIZATION;
  return catcher === null ? organization : { ...organization, ...CAUGHT_MAIL_POLICY };
}

/** The organization that `serve` requires. Throws `no_organization`, with the command that creates one. */
export async function existingOrganization(context: Context, config: Config): Promise<Admin> {
  const [known] = await listOrganizations.run({ limit: 1 }, systemDb(context.db));
  if (known === undefined) {
    throw new AppError('no_organization', 'This database has no organization yet.', {
      hint: 'Create one with touchline init; see touchline init --help.',
    });
  }
  return ensurePrincipals(context, known.org_id, config);
}

/** Creates the organization of a production database. Throws `organization_exists` for a second one. */
export async function initOrganization(
  context: Context,
  config: Config,
  organization: NewOrganization,
): Promise<Admin> {
  const [known] = await listOrganizations.run({ limit: 1 }, systemDb(context.db));
  if (known !== undefined) {
    throw new AppError('organization_exists', `This database already has the organization ${known.name}.`);
  }
  const org_id = await createOrganization(context.db, context.clock, organization);
  return ensurePrincipals(context, org_id, config);
}

export const INIT_OPTIONS = {
  name: 'name of the organization',
  sender_name: 'sender name of the mail',
  sender_address: 'sender address of the mail',
  postal_address: 'shown under every message, as the law requires',
  time_zone: 'IANA zone of leads and accounts without their own (default UTC)',
} as const;

/**
 * The options of `touchline init`, checked before the database is used. Throws `init_incomplete`, or `input_invalid` with
 * every invalid option.
 */
export function organizationOf(options: Record<string, string | undefined>): NewOrganization {
  const required = ['name', 'sender_name', 'sender_address', 'postal_address'] as const;
  const missing = required.filter((name) => !options[name]);
  if (missing.length > 0) {
    throw new AppError('init_incomplete', `Missing: ${missing.map(optionOf).join(', ')}.`, {
      errors: missing.map((name) => ({ path: optionOf(name), message: INIT_OPTIONS[name] })),
    });
  }
  const read = givenOrganization.safeParse(options);
  if (!read.success) {
    const errors = read.error.issues.map((issue) => ({
      path: optionOf(String(issue.path[0])),
      message: issueWords(issue),
    }));
    const wrong = errors.map(({ path }) => path).join(', ');
    throw new AppError('input_invalid', `The input is not valid: ${wrong}.`, { errors });
  }
  const slug = options.name!.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return {
    slug: slug.replaceAll(/^-+|-+$/g, '').slice(0, 60) || 'main',
    ...read.data,
    clients: SAMPLE_ORGANIZATION.clients,
    policy: {},
    policy_note: 'The shipped policy.',
  };
}

const NAME_CHARS_MAX = 200;

const givenOrganization = z.object({
  name: headerLine(NAME_CHARS_MAX),
  sender_name: headerLine(NAME_CHARS_MAX),
  sender_address: z.string().check(({ value, issues }) => {
    const address = parseAddress(value);
    if ('error' in address) issues.push({ code: 'custom', message: address.error, input: value });
  }),
  postal_address: z.string(),
  time_zone: timeZone.default('UTC'),
});

function optionOf(name: string): string {
  return `--${name.replaceAll('_', '-')}`;
}

async function ensurePrincipals({ db, clock }: Context, org_id: string, config: Config): Promise<Admin> {
  const user_id = await ensureAdmin(db, clock, org_id, config.admin_email);
  if (config.admin_key !== null) {
    await ensureKey(db, clock, { org_id, user_id, name: 'TOUCHLINE_ADMIN_KEY', key: config.admin_key });
  }
  if (config.admin_password !== null) {
    await ensurePassword(db, { org_id, user_id, password: config.admin_password });
  }
  return { org_id, user_id };
}
