/** The records that the port of a CRM writes and reads. Types only. */

export type CrmObject = 'person' | 'company' | 'deal';

/** Only the fields given are written. */
export type CrmCompany = {
  /** Known from an earlier call. Otherwise the company is found by one of its domains, or created. */
  record_id?: string;
  name?: string;
  /** At least one. Domains in the CRM stay. */
  domains: readonly string[];
};

/** Only the fields given are written. */
export type CrmPerson = {
  /** Known from an earlier call. Otherwise the person is found by one of the addresses, or created. */
  record_id?: string;
  /** At least one. Addresses in the CRM stay, also those that others put there. */
  email_addresses: readonly string[];
  name?: { first_name: string; last_name: string };
  job_title?: string;
  /** E.164. Numbers in the CRM stay; those beyond the CRM's room are left out. */
  phone_numbers?: readonly string[];
  company_id?: string;
};

/** `value` has at most 4 decimal places. `currency` is ISO 4217. */
export type CrmAmount = { value: number; currency: string };

export type CrmDeal = {
  /** Unique over all deals of the CRM. */
  reference: string;
  name: string;
  stage_id: string;
  owner_id: string;
  amount?: CrmAmount;
  person_ids: readonly string[];
  company_id?: string;
};

/** Only the fields given are written. Links are added; links in the CRM stay. */
export type CrmDealChanges = {
  name?: string;
  stage_id?: string;
  owner_id?: string;
  amount?: CrmAmount;
  person_ids?: readonly string[];
  company_id?: string;
};

/** `actor_id` is the author of this write in the CRM, as events name it; null if the CRM does not say. */
export type CrmWritten = { record_id: string; actor_id: string | null };

/** A note on a person about a touch or a reply. */
export type CrmActivity = {
  person_id: string;
  title: string;
  /** Plain text. */
  text: string;
  /** When it happened; `now` if later, since CRMs refuse notes dated ahead. */
  at: string;
  now: string;
  /** Printed as the last line of the note, so that `findActivity` can find the note after a lost answer. */
  reference: string;
};

export type CrmTask = {
  owner_id: string;
  /** One line of plain text. */
  text: string;
  deadline_at: string | null;
  /** The deadline without another one, in a CRM where each task has one. */
  now: string;
  /** The first record is where `findTask` looks. */
  links: readonly [CrmRecordId, ...CrmRecordId[]];
  /** Printed at the end of the text. */
  reference: string;
};

export type CrmRecordId = { object: CrmObject; record_id: string };

/** Values of the attributes that the caller asked for, by slug; null: empty, or of several values. */
export type CrmFieldTexts = Readonly<Record<string, string | null>>;

export type CrmRecord =
  | {
      object: 'person';
      record_id: string;
      created_at: string;
      name: { first_name: string; last_name: string } | null;
      /** The primary address first. */
      email_addresses: string[];
      phone_numbers: string[];
      job_title: string | null;
      company_id: string | null;
      is_opted_out: boolean;
      fields: CrmFieldTexts;
    }
  | {
      object: 'company';
      record_id: string;
      created_at: string;
      name: string | null;
      domains: string[];
      fields: CrmFieldTexts;
    }
  | {
      object: 'deal';
      record_id: string;
      created_at: string;
      name: string | null;
      reference: string | null;
      stage_id: string | null;
      owner_id: string | null;
      amount: CrmAmount | null;
      person_ids: string[];
      company_id: string | null;
    };
