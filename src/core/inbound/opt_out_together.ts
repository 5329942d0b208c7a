/**
 * Words that ask for an end of messages when they are together in one clause, in any order, with almost nothing else. They
 * find what no phrase foresees. Folded (`plainWords`), in nine languages; `*` is any ending.
 */
import { FILLERS, NEGATIONS } from './opt_out_words.ts';

const REMOVING = words(`remov* delet* eras* exclude excluded excluding unsub* purg*
  losch* gelosch* entfern* streich* gestrichen austrag* ausgetragen abmeld* rausnehm* herausnehm* sperr*
  retirer retirez retire supprim* effac* enlev* desinscri* desabonn* radier radiez rayer rayez oublier oubliez suppression effacement
  elimin* borr* quitar* quiten* remuev* sacar* saquen* saquem* retirar* retiren* retirem* baja bajas
  cancell* rimuov* rimoz* togli* tolga tolgano toglier* disiscri* remoc* retira tirar tira tirem tire exclu* apag* descadastr* sair
  verwijder* uitschrijv* uitgeschreven schrap* wissen gewist halen haal afmeld*
  scrap wipe trash forget olvid* dimentic* esquec* vergeet vergeten vergessen glom zapomn*
  bort borttag* avregistr* avanmal* radera* stryk* usun* wypis* skresl* wykresl*`);
const SELF =
  words(`me us my our mine mich uns mein* unser* moi nous mon mes notre nos mi mis nuestr* mio mia miei ci noi nostr*
  meu meus minha* nosso* nossa* mij mijn ons onze mig oss min mina mitt vart mnie nas mna nami moj* moich nasz*`);
/** `removerme`, `cancellatemi`: the object is an ending. */
const WITH_SELF =
  /^(?:elimin|borr|quit|remov|remuev|sac|saqu|retir|cancell|rimuov|togli|disiscri|escrib|contact|dimentic|olvid|esquec).*(?:me|nos|mi|ci)$/;
/** The address that we wrote to. */
const THIS_ADDRESS =
  / (?:this|diese[rsn]?|cette|est[ea]|quest[oa]|dit|denna|ten|tego) (?:email|emails|mail|mailadresse|emailadresse|address|adresse|adres|adress|correo|direccion|indirizzo|endereco|emailadres|mailbox|adresu)(?: (?:email|address|adresse|mail))? /g;
const LIST =
  words(`list lists database crm verteiler verteilerliste mailingliste datenbank kontaktliste liste listes fichier fichiers base
  lista listas listado bestand lijst mailinglijst verzendlijst register registret listan sandlista bazy baza listy rejestru`);
const ENDING =
  words(`stop stops stopping cease quit stoppen stoppt stoppe stopper stoppez einstellen unterlass* arret* cess* dejen dejar dejasen dejaran
  deje dejad parar paren pare parem basta smett* cessate deixar deixem chega sluta slut upphor stoppa stopp slutar stopt stoppte parassem parem cessassem deixassem deixem pararan dejaran arretiez cessiez smetteste smettiate aufhort discontinu* aufhoren hort hor
  einzustellen ophouden przesta* zaprzesta* dosc refrain diffido`);
const CONTACT =
  words(`email emails emailing emailed mail* mailing mailings gemaild messag* spam contact contacting contacted contacts writing
  outreach reaching communicat* followup followups nachricht* anschreib* angeschrieben anzuschreiben kontakt* versand zusend* werb* anmail*
  belastig* nachfrage* courriel* envoi* ecrire ecrivez sollicit* relanc* prospection correo* mensaj* escrib* contacten contacte contactar*
  publicidad envios insist* drangen follow ups up chase chasing spamming spammen spammer spamowac
  scriv* comunicaz* comunicac* contatt* mensage* escrev* contat* contato bericht* contacter* benader* mejl* utskick* hor maili
  maile maili wiadomosc* pisac pisania korespond* ofert* kontaktuj* kontaktowa* contat* contactez contactar* kontakta reklam* pub newsletter* pitch pitches solicitation* odzywa* nagabyw* contacto contactos contatto contatti kontakten`);
const AGAIN =
  words(`more further again anymore longer ever future mehr weitere weiteren weiter weiterhin nochmal nochmals wieder erneut kunftig
  zukunftig plus davantage mas nuevo nuevamente piu ulteriori altre mais novamente meer weer opnieuw langer mer mera igen fler langre wiecej
  juz dalszych dalszego dalszej ponownie weiterer weiteres autre autres otro otra otros otras altro altra ulteriore outro outros outra verder verdere ytterligare kolejnych nigdy
  anymo* novo`);
/** The writer's own inability or experience: `we cannot send further emails`. */
const OWN =
  words(`cant cannot couldnt havent hasnt kann konnen konnten peux pouvons puedo podemos posso possiamo kan kunnen moge mozemy
  send sending versenden erhalte bekomme recois recibo ricevo recebo ontvang far dostaje`);

/** Words that say nothing against the request: `please`, `I want`, `any`. */
const BESIDE =
  words(`wish want need desire receive receiving get hear from appreciate if ensure make sure being reaching out favor gostaria souhait*
  veux wens wil ontvangen worden liever stel stellen prijs op dit soort vorrei voglio essere ser desidero desejo quero quiero quisiera deseo pido
  pedimos ruego rogamos agradeceria gradirei preferirei solicit* dziekuje chce chcemy otrzymywac ab ein alle all ur fran av com con mit med dem auf nein om att
  ricevere recibir receber recevoir etre erhalten interesse interet interes interessado intresse zainteresowan* hit immediate immediatement
  bedarf bli bliva sales dat bei met zeby* abyscie neem neemt nimm nehmen dig cosi wunsch* souhaite souhaitee desire desiree deseado deseada desiderato desejado desejada gewenst onskas onskad erwunscht wskazany kontaktu ze mna nami sig av sie
  bedarf bli bliva bitten bittet unerwunscht sehen mich manually`);

/** Words that ask for it with nothing beside them. */
const UNSUBSCRIBING = words(
  `unsub* desinscri* desabonn* abmeld* austrag* disiscri* descadastr* afmeld* uitschrij* avregistr* avanmal* wypis*`,
);

/** Away from a list, without a verb: `off your list, please`. */
const OFF = words(`off raus runter fuori fuera fora`);
/** None at all, beside the negations. */
const NONE = words(
  `aucun aucune ningun ninguna ninguno nessun nessuna nessuno nenhum nenhuma sem senza sans sin ohne without ingen inga utan bez ni zadn* keinen keiner keinerlei zonder`,
);

const VOCABULARY = [REMOVING, SELF, LIST, ENDING, CONTACT, AGAIN, BESIDE];

/** Whether the word is a word of requests. */
export function isOfRequests(word: string): boolean {
  return VOCABULARY.some((listed) => listed.test(word));
}

export type Together = { is_negated: boolean; is_refusal: boolean; left_over: number };

/** A request in one clause (` word word `), or null. A word that none of the lists has is left over: one at most. */
export function togetherIn(clause: string): Together | null {
  const all = clause.replace(THIS_ADDRESS, ' me ').trim().split(' ');
  const has = (listed: RegExp) => all.some((word) => listed.test(word));
  const has_self = has(SELF) || has(WITH_SELF);
  const is_negated = all.some((word) => NEGATIONS.has(word));
  const is_ending = all.some(
    (word, at) => ENDING.test(word) && all.some((other, beside) => beside !== at && CONTACT.test(other)),
  );
  const kinds = kindsOf(has, { has_self, is_negated, is_ending });
  if (kinds === null) return null;
  const left_over = all.filter(
    (word) =>
      !FILLERS.has(word) &&
      !NEGATIONS.has(word) &&
      ![...kinds, SELF, BESIDE, NONE].some((one) => one.test(word)),
  ).length;
  const is_refusal = kinds.includes(AGAIN);
  return left_over <= (has_self ? 1 : 0)
    ? { is_negated: is_negated && !is_refusal, is_refusal, left_over }
    : null;
}

/** The lists whose words make the request. */
function kindsOf(
  has: (listed: RegExp) => boolean,
  { has_self, is_negated, is_ending }: { has_self: boolean; is_negated: boolean; is_ending: boolean },
): RegExp[] | null {
  if (has(OFF) && has(LIST)) return [OFF, LIST];
  if (has(REMOVING) && (has_self || has(LIST))) return [REMOVING, LIST, WITH_SELF];
  if (has(UNSUBSCRIBING) && !is_negated) return [UNSUBSCRIBING];
  if (has(OWN)) return null;
  if (is_ending) return [ENDING, CONTACT];
  return (is_negated || has(NONE)) && has(AGAIN) && has(CONTACT) ? [AGAIN, CONTACT] : null;
}

function words(table: string): RegExp {
  const listed = table
    .trim()
    .split(/\s+/)
    .map((word) => word.replace('*', '.*'));
  return new RegExp(`^(?:${listed.join('|')})$`);
}
