import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { useMe } from '../sessions/me.ts';
import { announce } from '../ui/announce.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { Link } from '../ui/link.tsx';
import { answerTo } from './answer.ts';
import './catcher.css';
import { ActionButton } from '../ui/action_button.tsx';
import type { Message } from './message.ts';

/**
 * Replies to a caught message as its recipient, to show how Touchline handles the reply. Nothing leaves the machine.
 */
export function AnswerForm({ message }: { message: Message }) {
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const me = useMe();
  const answering = useMutation({
    mutationFn: () =>
      read(api.POST('/inbound', { body: { raw: answerTo(message, text, new Date()), encoding: 'text' } })),
    onSuccess: ({ handled_at }) => {
      setText('');
      announce(
        handled_at === null
          ? 'Reply sent. Handle it under Replies.'
          : 'Reply sent and handled automatically.',
      );
      for (const key of ['replies', 'today', 'flags', 'leads']) cache.invalidateQueries({ queryKey: [key] });
    },
  });
  if (!me?.roles.some((role) => role === 'revops' || role === 'admin'))
    return <p className="muted">RevOps and admins can reply here as the recipient.</p>;
  const reader = message.to[0] ?? message.envelope.to[0] ?? '';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== '' && !answering.isPending) answering.mutate();
  };
  return (
    <details
      onToggle={({ currentTarget }) => {
        if (currentTarget.open) field.current?.focus();
      }}
    >
      <summary>Reply as {reader}</summary>
      <form className="answer_form" onSubmit={submit}>
        <Field
          label="Reply"
          hint="This message was caught, not delivered. Reply as the recipient to see what happens next."
        >
          <textarea
            ref={field}
            rows={4}
            maxLength={5000}
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event);
            }}
          />
        </Field>
        <Failure error={answering.error} />
        <div className="actions">
          <ActionButton type="submit" disabled={text.trim() === ''} is_busy={answering.isPending}>
            Send reply
          </ActionButton>
          {answering.data === undefined ? null : (
            <Link
              to={`/replies?${answering.data.handled_at === null ? '' : 'show=handled&'}message=${answering.data.id}`}
            >
              Show under Replies
            </Link>
          )}
        </div>
      </form>
    </details>
  );
}
