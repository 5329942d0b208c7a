/** Our messages that the cases answer. Each contains words that would be a wish if the reader had written them. */
import type { Language } from './cases.ts';

export type SentText = { subject: string; body: string };

const BODIES: Readonly<Record<Language, readonly [string, string]>> = {
  en: [
    'Hello,\n\nmany associations still renew memberships by spreadsheet. Would Tuesday at 3 pm work for a quick call? I am happy to send more information as well.\n\nIf you are not interested, reply with "unsubscribe" and I will not write again.\n\nSales at Ours',
    'Hi again,\n\nlast week I was out of the office, so here is a short reminder. What does one renewal cost you today? Please tell me if I should stop emailing you, or who the right person is.\n\nBest regards\nSales at Ours',
  ],
  de: [
    'Guten Tag,\n\nviele Verbände verlängern Mitgliedschaften noch mit Tabellen. Passt Ihnen Dienstag um 15 Uhr für ein kurzes Gespräch? Gerne schicke ich auch mehr Informationen.\n\nWenn Sie kein Interesse haben, antworten Sie mit "abmelden", dann schreibe ich nicht mehr.\n\nVertrieb bei Ours',
    'Hallo noch einmal,\n\nletzte Woche war ich im Urlaub, deshalb eine kurze Erinnerung. Was kostet Sie heute eine Verlängerung? Sagen Sie mir, wenn ich Sie aus dem Verteiler nehmen soll.\n\nViele Grüße\nVertrieb bei Ours',
  ],
  fr: [
    "Bonjour,\n\nbeaucoup d'associations gèrent encore leurs adhésions avec des tableurs. Seriez-vous disponible mardi à 15h pour un appel ? Je peux aussi vous envoyer plus d'informations.\n\nSi cela ne vous intéresse pas, répondez « désinscription » et je n'écrirai plus.\n\nVentes chez Ours",
    "Rebonjour,\n\nj'étais en vacances la semaine dernière, d'où ce rappel. Combien vous coûte un renouvellement ? Dites-moi si je dois vous retirer de la liste.\n\nCordialement\nVentes chez Ours",
  ],
  es: [
    'Hola:\n\nmuchas asociaciones renuevan sus cuotas con hojas de cálculo. ¿Podemos hablar el martes a las 15? También puedo enviarle más información.\n\nSi no le interesa, responda «baja» y no le escribiré más.\n\nVentas en Ours',
    'Hola de nuevo:\n\nla semana pasada estuve de vacaciones, así que le recuerdo mi mensaje. ¿Cuánto le cuesta una renovación? Dígame si debo darle de baja.\n\nUn saludo\nVentas en Ours',
  ],
  it: [
    'Buongiorno,\n\nmolte associazioni rinnovano ancora le quote con fogli di calcolo. Martedì alle 15 va bene per una chiamata? Posso anche inviarle maggiori informazioni.\n\nSe non le interessa, risponda "cancellami" e non le scriverò più.\n\nVendite di Ours',
    'Di nuovo buongiorno,\n\nla settimana scorsa ero in ferie, perciò un breve promemoria. Quanto costa oggi un rinnovo? Mi dica se devo toglierla dalla lista.\n\nCordiali saluti\nVendite di Ours',
  ],
  pt: [
    'Bom dia,\n\nmuitas associações ainda renovam quotas com folhas de cálculo. Podemos falar na terça às 15h? Também posso enviar mais informações.\n\nSe não tem interesse, responda "remover" e não escrevo mais.\n\nVendas na Ours',
    'Olá de novo,\n\nna semana passada estive de férias, por isso este lembrete. Quanto custa hoje uma renovação? Diga-me se devo retirar o seu endereço da lista.\n\nCumprimentos\nVendas na Ours',
  ],
  nl: [
    'Goedendag,\n\nveel verenigingen verlengen lidmaatschappen nog met spreadsheets. Kunnen we dinsdag om 15 uur even bellen? Ik stuur ook graag meer informatie.\n\nGeen interesse? Antwoord met "afmelden" en ik mail niet meer.\n\nVerkoop bij Ours',
    'Nogmaals hallo,\n\nvorige week was ik met vakantie, vandaar deze herinnering. Wat kost een verlenging u nu? Laat het weten als ik u van de lijst moet halen.\n\nGroeten\nVerkoop bij Ours',
  ],
  sv: [
    'Hej,\n\nmånga föreningar förnyar medlemskap med kalkylblad. Kan vi prata på tisdag klockan 15? Jag skickar gärna mer information.\n\nInte intresserad? Svara "avregistrera" så skriver jag inte mer.\n\nFörsäljning på Ours',
    'Hej igen,\n\nförra veckan var jag på semester, därför en kort påminnelse. Vad kostar en förnyelse er i dag? Säg till om jag ska ta bort er från listan.\n\nVänliga hälsningar\nFörsäljning på Ours',
  ],
  pl: [
    'Dzień dobry,\n\nwiele stowarzyszeń wciąż odnawia składki w arkuszach. Czy możemy porozmawiać we wtorek o 15? Chętnie wyślę więcej informacji.\n\nJeśli nie są Państwo zainteresowani, proszę odpisać „wypisz”, a nie będę więcej pisać.\n\nSprzedaż w Ours',
    'Dzień dobry ponownie,\n\nw zeszłym tygodniu byłem na urlopie, stąd krótkie przypomnienie. Ile kosztuje Państwa dziś jedno odnowienie? Proszę dać znać, czy mam usunąć Państwa z listy.\n\nPozdrawiam\nSprzedaż w Ours',
  ],
};

const SUBJECTS = [
  'Fewer spreadsheets in your membership renewal',
  'Out of office, and renewals?',
  'Automatic reply to late renewals',
  'Unsubscribe from spreadsheets',
] as const;

/** With the footer that the composer adds. */
export const FOOTER = 'Ours Inc.\n1 Main Street, Springfield\nUnsubscribe: https://ours.example/u/abc123';

export function sentText(language: Language, first: number, second: number): SentText {
  return { subject: SUBJECTS[second % SUBJECTS.length]!, body: BODIES[language][first % 2]! };
}
