-- Whether a text has visible characters: more than spaces, controls, and zero-width characters of any script.
-- src/core/words.ts has the same rule; a class such as [:space:] would depend on the collation.
CREATE OR REPLACE FUNCTION has_words(value text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN value ~ ('[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f'
                  '\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb'
                  '\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]');

-- Text that ends, or may end, in a message header: one line in normal form (single spaces, none at the ends), with
-- visible characters, without characters that a header cannot contain or that readers cannot see, and without text that
-- mail programs read as an encoded word (RFC 2047). src/core/header_text.ts has the same rule;
-- test/header_text/characters.test.ts compares the two. A template may be longer, because its rendering is checked again.
CREATE OR REPLACE FUNCTION is_header_text(value text, chars_max int DEFAULT 900)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN length(value) <= chars_max AND has_words(value) AND header_fault_position(value) = 0;
END $$;

-- The position of the first fault, in characters from 1; 0 if there is none.
CREATE OR REPLACE FUNCTION header_fault_position(value text) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN regexp_instr(value,
    '^ | $|  |=\?[^?]*\?[bqBQ]\?'
    -- White space that the normal form replaces by single spaces.
    '|[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000'
    '\u0001-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f'
    '\u3164\ue000-\uf8ff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff'
    '\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff\U000f0000-\U0010ffff'
    '\U0001fffe\U0001ffff\U0002fffe\U0002ffff\U0003fffe\U0003ffff\U0004fffe\U0004ffff\U0005fffe\U0005ffff'
    '\U0006fffe\U0006ffff\U0007fffe\U0007ffff\U0008fffe\U0008ffff\U0009fffe\U0009ffff\U000afffe\U000affff'
    '\U000bfffe\U000bffff\U000cfffe\U000cffff\U000dfffe\U000dffff\U000efffe\U000effff]');

-- Refuses header text with line breaks, control characters, or direction marks. A message that cannot be built would fail
-- when it is sent, long after its approval. Values stored by older versions stay until they change.
CREATE OR REPLACE FUNCTION refuse_header_fault() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% must be one line of visible text that a mail header can hold', replace(TG_ARGV[0], '_', ' ')
    USING ERRCODE = 'TL063', COLUMN = TG_ARGV[0], HINT = 'Remove control characters, direction marks, and invisible characters.';
END $$;

CREATE OR REPLACE TRIGGER staged_drafts_header_text
  BEFORE INSERT ON staged_drafts
  FOR EACH ROW WHEN (NOT is_header_text(NEW.subject)) EXECUTE FUNCTION refuse_header_fault('subject');

-- Refuses a text without a visible character.
CREATE OR REPLACE FUNCTION refuse_wordless() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% has nothing to read', replace(TG_ARGV[0], '_', ' ')
    USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, COLUMN = TG_ARGV[0];
END $$;

CREATE OR REPLACE TRIGGER staged_drafts_body_words
  BEFORE INSERT ON staged_drafts
  FOR EACH ROW WHEN (NOT has_words(NEW.body)) EXECUTE FUNCTION refuse_wordless('body');

CREATE OR REPLACE TRIGGER campaign_sequences_header_text
  BEFORE INSERT OR UPDATE OF subject_template ON campaign_sequences
  FOR EACH ROW WHEN (NOT is_header_text(NEW.subject_template, 2000)) EXECUTE FUNCTION refuse_header_fault('subject_template');

CREATE OR REPLACE TRIGGER campaigns_header_text_insert
  BEFORE INSERT ON campaigns
  FOR EACH ROW WHEN (NOT is_header_text(NEW.name)) EXECUTE FUNCTION refuse_header_fault('name');
CREATE OR REPLACE TRIGGER campaigns_header_text_update
  BEFORE UPDATE OF name ON campaigns
  FOR EACH ROW WHEN (NEW.name <> OLD.name AND NOT is_header_text(NEW.name)) EXECUTE FUNCTION refuse_header_fault('name');

CREATE OR REPLACE TRIGGER mailboxes_header_text_insert
  BEFORE INSERT ON mailboxes
  FOR EACH ROW WHEN (NOT is_header_text(NEW.display_name)) EXECUTE FUNCTION refuse_header_fault('display_name');
CREATE OR REPLACE TRIGGER mailboxes_header_text_update
  BEFORE UPDATE OF display_name ON mailboxes
  FOR EACH ROW WHEN (NEW.display_name <> OLD.display_name AND NOT is_header_text(NEW.display_name))
  EXECUTE FUNCTION refuse_header_fault('display_name');

CREATE OR REPLACE TRIGGER clients_header_text_insert
  BEFORE INSERT ON clients
  FOR EACH ROW WHEN (NOT is_header_text(NEW.name)) EXECUTE FUNCTION refuse_header_fault('name');
CREATE OR REPLACE TRIGGER clients_header_text_update
  BEFORE UPDATE OF name ON clients
  FOR EACH ROW WHEN (NEW.name <> OLD.name AND NOT is_header_text(NEW.name)) EXECUTE FUNCTION refuse_header_fault('name');

CREATE OR REPLACE TRIGGER organizations_name_header_text_insert
  BEFORE INSERT ON organizations
  FOR EACH ROW WHEN (NOT is_header_text(NEW.name)) EXECUTE FUNCTION refuse_header_fault('name');
CREATE OR REPLACE TRIGGER organizations_name_header_text_update
  BEFORE UPDATE OF name ON organizations
  FOR EACH ROW WHEN (NEW.name <> OLD.name AND NOT is_header_text(NEW.name)) EXECUTE FUNCTION refuse_header_fault('name');
CREATE OR REPLACE TRIGGER organizations_legal_name_header_text
  BEFORE INSERT OR UPDATE OF legal_name ON organizations
  FOR EACH ROW WHEN (NOT is_header_text(NEW.legal_name)) EXECUTE FUNCTION refuse_header_fault('legal_name');
CREATE OR REPLACE TRIGGER organizations_sender_header_text_insert
  BEFORE INSERT ON organizations
  FOR EACH ROW WHEN (NOT is_header_text(NEW.sender_name)) EXECUTE FUNCTION refuse_header_fault('sender_name');
CREATE OR REPLACE TRIGGER organizations_sender_header_text_update
  BEFORE UPDATE OF sender_name ON organizations
  FOR EACH ROW WHEN (NEW.sender_name <> OLD.sender_name AND NOT is_header_text(NEW.sender_name))
  EXECUTE FUNCTION refuse_header_fault('sender_name');

-- A play's name becomes its campaign's name.
CREATE OR REPLACE TRIGGER sales_play_library_header_text_insert
  BEFORE INSERT ON sales_play_library
  FOR EACH ROW WHEN (NOT is_header_text(NEW.name)) EXECUTE FUNCTION refuse_header_fault('name');
CREATE OR REPLACE TRIGGER sales_play_library_header_text_update
  BEFORE UPDATE OF name ON sales_play_library
  FOR EACH ROW WHEN (NEW.name <> OLD.name AND NOT is_header_text(NEW.name)) EXECUTE FUNCTION refuse_header_fault('name');
