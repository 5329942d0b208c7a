/** Definite requests to unsubscribe. */
import { fold } from './words.ts';

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
