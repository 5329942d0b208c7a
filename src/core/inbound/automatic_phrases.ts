/** Sentences of automatic answers. Folded, whole words; ` * ` is up to three words. */
import { listed, phrases } from './words.ts';

/** Absences, each phrase without those within another. */
export const AWAY_TEXT = phrases(
  listed(`out of the office|out of office|out of my office|not in the office|return to the office|returning to the office
  office is closed|closed for|away from|currently away|i am away|i'm away|we are away|on vacation|on holiday
  on holidays|on leave|annual leave|parental leave|maternity leave|on paternity leave|sick leave|on sabbatical
  i am travelling|i am traveling|i'm travelling|i'm traveling|currently travelling|currently traveling
  limited access|will be back
  nicht im buro|nicht im buero|nicht im haus|nicht im hause|ausser haus|nicht am arbeitsplatz|im urlaub|elternzeit
  in mutterschutz|krankgeschrieben|dienstreise|bin abwesend|derzeit abwesend|nicht erreichbar|wieder erreichbar
  wieder im buro|wieder im buero|wieder fur sie da|kehre * zuruck|geschlossen|uber den sommer
  absent du bureau|absente du bureau|hors du bureau|de retour au bureau|suis absent|suis absente|serai absent
  serai absente|actuellement absent|actuellement absente|en conge|en conges|en vacances|en deplacement
  conge maternite|conge parental|arret maladie|ferme pour|fermes pour|acces limite|de retour le|serai de retour
  fuera de la oficina|fuera de oficina|de vacaciones|por vacaciones|de viaje|estoy ausente|estare ausente
  estare fuera|me encuentro ausente|me encuentro fuera|de baja|baja maternal|de permiso|cerrada por|cerrado por
  acceso limitado
  fuori ufficio|fuori sede|in ferie|per ferie|in trasferta|sono assente|saro assente|assente dall|sono in vacanza
  in congedo|congedo parentale|in maternita|chiusi per|chiuso per|accesso limitato|rientro il|tornero
  fora do escritorio|ausente do escritorio|de ferias|em viagem|estou ausente|estarei ausente|licenca parental
  licenca de maternidade|encerrado para|fechado para|volto no|volto a|regresso na|regresso no|regresso em
  acesso limitado
  afwezig|niet aanwezig|niet op kantoor|terug op kantoor|op vakantie|met vakantie|met verlof|op reis|met pensioen
  zwangerschapsverlof|ouderschapsverlof|weer bereikbaar|niet bereikbaar|gesloten|ben * terug
  pa semester|inte pa kontoret|ute ur kontoret|tillbaka pa kontoret|franvarande|foraldraledig|foraldraledighet
  sjukskriven|tjansteresa|pa resande fot|stangt|ar tillbaka|ar ater
  na urlopie|poza biurem|nie ma mnie w biurze|nieobecny|nieobecna|nieobecni|wracam|wroce|macierzynskim|w podrozy
  w delegacji|zamkniete|ograniczony dostep`),
);

/** Acknowledgments: a request was received, and someone will answer it. */
export const ACKNOWLEDGED = phrases(
  listed(`have received your|received your message|received your email|received your request|has been received|was received|thank you for contacting|thanks for contacting|thank you for your inquiry|thank you for your request|thank you for getting in touch|thank you for reaching out to our|will respond within|will get back to you|will reply shortly|be in touch shortly|as soon as possible|ticket number|ticket was|ticket has|your ticket|your case|case number|reference number|satisfied with our service|business days
  nachricht erhalten|anfrage erhalten|e-mail erhalten|ist eingegangen|eingang ihrer|ihre anfrage|ticketnummer|vorgangsnummer|melden uns in kurze|melden uns schnellstmoglich|so bald wie moglich|bearbeitungszeit
  bien recu votre|avons recu votre|a ete enregistree|a bien ete recu|accusons reception|dans les meilleurs delais
  hemos recibido su|recibido su mensaje|ha sido registrada|ha sido recibida|acusamos recibo|lo antes posible|a la mayor brevedad
  abbiamo ricevuto il|abbiamo ricevuto la|ricevuto il suo|e stata registrata|conferma di ricezione|confermiamo la ricezione|al piu presto
  recebemos a sua|recebemos o seu|recebemos sua|foi registado|foi registrado|foi recebida|confirmamos a rececao|confirmamos o recebimento|o mais breve possivel
  bericht ontvangen|hebben uw * ontvangen|is geregistreerd|ontvangst van uw|bevestigen de ontvangst|zo spoedig mogelijk|zo snel mogelijk
  tagit emot ditt|mottagit din|mottagit ditt|har registrerats|bekraftar att vi|sa snart vi kan|sa snart som mojligt|arendenummer
  otrzymalismy|zostalo zarejestrowane|zostala zarejestrowana|potwierdzamy otrzymanie|najszybciej|numer zgloszenia`),
);

/** A machine's words about itself. They do not say why it answers. */
const MACHINES = phrases(
  listed(`not monitored|unmonitored|unattended mailbox|do not reply to this|automatic reply|automated response|automated message
  auto-reply|nicht gelesen|nicht uberwacht|automatische antwort|automatisch generiert|automatisch erstellt
  reponse automatique|message automatique|n'est pas consultee|ne pas y repondre|ne pas repondre|respuesta automatica
  no se lee|no responda a este|risposta automatica|non viene letta|non rispondere a|resposta automatica|nao e lida
  nao responda a este|automatisch antwoord|niet gelezen|niet beantwoord|automatiskt svar|lases inte
  odpowiedz automatyczna|wiadomosc automatyczna|nie jest czytana|prosimy nie odpowiadac`),
);

/** Acknowledgments, and notices that nobody reads the mailbox. */
export const RECEIVED = new RegExp(`${ACKNOWLEDGED.source}|${MACHINES.source}`, 'gu');
