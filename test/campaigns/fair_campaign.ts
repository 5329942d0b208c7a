import { AppError } from '../../src/errors.ts';

/** A small valid campaign, to be broken in one place. */
export const YAML = `slug: fair
name: After the fair
client: b2bea
type: event
owner_role: roles.bdr
on_exit: { meeting: { gate: exec, suggest: null } }
steps:
  - step_number: 1
    delay_days: 0
    channel: email
    content_type: follow_up
    template_instructions: Say hello.
    template:
      subject: "Hello {{ lead.first_name | default: 'there' }}"
      body: |
        Hi {{ lead.first_name | default: 'there' }},

        {% if enrollment.goal == 'pipeline' %}Buyers!{% else %}Hello!{% endif %} {{ sender.name }}
  - step_number: 2
    delay_days: 4
    channel: linkedin
    content_type: follow_up
    template_instructions: Say hello again.
    template: { body: "Hello again. {{ sender.name }}" }
`;

/** The refusal with which the call ends; any other result fails. */
export async function refusal(act: () => unknown): Promise<AppError> {
  try {
    await act();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
