-- The CRM opted out a person who is not imported, so no lead carries the opt-out.
ALTER TYPE suppression_source ADD VALUE 'crm';
