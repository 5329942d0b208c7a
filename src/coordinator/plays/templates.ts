import { CHANNELS } from '../../core/channels.ts';
import type { Channel } from '../../schema.gen.ts';
import type { Template } from '../../templates/port.ts';

const OPENING = "Hi {{ lead.first_name | default: 'there' }},";
const SUBJECT = "{{ client.name }} and {{ account.name | default: 'your team' }}";

const FIRST_EMAIL = `${OPENING}

I am writing to you on behalf of {{ client.name }}{% if account.name != blank %}, with {{ account.name }} in mind{% endif %}. Before I say more: {% if lead.title != blank %}as {{ lead.title }}, are you the right person to talk to{% else %}are you the right person to talk to{% endif %}, or would you point me to a colleague?

{{ sender.name }}`;

const LATER_EMAIL = `${OPENING}

I wrote to you a little while ago on behalf of {{ client.name }}. Is this a subject for you at the moment? A short yes or no helps me either way.

{{ sender.name }}`;

const LINKEDIN = `${OPENING} I work with {{ client.name }} and would value your view. Could we connect? {{ sender.name }}`;

const FIRST_CALL = `Hello {{ lead.first_name | default: 'there' }}, this is {{ sender.name }}, calling on behalf of {{ client.name }}. Do you have two minutes?

If so: {% if account.name != blank %}I have {{ account.name }} in mind. {% endif %}Are you the right person to talk to, or would you point me to a colleague?`;

const LATER_CALL = `Hello {{ lead.first_name | default: 'there' }}, this is {{ sender.name }} of {{ client.name }}. I got in touch a little while ago. Is this a subject for you at the moment?`;

const SMS = `${OPENING} this is {{ sender.name }} of {{ client.name }}. Is this a subject for you at the moment? A short yes or no helps me either way.`;

const BODIES: Readonly<Record<Channel, { first: string; later: string }>> = {
  email: { first: FIRST_EMAIL, later: LATER_EMAIL },
  linkedin: { first: LINKEDIN, later: LINKEDIN },
  call: { first: FIRST_CALL, later: LATER_CALL },
  sms: { first: SMS, later: SMS },
};

/**
 * The template for a play's step that has none of its own, so that no touch fails for lack of a text: plain words that are
 * true for any play. The step's instructions stay beside the draft, for its editor.
 */
export function playTemplate(channel: Channel, step_number: number): Template {
  const bodies = BODIES[channel];
  const subject = CHANNELS[channel].has_subject ? SUBJECT : null;
  return { subject, body: step_number === 1 ? bodies.first : bodies.later };
}
