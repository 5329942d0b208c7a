import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DAY_MS } from '../../src/core/durations.ts';
import { ask, type Door } from '../clusters/product_chain.ts';
import type { AttioDouble } from '../connectors/attio_double.ts';
import type { Arrived } from './list.ts';
import { dealOf, moveDeal, optOutInCrm } from './salesperson.ts';
import { CAMPAIGNS, type CampaignSlug, type Fate, type Person, REPLIES } from './script.ts';

/* Everybody in a simulated year: the people who approve and decide, the recipients who answer, and the salesperson in the CRM. Acts
   only through the product's API and the CRM's, and reads only the mail that arrived and the CRM. */

type Year = {
  door: Door;
  double: AttioDouble;
  data_dir: string;
  people: readonly Person[];
  days: number;
  speed: number;
};
type Items<Item> = { items: Item[] };
type Mail = Arrived & { received_at: string; message_id: string };

/** Between two rounds, in real time. A round may take a whole day of the product's clock. */
const ROUND_MS = 50;
/** For what is still under way when the days are over, in real time. */
const REST_MS = 60_000;

export class YearWorld {
  readonly #year: Year;
  #began: { simulated_ms: number; real_ms: number } = { simulated_ms: 0, real_ms: 0 };
  readonly #begun = new Set<string>();
  /** People whose fate is fulfilled. */
  readonly #done = new Set<string>();
  readonly #answered = new Map<string, { inbound_id: string; at_ms: number }>();
  #is_archived = false;
  /** When a salesperson marked the opt-out in the CRM. */
  readonly opted_out_ms = new Map<string, number>();

  constructor(year: Year) {
    this.#year = year;
  }

  /** Days since the year began, on the clock of the product. */
  get day(): number {
    return (this.now_ms() - this.#began.simulated_ms) / DAY_MS;
  }

  now_ms(): number {
    return this.#began.simulated_ms + (performance.now() - this.#began.real_ms) * this.#year.speed;
  }

  /** Lives the year to its end: until nothing is under way, and the CRM has everything. */
  async live(): Promise<Mail[]> {
    const { door, days, people } = this.#year;
    const { connected_at } = await ask<{ connected_at: string }>(door, '/crm');
    this.#began = { simulated_ms: Date.parse(connected_at), real_ms: performance.now() };
    await this.#prepare();
    const latest_ms = performance.now() + (days * DAY_MS) / this.#year.speed + REST_MS;
    for (;;) {
      const mail = await this.#round();
      const is_over = this.day > days && this.#done.size === people.length && (await this.#rest()) === '';
      if (is_over) return mail;
      if (performance.now() > latest_ms) throw new Error(`the year does not end: ${await this.#rest()}`);
      await sleep(ROUND_MS);
    }
  }

  async #round(): Promise<Mail[]> {
    await this.#beginDue();
    await this.#approveAll();
    const mail = await this.#mail();
    const first_of = new Map<string, Mail>();
    for (const one of mail) if (!first_of.has(one.email)) first_of.set(one.email, one);
    for (const person of this.#year.people) {
      const first = first_of.get(person.email);
      if (first !== undefined && !this.#done.has(person.email) && (await this.#fulfil(person, first)))
        this.#done.add(person.email);
    }
    const is_tried = this.#year.people.every(
      ({ email, fate }) => fate !== 'archived' || this.#done.has(email),
    );
    if (!this.#is_archived && is_tried && this.day > this.#year.days - 3) {
      this.#is_archived = true;
      await this.#archive('year_trial');
    }
    return mail;
  }

  /** Whether the person's fate is fulfilled; otherwise it is looked at again. */
  async #fulfil({ email, fate, campaign }: Person, first: Mail): Promise<boolean> {
    switch (fate) {
      case 'silent':
      case 'archived':
        return true;
      case 'converts':
        return this.#exit(email, 'converted');
      case 'rejects':
        return this.#exit(email, 'rejected');
      case 'unsubscribes':
        return this.#answer(email, fate, first).then(() => true);
      case 'declines': {
        const id = await this.#answer(email, fate, first);
        // A person reads it: no rule is certain about a no.
        return this.#post(`/inbound/${id}/handle`, { intent: 'not_interested' });
      }
      case 'asks': {
        await this.#answer(email, fate, first);
        // The question is read on the next day, and the deal is won on the phone.
        return this.now_ms() - this.#answered.get(email)!.at_ms > DAY_MS && this.#exit(email, 'converted');
      }
      case 'opted_out_here':
        return this.#post(`/leads/${email}/opt_out`, { reason: 'asked on the phone' });
      case 'erased':
        // The letter arrives once the deal is on its way.
        if (campaign === 'year_close' && dealOf(this.#year.double, email) === undefined) return false;
        return this.#may(`/leads/${email}/erase`, { reason: 'asked by letter' });
      case 'opted_out_in_crm':
        return this.#optOutInCrm(email);
      case 'won_in_crm':
      case 'lost_in_crm':
        return moveDeal(this.#year.double, email, fate === 'won_in_crm' ? 'Won 🎉' : 'Lost');
    }
  }

  async #prepare(): Promise<void> {
    const { door } = this.#year;
    const { version } = await ask<{ version: number }>(door, '/policy');
    // The time to undo an approval is real, so at speed it would be days.
    const document = { drafts: { undo_seconds: 0 } };
    await ask(door, '/policy', { method: 'PUT', body: { document, expected_version: version } });
    const { items: clients } = await ask<Items<{ client_id: string }>>(door, '/clients');
    for (const [slug, { name, owner_role, step_days }] of Object.entries(CAMPAIGNS)) {
      const steps = step_days.map((delay_days, index) => ({
        ...{ step_number: index + 1, delay_days, channel: 'email', content_type: 'follow_up' },
        template_instructions: 'Say which step this is.',
        template: {
          subject: `Step ${index + 1} of ${name}`,
          body: `Hi {{ lead.first_name | default: 'there' }},\n\nThis is step ${index + 1}.`,
        },
      }));
      const on_exit = { converted: null, meeting: null, no_engagement: null, rejected: null };
      const kind = { client_id: clients[0]!.client_id, type: 'membership', send_rule: 'approve_each' };
      await this.#post('/campaigns', { slug, name, owner_role, ...kind, on_exit, steps });
    }
  }

  async #beginDue(): Promise<void> {
    const due = this.#year.people.filter(
      ({ email, begins_day }) => begins_day <= this.day && !this.#begun.has(email),
    );
    if (due.length === 0) return;
    const leads = due.map(({ email, first_name, company, domain: company_domain }) => {
      return {
        email,
        first_name,
        icp_tier: 'T2',
        company,
        company_domain,
        country: 'US',
        time_zone: 'America/New_York',
      };
    });
    await this.#post('/leads/import', leads);
    for (const { email, campaign } of due) {
      const answer = await ask<{ outcome: string }>(this.#year.door, '/sequence_requests', {
        method: 'POST',
        body: { lead_id: email, campaign },
      });
      if (answer.outcome !== 'allow') throw new Error(`${email} may not begin: ${JSON.stringify(answer)}`);
      this.#begun.add(email);
    }
  }

  async #approveAll(): Promise<void> {
    const { items } = await ask<Items<{ id: string; content_hash: string }>>(
      this.#year.door,
      '/drafts?status=drafted&limit=100',
    );
    for (const { id, content_hash } of items) await this.#may(`/drafts/${id}/approve`, { content_hash });
  }

  /** The messages to people, as they arrived. */
  async #mail(): Promise<Mail[]> {
    const text = await readFile(join(this.#year.data_dir, 'caught.jsonl'), 'utf8').catch(() => '');
    return text.split('\n').flatMap((line) => {
      if (line === '') return [];
      const { subject, envelope, received_at, message_id } = JSON.parse(line);
      const step = Number(/^Step (\d+) of /.exec(subject)?.[1]);
      return Number.isNaN(step) ? [] : [{ email: envelope.to[0], step, received_at, message_id }];
    });
  }

  async #answer(email: string, fate: Fate, first: Mail): Promise<string> {
    const known = this.#answered.get(email);
    if (known !== undefined) return known.inbound_id;
    const head = [`From: <${email}>`, 'To: sender@organization.example', `In-Reply-To: ${first.message_id}`];
    const date = new Date(this.now_ms()).toUTCString().replace('GMT', '+0000');
    const rest = [`Message-ID: <answer-${email}>`, 'Subject: Re: your message', `Date: ${date}`];
    const raw = [
      ...head,
      ...rest,
      'Content-Type: text/plain; charset=utf-8',
      '',
      REPLIES[fate]!.text,
      '',
    ].join('\r\n');
    const { id: inbound_id } = await ask<{ id: string }>(this.#year.door, '/inbound', {
      method: 'POST',
      body: { raw },
    });
    this.#answered.set(email, { inbound_id, at_ms: this.now_ms() });
    return inbound_id;
  }

  async #exit(email: string, exit_reason: string): Promise<boolean> {
    const { items } = await ask<Items<{ id: string; status: string }>>(
      this.#year.door,
      `/enrollments?lead_id=${email}`,
    );
    const open = items.find(({ status }) => status === 'active' || status === 'paused');
    if (open === undefined) throw new Error(`${email} has no open enrollment to end as ${exit_reason}`);
    return this.#post(`/enrollments/${open.id}/exit`, { exit_reason });
  }

  #optOutInCrm(email: string): boolean {
    if (!optOutInCrm(this.#year.double, email)) return false;
    this.opted_out_ms.set(email, this.now_ms());
    return true;
  }

  /** The work that is still under way; empty if none is. */
  async #rest(): Promise<string> {
    const { door, people } = this.#year;
    const crm = await ask<{ pending_count: number; refused_count: number }>(door, '/crm');
    const left: string[] = people
      .filter(({ email }) => !this.#done.has(email))
      .map(({ email, fate }) => `${fate} of ${email}`);
    for (const status of ['active', 'paused']) {
      const { items } = await ask<Items<{ lead_email: string }>>(
        door,
        `/enrollments?status=${status}&limit=100`,
      );
      left.push(...items.map(({ lead_email }) => `${status}: ${lead_email}`));
    }
    if (crm.pending_count > 0) {
      const { items } = await ask<Items<object>>(door, '/crm/writes?status=pending&limit=5');
      left.push(`${crm.pending_count} writes: ${JSON.stringify(items)}`);
    }
    if (crm.refused_count > 0) left.push(`${crm.refused_count} refused writes`);
    return left.slice(0, 20).join('; ');
  }

  async #archive(slug: CampaignSlug): Promise<void> {
    const { version } = await ask<{ version: number }>(this.#year.door, `/campaigns/${slug}`);
    await ask(this.#year.door, `/campaigns/${slug}`, {
      method: 'PATCH',
      body: { status: 'archived', expected_version: version },
    });
  }

  async #post(path: string, body: unknown): Promise<true> {
    await ask(this.#year.door, path, { method: 'POST', body });
    return true;
  }

  /** Whether it was done: a draft may be withdrawn before its approval, and a write to the CRM may be under way. */
  async #may(path: string, body: unknown): Promise<boolean> {
    const { url, key } = this.#year.door;
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const response = await fetch(`${url}/api/v1${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    if (!response.ok && response.status !== 409) throw new Error(`${path}: ${await response.text()}`);
    return response.ok;
  }
}
