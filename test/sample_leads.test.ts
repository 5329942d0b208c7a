import { readFileSync } from 'node:fs';
import { parse as parseCsv } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { leadsCsv } from '../samples/make_leads.ts';

type Lead = Record<string, string>;
const csv = readFileSync(new URL('../samples/leads.csv', import.meta.url), 'utf8');
const leads = parseCsv(csv, { columns: true }) as Lead[];
const count = (test: (lead: Lead) => boolean) => leads.filter(test).length;
const distinct = (field: string) => new Set(leads.map((lead) => lead[field]));

describe('sample leads', () => {
  it('match the generator’s output', () => {
    expect(csv).toBe(leadsCsv());
  });

  it('are 300 people with unique addresses, in about 110 companies on reserved domains', () => {
    expect(Object.keys(leads[0] ?? {}).join()).toBe(
      'email,first_name,last_name,title,company,company_domain,icp_tier,segment,vertical,lifecycle_stage,' +
        'country,time_zone,abm_active,unsubscribed,opted_out,sales_signal_at,marketing_signal_at,' +
        'linkedin_url,crm_contact_id',
    );
    expect(leads).toHaveLength(300);
    expect(distinct('email').size).toBe(300);
    expect(distinct('company_domain').size).toBe(110);
    for (const { email, company_domain } of leads) {
      expect(email).toMatch(/^[a-z0-9][a-z0-9.-]*@[a-z0-9-]+\.example$/);
      expect(email?.split('@')[1]).toBe(company_domain);
    }
  });

  it('agree on the values of their account', () => {
    const fields = ['company', 'icp_tier', 'segment', 'vertical', 'country', 'abm_active'];
    const accounts = new Set(leads.map((lead) => JSON.stringify(fields.map((field) => lead[field]))));
    expect(accounts.size).toBe(distinct('company_domain').size);
    expect(new Set(leads.filter((lead) => lead.abm_active === 'true').map((lead) => lead.company)).size).toBe(
      12,
    );
  });

  it('spread over tiers, segments and marks as intended', () => {
    const tiers = ['T1', 'T2', 'T3', ''].map((tier) => count((lead) => lead.icp_tier === tier));
    expect(tiers).toEqual([60, 150, 84, 6]);
    const segments = ['commercial_mm', 'commercial_smb', 'enterprise', 'enterprise_strategic'];
    expect([...distinct('segment')].toSorted()).toEqual(segments);
    expect(count((lead) => lead.unsubscribed === 'true')).toBe(8);
    expect(count((lead) => lead.opted_out === 'true')).toBe(6);
    expect(count((lead) => lead.first_name === '')).toBe(10);
    for (const field of ['abm_active', 'unsubscribed', 'opted_out']) {
      expect([...distinct(field)].toSorted()).toEqual(['false', 'true']);
    }
  });

  it('live in valid time zones on every continent, some at odd offsets, some unknown', () => {
    const zones = [...distinct('time_zone')].filter((zone): zone is string => !!zone);
    for (const zone of zones) expect(() => Intl.DateTimeFormat('en', { timeZone: zone })).not.toThrow();
    const regions = new Set(zones.map((zone) => zone.split('/')[0]));
    for (const region of ['Africa', 'America', 'Antarctica', 'Asia', 'Australia', 'Europe', 'Pacific']) {
      expect(regions).toContain(region);
    }
    expect(zones).toEqual(expect.arrayContaining(['Asia/Kolkata', 'Asia/Kathmandu', 'Australia/Lord_Howe']));
    expect(zones.length).toBeGreaterThanOrEqual(12);
    expect(count((lead) => lead.time_zone === '')).toBeGreaterThan(5);
  });

  it('show every case of signal recency, within the period', () => {
    const signals = leads.flatMap((lead) => [lead.sales_signal_at ?? '', lead.marketing_signal_at ?? '']);
    for (const signal of signals.filter((one) => one !== '')) {
      expect(signal).toMatch(/^2026-(08|09|10|11)-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(Date.parse(signal)).toBeLessThanOrEqual(Date.UTC(2026, 10, 15));
    }
    const both = leads.filter((lead) => lead.sales_signal_at && lead.marketing_signal_at);
    const order = both.map((lead) =>
      Math.sign(Date.parse(lead.sales_signal_at!) - Date.parse(lead.marketing_signal_at!)),
    );
    expect(order.filter((sign) => sign > 0).length).toBeGreaterThan(50);
    expect(order.filter((sign) => sign < 0).length).toBeGreaterThan(50);
    expect(order.filter((sign) => sign === 0).length).toBeGreaterThanOrEqual(3);
    expect(count((lead) => !lead.sales_signal_at && !lead.marketing_signal_at)).toBeGreaterThan(10);
    expect(count((lead) => !lead.sales_signal_at !== !lead.marketing_signal_at)).toBeGreaterThan(20);
  });
});
