/**
 * A person's reading of each message of the corpus. `name | kind | the rest`:
 * - of a bounce, `hard:`, `soft:` or `policy:` and the unreached address; `nobody` if the report does not name it;
 * - of a delay or complaint, the address;
 * - of an absence, the first day back, or `none` where it is not certain;
 * - of a reply, the intent; `?` before it: rules must not be certain; `?` alone: any guess of theirs;
 * - of anything else, why it is none of these.
 */
export const LABELS = `
postfix_unknown_user | bounce | hard:purchasing@buyer.example
postfix_mailbox_full | bounce | soft:purchasing@buyer.example
postfix_disabled | bounce | hard:purchasing@buyer.example
postfix_host_not_found | bounce | soft:purchasing@buyer.example
postfix_expired | bounce | soft:purchasing@buyer.example
postfix_spam | bounce | policy:purchasing@buyer.example
postfix_vague_unknown | bounce | hard:purchasing@buyer.example
postfix_vague_policy | bounce | policy:purchasing@buyer.example
postfix_vague_full | bounce | soft:purchasing@buyer.example
postfix_null_mx | bounce | hard:purchasing@buyer.example
postfix_too_large | bounce | policy:purchasing@buyer.example
postfix_delayed | delay | purchasing@buyer.example
postfix_delivered | other | delivery_report
postfix_relayed | other | delivery_report
postfix_sender_refused | bounce | policy:purchasing@buyer.example
exchange_not_found | bounce | hard:purchasing@buyer.example
exchange_access_denied | bounce | hard:purchasing@buyer.example
exchange_not_permitted | bounce | policy:purchasing@buyer.example
exchange_full | bounce | soft:purchasing@buyer.example
exchange_expired | bounce | soft:purchasing@buyer.example
exchange_no_domain | bounce | soft:purchasing@buyer.example
gmail_not_found | bounce | hard:purchasing@buyer.example
gmail_over_quota | bounce | soft:purchasing@buyer.example
gmail_delay | delay | purchasing@buyer.example
gmail_dmarc | bounce | policy:purchasing@buyer.example
exim_vague | bounce | hard:purchasing@buyer.example
sendmail_several | bounce | hard:purchasing@buyer.example soft:office@buyer.example
failed_and_delayed | bounce | hard:purchasing@buyer.example
ses_forwarded_address | bounce | hard:purchasing@buyer.example
no_blank_line_between_groups | bounce | hard:purchasing@buyer.example soft:office@buyer.example
status_folded_and_cased | bounce | hard:purchasing@buyer.example
qmail_no_mailbox | bounce | hard:purchasing@buyer.example
qmail_remote_full | bounce | soft:purchasing@buyer.example
qmail_two | bounce | hard:purchasing@buyer.example policy:office@buyer.example
qmail_connect | bounce | soft:purchasing@buyer.example
exim_unrouteable | bounce | hard:purchasing@buyer.example
exim_retry_timeout | bounce | soft:purchasing@buyer.example
exim_no_header | bounce | hard:purchasing@buyer.example
exim_spam | bounce | policy:purchasing@buyer.example
exim_warning | delay | purchasing@buyer.example
sendmail_warning | delay | purchasing@buyer.example
sendmail_old | bounce | hard:purchasing@buyer.example
exchange_old_ndr | bounce | hard:purchasing@buyer.example
gmail_address_not_found | bounce | hard:purchasing@buyer.example
gmail_delivery_incomplete | delay | purchasing@buyer.example
yahoo_no_account | bounce | hard:purchasing@buyer.example
yahoo_policy | bounce | policy:purchasing@buyer.example
gmx_unknown | bounce | hard:purchasing@buyer.example
webde_german | bounce | hard:purchasing@buyer.example
german_full | bounce | soft:purchasing@buyer.example
german_delay | delay | purchasing@buyer.example
postfix_text_only | bounce | hard:purchasing@buyer.example
office365_text_only | bounce | hard:purchasing@buyer.example
daemon_but_no_failure | other | mail_server
quarantine_notice | other | mail_server
arf_abuse | complaint | purchasing@buyer.example
arf_abuse_capital | complaint | purchasing@buyer.example
arf_fraud | complaint | purchasing@buyer.example
arf_opt_out | complaint | purchasing@buyer.example
arf_recipient_from_message | complaint | purchasing@buyer.example
arf_redacted | complaint | nobody
arf_two | complaint | purchasing@buyer.example office@buyer.example
arf_not_spam | other | feedback
arf_auth_failure | other | feedback
outlook_jmrp | complaint | purchasing@buyer.example
ses_notification | complaint | purchasing@buyer.example
ses_delivery_notification | auto_reply |
abuse_report_in_words | complaint | purchasing@buyer.example
reply_that_mentions_spam | reply | question
en_until | out_of_office | 2026-08-15
en_back_on | out_of_office | 2026-08-17
en_until_and_back | out_of_office | 2026-08-17
en_range | out_of_office | 2026-08-15
en_range_two_months | out_of_office | 2026-09-05
en_next_monday | out_of_office | 2026-08-03
en_tomorrow | out_of_office | 2026-07-28
en_iso | out_of_office | 2026-08-22
en_slash_month_first | out_of_office | 2026-08-15
en_slash_ambiguous | out_of_office | none
en_no_date | out_of_office | none
en_too_far | out_of_office | none
en_past | out_of_office | none
en_next_year | out_of_office | 2027-01-04
en_contradiction | out_of_office | none
en_office_closed | out_of_office | 2026-08-10
en_next_friday_of_this_week | out_of_office | none
en_months_only | out_of_office | none
de_until | out_of_office | 2026-08-15
de_until_dots | out_of_office | 2026-08-15
de_back_from | out_of_office | 2026-08-17
de_range | out_of_office | 2026-08-15
de_back_monday | out_of_office | 2026-08-03
de_bis_montag | out_of_office | 2026-07-31
de_no_accents | out_of_office | 2026-08-15
fr_until | out_of_office | 2026-08-15
fr_back | out_of_office | 2026-08-17
fr_range | out_of_office | 2026-08-15
fr_slash | out_of_office | 2026-08-08
fr_first | out_of_office | 2026-09-01
es_until | out_of_office | 2026-08-15
es_back | out_of_office | 2026-08-17
es_range | out_of_office | 2026-08-15
es_monday | out_of_office | 2026-08-03
it_until | out_of_office | 2026-08-15
it_back | out_of_office | 2026-08-17
it_range | out_of_office | 2026-08-15
nl_until | out_of_office | 2026-08-15
nl_back | out_of_office | 2026-08-17
pt_until | out_of_office | 2026-08-17
de_en_both | out_of_office | 2026-08-15
exchange_no_header | out_of_office | 2026-08-15
null_path_only | out_of_office | 2026-08-15
rules_agent | out_of_office | 2026-08-17
vacation_program | out_of_office | 2026-08-15
x_autoreply | out_of_office | none
with_our_text | out_of_office | 2026-08-15
ticket_opened | auto_reply |
ticket_by_suppress_header | auto_reply |
autoresponder | auto_reply |
auto_notified | auto_reply |
german_receipt | auto_reply |
newsletter | other | mailing_list
reply_through_list | reply | interested
read_receipt | other | receipt
mailto_unsubscribe | unsubscribe |
mail_program_unsubscribes | unsubscribe |
auto_submitted_no | reply | not_interested
person_from_exchange | reply | meeting
en_interested | reply | interested
en_meeting | reply | meeting
en_question | reply | question
en_not_now | reply | not_now
en_not_interested | reply | not_interested
en_unsubscribe | unsubscribe |
en_unsubscribe_one_word | unsubscribe |
en_stop | unsubscribe |
en_wrong_person | reply | wrong_person
en_thanks_only | reply | ?other
en_signature | reply | interested
en_mobile | reply | meeting
en_outlook_mobile | reply | interested
en_bottom | reply | interested
en_inline | reply | meeting
en_no_quote | reply | meeting
en_only_quote | reply | ?other
en_away_within_answer | reply | ?meeting
en_already | reply | not_interested
en_unsubscribe_as_topic | reply | question
en_long_and_mixed | reply | ?
de_interested | reply | interested
de_meeting | reply | meeting
de_question | reply | question
de_not_now | reply | not_now
de_not_interested | reply | not_interested
de_unsubscribe | unsubscribe |
de_abmelden | unsubscribe |
de_wrong_person | reply | wrong_person
de_mobile | reply | meeting
fr_interested | reply | interested
fr_meeting | reply | meeting
fr_question | reply | question
fr_not_now | reply | not_now
fr_not_interested | reply | not_interested
fr_unsubscribe | unsubscribe |
fr_wrong_person | reply | wrong_person
es_interested | reply | interested
es_meeting | reply | meeting
es_question | reply | question
es_not_now | reply | not_now
es_not_interested | reply | not_interested
es_unsubscribe | unsubscribe |
es_wrong_person | reply | wrong_person
it_interested | reply | interested
it_meeting | reply | meeting
it_question | reply | question
it_not_now | reply | not_now
it_not_interested | reply | not_interested
it_unsubscribe | unsubscribe |
it_wrong_person | reply | wrong_person
html_only_gmail | reply | interested
html_only_outlook | reply | not_interested
base64_utf8 | reply | interested
quoted_printable_latin1 | reply | interested
latin1_called_utf8 | reply | not_interested
utf8_called_latin1 | unsubscribe |
unknown_charset | reply | meeting
nested_multiparts | reply | interested
forwarded_bounce | reply | ?
forwarded_bounce_attached | reply | question
injection | reply | ?other
injection_with_refusal | reply | ?
hidden_text | reply | not_interested
quote_says_unsubscribe | reply | interested
folded_headers | out_of_office | 2026-08-15
bounce_with_false_parts | reply | ?
`;
