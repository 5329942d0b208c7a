/** Labels of the messages written after the rules; see `labels.ts`. */
export const LATER_LABELS = `
l_mailbox_unavailable | bounce | hard:purchasing@buyer.example
l_blocklist | bounce | policy:purchasing@buyer.example
l_greylisted_to_the_end | bounce | soft:purchasing@buyer.example
l_system_storage | bounce | soft:purchasing@buyer.example
l_moved | bounce | hard:purchasing@buyer.example
l_bad_domain | bounce | soft:purchasing@buyer.example
l_vague_inactive | bounce | hard:purchasing@buyer.example
l_vague_rate | bounce | soft:purchasing@buyer.example
l_vague_nothing | bounce | soft:purchasing@buyer.example
l_loop | bounce | soft:purchasing@buyer.example
l_content | bounce | policy:purchasing@buyer.example
l_no_mailbox_spanish | bounce | hard:purchasing@buyer.example
l_qualified_failure | bounce | hard:purchasing@buyer.example
l_expanded | other | delivery_report
l_japanese_server | delay | purchasing@buyer.example
l_global_address | bounce | hard:office@buyer.example
l_report_in_base64 | bounce | hard:purchasing@buyer.example
l_exim_german_admin | bounce | hard:purchasing@buyer.example soft:office@buyer.example
l_qmail_no_host | bounce | soft:purchasing@buyer.example
l_mdaemon | bounce | hard:purchasing@buyer.example
l_zoho | bounce | hard:purchasing@buyer.example
l_tonline_german | bounce | hard:purchasing@buyer.example
l_french_server | bounce | hard:purchasing@buyer.example
l_still_trying | delay | purchasing@buyer.example
l_human_postmaster | reply | interested
l_arf_without_blank_text | complaint | purchasing@buyer.example
l_arf_virus | other | feedback
l_person_complains | unsubscribe |
l_en_thanks_until | out_of_office | 2026-08-06
l_en_returning_date | out_of_office | 2026-08-10
l_en_between | out_of_office | 2026-08-10
l_en_dash_range | out_of_office | 2026-08-15
l_en_slash_uk | out_of_office | 2026-08-15
l_en_slash_us | out_of_office | 2026-08-17
l_en_two_weeks | out_of_office | none
l_en_trade_fair | out_of_office | 2026-08-03
l_en_left | auto_reply |
l_en_phone_numbers | out_of_office | 2026-07-31
l_en_event_date | out_of_office | 2026-07-31
l_en_parental | out_of_office | 2027-01-12
l_de_urlaub | out_of_office | 2026-08-10
l_de_zeitraum | out_of_office | 2026-08-08
l_de_zurueck | out_of_office | 2026-08-17
l_de_inkl | out_of_office | 2026-08-01
l_de_kein_datum | out_of_office | none
l_de_betriebsferien | out_of_office | 2026-08-22
l_fr_du_au | out_of_office | 2026-08-08
l_fr_retour_mardi | out_of_office | 2026-08-04
l_fr_sans_date | out_of_office | none
l_fr_reprise | out_of_office | 2026-08-24
l_es_del_al | out_of_office | 2026-08-17
l_es_reincorporo | out_of_office | 2026-08-03
l_es_barra | out_of_office | 2026-08-06
l_it_dal_al | out_of_office | 2026-08-22
l_it_torno | out_of_office | 2026-08-04
l_it_rientro | out_of_office | none
l_nl_terug | out_of_office | 2026-08-11
l_pt_regresso | out_of_office | 2026-08-10
l_no_mail_date | out_of_office | none
l_thunder_december | out_of_office | 2027-01-03
l_out_of_office_no_headers | out_of_office | 2026-08-08
l_invoice_portal | auto_reply |
l_challenge | auto_reply |
l_event_mailing | other | mailing_list
l_unsubscribe_re | unsubscribe |
l_abmeldung_subject | unsubscribe |
l_desinscription_subject | unsubscribe |
l_en_sounds | reply | interested
l_en_call | reply | meeting
l_en_price | reply | question
l_en_later | reply | not_now
l_en_pass | reply | not_interested
l_en_take_off | unsubscribe |
l_en_dont_contact | unsubscribe |
l_en_angry | unsubscribe |
l_en_moved | reply | wrong_person
l_en_colleague | reply | ?
l_en_ok | reply | ?other
l_en_sarcasm | reply | ?
l_en_question_and_interest | reply | ?
l_en_not_unsubscribing | reply | ?
l_en_bottom_signature | reply | interested
l_en_inline_two | reply | not_interested
l_en_colleague_wrote | reply | not_interested
l_en_greeting | reply | not_interested
l_en_away_human | reply | out_of_office
l_de_anruf | reply | meeting
l_de_unterlagen | reply | interested
l_de_versorgt | reply | not_interested
l_de_spaeter | reply | not_now
l_de_werbung | unsubscribe |
l_de_loeschen | unsubscribe |
l_de_frage | reply | question
l_de_falsch | reply | wrong_person
l_fr_creneau | reply | meeting
l_fr_tarif | reply | question
l_fr_deja | reply | not_interested
l_fr_plus_tard | reply | not_now
l_fr_stop | unsubscribe |
l_fr_collegue | reply | wrong_person
l_es_llamada | reply | meeting
l_es_precio | reply | question
l_es_baja | unsubscribe |
l_es_no | reply | not_interested
l_es_presupuesto | reply | not_now
l_it_chiamata | reply | meeting
l_it_info | reply | interested
l_it_cancellare | unsubscribe |
l_it_fornitore | reply | not_interested
l_nl_geen | reply | not_interested
l_pt_nao | reply | not_interested
l_mobile_de | reply | not_interested
l_mobile_es | reply | interested
l_html_apple | reply | not_now
l_html_entities | reply | question
l_html_unclosed | reply | meeting
`;
