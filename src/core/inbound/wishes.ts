/** Phrases that accept or decline. Folded, whole words; ` * ` is up to three words. */
import { fold, listed, phrases } from './words.ts';

export const NOT_NOW = phrases(
  listed(`not now|not right now|not at the moment|not at this time|not at this point|not this year|not this quarter|not this month
  not currently|not interested at|not interested right now|not a priority|maybe later|later this year|maybe next|next quarter
  next year|in a few months|in six months|in three months|check back|circle back|reach out again|get back to me in
  get back to us in|try again in|contact me again|contact us again|follow up in|touch base in|revisit this|revisit in|no budget
  budget is * frozen|bad timing|timing is|too early|too busy|ping me|come back to us in|come back to me in|on hold
  derzeit nicht|derzeit kein|derzeit keinen|derzeit keine|momentan nicht|momentan kein|momentan keinen|momentan keine
  im moment nicht|im moment kein|im moment keinen|im moment keine|aktuell nicht|aktuell kein|aktuell keinen|aktuell keine
  zurzeit nicht|zurzeit kein|zur zeit nicht|zur zeit kein|nachstes jahr|nachsten jahr|nachstes quartal|nachsten quartal
  spater noch|zu einem spateren|kein budget|in ein paar monaten|in einigen monaten|in drei monaten|in sechs monaten
  melden sie sich * wieder|melden sie sich * nochmal|noch zu fruh
  pas pour le moment|pas pour l'instant|pas en ce moment|pas actuellement|pas maintenant|pas cette annee|plus tard
  l'annee prochaine|prochain trimestre|trimestre prochain|dans quelques mois|dans six mois|dans trois mois
  recontactez|revenez vers|relancez|pas de budget|pas le bon moment|pas prioritaire|pas une priorite
  ahora no|ahora mismo no|por ahora no|de momento no|por el momento no|en este momento no|no por ahora|no de momento|mas adelante
  proximo ano|el ano que viene|proximo trimestre|dentro de unos meses|en unos meses|dentro de seis meses|en seis meses|no tenemos presupuesto
  sin presupuesto|no es buen momento|no es el momento|no es una prioridad|este ano no
  non ora|non adesso|al momento no|per ora no|per il momento no|in questo momento no|non al momento|piu avanti|anno prossimo
  prossimo anno|prossimo trimestre|tra qualche mese|fra qualche mese|tra sei mesi|fra sei mesi|tra tre mesi|non abbiamo budget
  nessun budget|non e il momento|non e una priorita|ricontattatemi|ricontattateci|mi ricontatti|risentiamoci
  op dit moment niet|nu niet|no momento nao|agora nao|mais tarde
  is bad|timing is bad|until our budget|in january|in spring|in autumn|in the spring|in the fall|for now|before september|before october|before january|again in|follow up next|tr[iy] me again|not before|middle of a|until the new
  steht erst|nicht jetzt|im januar|im herbst|im fruhjahr|zeitpunkt ist|noch einmal auf uns|keine kapazitat|dieses quartal|bis oktober|vor september|gern wieder|mitten im|noch einmal nach
  en janvier|a l'automne|au printemps|en mars|avant septembre|d'ici la rentree|relancez-moi|en plein demenagement|recontactez-moi|nous relancer
  en enero|en otono|en primavera|en marzo|antes de septiembre|hasta octubre|en plena mudanza|esta ronda|proximo trimestre
  a gennaio|in autunno|in primavera|a marzo|prima di settembre|fino a ottobre|pieno trasloco|questo giro|momento giusto|quest'anno non|magari piu avanti
  no momento nao|agora nao|mais tarde|este ano nao|em janeiro|boa altura|proximo trimestre|no outono|na primavera|em marco|antes de setembro|ate outubro|nao e prioridade|em mudancas|por enquanto nao|desta ronda
  niet nu|misschien later|dit jaar geen budget|in januari|volgend kwartaal|volgend jaar|in het najaar|in het voorjaar|in maart|voor september|tot oktober|geen prioriteit|niet goed uit|midden in een|voorlopig geen|deze ronde|maar nu niet
  inte nu|inte just nu|kanske senare|ingen budget|i januari|nasta kvartal|nasta ar|i host|i var|i mars|fore september|till oktober|dalig tajming|inte prioriterat|mitt i en|for tillfallet inte|aterkom|har omgangen
  nie teraz|w tej chwili nie|moze pozniej|nie mamy budzetu|w styczniu|w przyszlym kwartale|w przyszlym roku|jesienia|wiosna|w marcu|przed wrzesniem|do pazdziernika|nie jest priorytet|nie jest dobry moment|dobry moment|w trakcie przeprowadzki|na razie nie|z tej tury|odezwac sie w`),
);

const DECLINED = phrases(
  listed(`not interested|no interest|not of interest|isn't of interest|no thank you|we'll pass|i'll pass|we will pass|i will pass
  going to pass|have to pass|not for us|not a fit|not a good fit|not relevant|have no use
  not looking|already have a|already have an|already use|already work with|already using|happy with our|happy with what|satisfied with our|went with another
  decided against|please do not follow up|not something we
  kein interesse|nicht interessiert|nicht interessant|nein danke|brauchen wir nicht|brauchen das nicht
  nicht relevant|fur uns nicht|nichts fur uns|haben bereits einen|haben bereits eine|haben schon einen|sind bereits versorgt|gut versorgt|bereits einen anbieter|bin zufrieden|sind zufrieden
  pas interesse|pas interessee|pas interesses|pas interessant|pas d'interet|aucun interet|non merci|ne m'interesse pas|ne nous interesse pas|aucun besoin
  avons deja|disposons deja|travaillons deja|ne correspond pas
  no me interesa|no nos interesa|no estoy interesado|no estoy interesada|no estamos interesados|no estamos interesadas|sin interes|no gracias
  no, gracias|no lo necesitamos|no tenemos necesidad|no tenemos interes|no tengo interes|ya tenemos|ya trabajamos con|ya contamos con
  non mi interessa|non ci interessa|non sono interessato|non sono interessata|non siamo interessati|nessun interesse|no grazie
  no, grazie|non ne abbiamo bisogno|non ci serve|abbiamo gia|siamo gia coperti|lavoriamo gia con
  no, thanks|no, thank you|nein, danke|non, merci|geen interesse|niet geinteresseerd|nee bedankt|nao tenho interesse|nao temos interesse
  but no|good luck with|best of luck|didn't convince|did not convince|won't be needing|stay with what|stick with what|we built our own|not our thing|another vendor|happy with it|not be needing
  aber nein|passt leider nicht|passt nicht zu|dagegen entschieden|anderen anbieter entschieden|keinen gebrauch|bleiben bei dem|nichts, was wir|lass mal|kein interesse
  mais non|sans facon|pas convaincus|sommes satisfaits|autre prestataire|pas donner suite|donnerons pas suite|pas quelque chose que|restons avec|n'en avons pas besoin|n'interesse pas
  pero no|va a ser que no|no es para nosotros|no encaja|otra solucion|decidimos no|no le aporta|nos quedamos con|no es algo que|no lo necesitamos|no estamos interesados
  ma no|passo, grazie|non fa per noi|non e in linea|un'altra soluzione|deciso di non|non ci ha convinti|non ha senso|restiamo con|non e qualcosa|non mi serve
  mas nao|nao, obrigado|nao, obrigada|nao estamos interessados|nao estou interessado|ja temos|nao e para nos|nao se enquadra|outra solucao|nao avancar|nao nos convenceu|passo, obrigado|nao faz sentido|ficamos com|nao e algo
  maar nee|nee, bedankt|niet geinteresseerd|hebben al een|niets voor ons|past niet bij|andere oplossing|zien ervan af|niet overtuigd|laat maar|geen zin|blijven bij wat|niets wat we|geen behoefte
  men nej|nej tack|inte intresserad|inte intresserade|har redan|inget for oss|passar inte|annan losning|vi avstar|inte overtygade|star over|ar det meningslost|stannar vid|inget vi vill
  ale nie|nie, dziekuje|nie jestem zainteresowan|nie jestem zainteresowany|nie jestem zainteresowana|nie jestesmy zainteresowani|mamy juz|nie dla nas|nie pasuje|inne rozwiazanie|nie skorzystamy|nie przekonalo|podziekuje|nie ma sensu|zostajemy przy|nie jest cos`),
);

/** Said of thanks, of a reminder, or after an agreement, `no need` declines nothing. */
const SETTLED =
  "(?:thanks (?:necessary|needed|required)|need (?:to|for) (?:thank|apolog|repl|respond|worr|explain|hurry|rush|(?:another|any|a) reminder)|m'excuser|agradecer|ringrazia|(?:offer|order|contract|agreement|deal|quote) (?:is|was|stands|has been)|unterschrieben|bestellt|getekend|besteld|signee?\\b|firmad[oa]|firmat[oa]|assinad[oa]|paskriv|undertecknat|podpisan)";
const NEED = phrases(
  listed(`no thanks|no need|don't need|do not need|keinen bedarf|kein bedarf|pas besoin|no necesitamos|no nos hace falta|non abbiamo bisogno
  nao precisamos|niet nodig|behover vi inte|behover inte|nie potrzebujemy`),
);
const ELSEWHERE =
  '(?:vendor|provider|supplier|competitor|solution|anbieter|losung|prestataire|proveedor|solucion|fornitore|soluzione|fornecedor|solucao|leveranc|oplossing|leverantor|losning|dostawc|rozwiazan)';
export const NOT_INTERESTED = new RegExp(
  `(?=${NEED.source})(?:(?=.{0,100}${ELSEWHERE})|(?!.{0,100}${SETTLED}))${NEED.source}(?<!${SETTLED}.{0,100})|${DECLINED.source}`,
  'gu',
);

export const MEETING = phrases(
  listed(`schedule a|schedule some|set up a|book a|arrange a|let's meet|let us meet|let's talk|let us talk|let's speak|let's chat|let's have a|let's find|happy to talk|happy to meet
  happy to chat|happy to jump|happy to speak|glad to talk|hop on a|jump on a|have a call|a quick call|give me a call|call me|phone me|call us|speak on the phone
  calendar invite|send an invite|send me an invite|send over an invite|invite for|i am available|i'm available|we are available|we're available|i am free|i'm free|we are free|are you available
  are you free|does * work for you|works for me|works for us|would suit|suits me|suits us|time slot|time slots|some slots|your availability|meet on|meet next|talk on|talk next|speak on|speak next|can we talk|can we meet|could we talk|could we meet|can you call
  could you call|my calendar|arrange a meeting|a demo|meeting next|in person
  einen termin|terminvorschlag|terminvorschlage|termin vorschlagen|termin vereinbaren|telefonieren|rufen sie|ruf mich|anrufen|ein gesprach|kurzes gesprach|einen call|passt mir
  passt uns|wurde mir passen|wurde passen|passt es ihnen|hatte zeit|habe zeit|haben sie zeit|treffen|videokonferenz|zeitfenster|kalendereinladung|eine einladung
  un rendez-vous|un rendez vous|un rdv|prendre rdv|appelez-moi|appelez moi|m'appeler|me telephoner|un appel|au telephone|un echange|echanger par|disponible le|disponible lundi|disponible mardi|disponible mercredi
  disponible jeudi|disponible vendredi|suis disponible|sommes disponibles|etes-vous disponible|etes vous disponible|vos disponibilites|mes disponibilites|un creneau|des creneaux|me convient|nous convient|se voir|une visio
  una reunion|una llamada|agendar|agendamos|llameme|llamame|llamarme|puede llamarme|reunirnos|hablamos el|hablar el|podemos hablar|estoy disponible|estamos disponibles|su disponibilidad|me viene bien|nos viene bien|le viene bien|una videollamada|quedamos
  un appuntamento|una chiamata|mi chiami|chiamatemi|una call|sentirci|ci sentiamo|incontrarci|fissare|fissiamo|sono disponibile|siamo disponibili|la vostra disponibilita|la sua disponibilita|va bene per me|mi va bene|una riunione|un incontro|una videochiamata
  meet in person|speak on|call would be|demo for|book a slot|call me on|meet for|on the phone|phone tuesday|move the call|let's just talk|talk on
  rufen sie mich|treffen wir|kurz sprechen|lassen sie uns|vorfuhrung|reden|ein kaffee|ich hatte am|passt ihnen
  prenons rendez-vous|appelez-moi|un appel|se voit|parler la semaine|nous parler|une demonstration|passez me voir|me convient|invitation pour|un cafe|parlons-en
  llameme|llamenme|agendemos|reunirnos|nos vemos|hablemos|una demo|un cafe|puede ser el|invitacion para|me viene bien
  mi chiami|possiamo sentirci|incontrarci|ci vediamo|sentiamoci|una demo|un caffe|parliamone|invito per|vediamoci|vi vediamo
  ligue-me|podemos falar|podemos reunir|estou disponivel|vamos marcar|uma reuniao|serve-me|demonstracao|vemo-nos|falar por telefone|vamos conversar|convite para|uma chamada|marquemos|um cafe|pode ser na
  bel me|bel mij|even bellen|kunnen we|ben * beschikbaar|uitnodiging voor|een afspraak|afspreken|komt me goed uit|een demo|zien we elkaar|laten we|kop koffie|kan het
  ring mig|kan vi prata|kan vi traffas|ar ledig|kalenderinbjudan|boka ett|ett mote|passar mig|en demo|ses vi|vi hors|lat oss prata|ett samtal|en kaffe|gar * bra
  zadzwonic|porozmawiac|dostepny|dostepna|zaproszenie na|umowmy sie|spotkanie|spotkac|mi pasuje|demo w|widzimy sie|porozmawiajmy|zdzwonmy|kawa we|czy pasuje`),
);

export const INTERESTED = phrases(
  listed(`interested|sounds interesting|looks interesting|sounds good|sounds great|sounds useful|sounds promising|looks good|looks great|love to|would like to know|like to learn|tell me more|learn more|know more
  hear more|more information|more info|more details|further details|send me|send over|send us|send it|please share|yes please|yes, please|sign me up|count me in|we'd like|we would like|i'd like|i would like|keen|let's do it|go ahead
  interessiert|klingt gut|klingt interessant|klingt spannend|hort sich gut an|gerne mehr|mehr informationen|weitere informationen|mehr infos|naheres|schicken sie mir|senden sie mir|schicken sie uns|senden sie uns|ja gerne|ja, gerne|ja bitte|wurde gerne|wurden gerne
  interesse|interessee|interesses|m'interesse|nous interesse|parait interessant|semble interessant|est interessant|volontiers|avec plaisir|en savoir plus|plus d'informations|plus d'infos|plus de details|envoyez-moi|envoyez moi|m'envoyer|nous envoyer|envoyez-nous|oui merci|ca me parait bien
  me interesa|nos interesa|interesado|interesada|interesados|suena interesante|parece interesante|suena bien|mas informacion|mas detalles|saber mas|envieme|enviame|enviarme|envienos|enviarnos|puede enviar|me gustaria|nos gustaria|adelante|si, por favor
  mi interessa|ci interessa|interessato|interessata|interessati|sembra interessante|pare interessante|saperne di piu|maggiori informazioni|piu informazioni|maggiori dettagli|mi invii|mi mandi|inviarmi|mandarmi|inviateci|volentieri|mi piacerebbe|ci piacerebbe|vorrei
  case study|brochure|price list|ready to buy|keep me on the list|keep reading|add me again|paid plan|hear more|could help us|send the report|looks useful
  unterlagen|ein angebot|gern mehr|gerne mehr|broschure|bericht|wieder aufnehmen|legen sie los|mehr horen|mehr erfahren|bezahlten tarif|lese gern|im verteiler und|newsletter will ich
  votre brochure|oui, envoyez|allez-y|aimerions en savoir|reinscrire|offre payante|veux en savoir|garder la lettre|envoyez le rapport|offre nous interesse
  lista de precios|mandelo|adelante|quiero saber|plan de pago|vuelvan a anadirme|seguir recibiendo|envien el informe|dejenme en la lista
  il listino|proceda pure|procedete|voglio saperne|piano a pagamento|riaggiungetemi|continuare a ricevere|mandate il rapporto|capire come funziona|ci mandi
  tenho interesse|mais informacoes|sim, por favor|parece interessante|gostariamos|gostava de|tabela de precos|pode avancar|avancem|estamos interessados|quero saber mais|plano pago|voltem a adicionar|continuar a receber|enviem o relatorio
  interessant, stuur|meer informatie|ja graag|klinkt goed|meer weten|prijslijst|ga uw gang|ga door|zijn geinteresseerd|graag zien|betaalde plan|weer toe|nieuwsbrief houden|stuur het rapport|wil meer
  mer information|ja garna|lter bra|later bra|det later|veta mer|prislistan|kor pa|ar intresserade|se hur det|betalplanen|lagg till mig|kvar nyhetsbrevet|skicka rapporten
  wiecej informacji|tak, chetnie|jestesmy zainteresowani|brzmi ciekawie|dowiedziec sie wiecej|cennik|prosze dzialac|interesuje nas|chcialbym zobaczyc|platny plan|dodac mnie|wiedziec wiecej|dostawac newsletter|przyslac raport`),
);

/** A question without a question mark. */
export const ASKING =
  /^(?:and |but |und |aber |et |y |e )?(?:how much|how many|how does|how do|what is|what's|what are|what does|which|who is|when|where|why|is it|is this|is there|do you|does it|does this|can you|could you|was kostet|wie viel|wie funktioniert|wie hoch|welche|gibt es|konnen sie|konnten sie|haben sie|combien|quel|quelle|quels|quelles|comment|est-ce|avez-vous|pouvez-vous|pourriez-vous|cuanto|cual|cuales|como funciona|tienen|pueden|podrian|quanto|quale|quali|come funziona|avete|potete|potreste)\b/;

const SUBJECT =
  /^(?:(?:re|aw|sv|tr|r|antw|res): ?)?(?:please )?(?:unsubscribe(?: me)?|remove(?: me)?|stop|opt[- ]?out|abmelden|abmeldung|austragen|desinscription|desinscrire|desabonner|desabonnement|baja|darme de baja|cancelar suscripcion|cancellami|cancellazione|disiscrizione|disiscrivimi|uitschrijven|afmelden|cancelar inscricao|descadastrar)[ .!]*$/;

/**
 * Whether the subject is only the request, as mail programs and people write it in answer to List-Unsubscribe, and the
 * text, if any, says nothing else.
 */
export function isUnsubscribeSubject(subject: string, text: string): boolean {
  if (!SUBJECT.test(fold(subject, 100).trim())) return false;
  const own = fold(text, 400).trim();
  return own.length < 200 && !own.includes('?');
}
