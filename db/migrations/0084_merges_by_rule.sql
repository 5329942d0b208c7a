-- Two leads with one CRM record in the file of someone who may not merge: a person with the right decides.
ALTER TYPE merge_reason ADD VALUE 'crm_record_in_file' AFTER 'same_crm_record';
