/** Sentences of automatic answers. Folded, whole words; ` * ` is up to three words. */
import { listed, phrases } from './words.ts';

/** Absences in Dutch, Portuguese, Swedish, and Polish, and further ones in the other languages. */
export const AWAY_MORE = phrases(
  listed(`zwangerschapsverlof|ouderschapsverlof|op reis|weer bereikbaar|niet bereikbaar|gesloten|met pensioen|terug op kantoor|ben * terug
  licenca parental|licenca de maternidade|em viagem|encerrado para|fechado para|volto no|volto a|regresso na|regresso no|regresso em|acesso limitado
  pa semester|inte pa kontoret|franvarande|foraldraledig|foraldraledighet|stangt|ar tillbaka|ar ater|tjansteresa|pa resande fot|ute ur kontoret|sjukskriven|tillbaka pa kontoret
  na urlopie|poza biurem|nieobecny|nieobecna|nieobecni|wracam|wroce|macierzynskim|w podrozy|w delegacji|zamkniete|ograniczony dostep|nie ma mnie w biurze
  parental leave|maternity leave|sick leave|limited access|out of office|closed for|away from
  elternzeit|krankgeschrieben|kehre * zuruck|ausser haus|dienstreise|uber den sommer
  conge maternite|conge parental|acces limite|fermes pour|ferme pour|arret maladie
  baja maternal|cerrada por|cerrado por|acceso limitado|estare fuera
  congedo parentale|chiusi per|chiuso per|accesso limitato|rientro il|tornero`),
);

/** Acknowledgments and notices that nobody reads. */
export const RECEIVED = phrases(
  listed(`have received your|received your message|received your email|received your request|has been received|was received|thank you for contacting|thanks for contacting|thank you for your inquiry|thank you for your request|thank you for getting in touch|thank you for reaching out to our|will respond within|will get back to you|will reply shortly|be in touch shortly|as soon as possible|ticket number|ticket was|ticket has|your ticket|your case|case number|reference number|not monitored|unmonitored|unattended mailbox|do not reply to this|automatic reply|automated response|automated message|auto-reply|satisfied with our service|business days
  nachricht erhalten|anfrage erhalten|e-mail erhalten|ist eingegangen|eingang ihrer|ihre anfrage|ticketnummer|vorgangsnummer|nicht gelesen|nicht uberwacht|automatische antwort|automatisch generiert|automatisch erstellt|melden uns in kurze|melden uns schnellstmoglich|so bald wie moglich|bearbeitungszeit
  bien recu votre|avons recu votre|a ete enregistree|a bien ete recu|accusons reception|reponse automatique|message automatique|dans les meilleurs delais|n'est pas consultee|ne pas y repondre|ne pas repondre
  hemos recibido su|recibido su mensaje|ha sido registrada|ha sido recibida|acusamos recibo|respuesta automatica|lo antes posible|no se lee|no responda a este|a la mayor brevedad
  abbiamo ricevuto il|abbiamo ricevuto la|ricevuto il suo|e stata registrata|conferma di ricezione|confermiamo la ricezione|risposta automatica|al piu presto|non viene letta|non rispondere a
  recebemos a sua|recebemos o seu|recebemos sua|foi registado|foi registrado|foi recebida|confirmamos a rececao|confirmamos o recebimento|resposta automatica|o mais breve possivel|nao e lida|nao responda a este
  bericht ontvangen|hebben uw * ontvangen|is geregistreerd|ontvangst van uw|bevestigen de ontvangst|automatisch antwoord|zo spoedig mogelijk|zo snel mogelijk|niet gelezen|niet beantwoord
  tagit emot ditt|mottagit din|mottagit ditt|har registrerats|bekraftar att vi|automatiskt svar|sa snart vi kan|sa snart som mojligt|lases inte|arendenummer
  otrzymalismy|zostalo zarejestrowane|zostala zarejestrowana|potwierdzamy otrzymanie|odpowiedz automatyczna|wiadomosc automatyczna|najszybciej|nie jest czytana|prosimy nie odpowiadac|numer zgloszenia`),
);
