import { useState } from 'react';
import { Link, OutLink } from '../ui/link.tsx';
import { AnswerForm } from './answer_form.tsx';
import { harmlessHtml } from './harmless_html.ts';
import type { Message } from './message.ts';

const HEADERS = ['From', 'To', 'Subject', 'Date', 'Message-ID', 'In-Reply-To', 'List-Unsubscribe'];

const PARTS = ['text', 'html', 'raw'] as const;
type Part = (typeof PARTS)[number];
const PART_WORDS: Record<Part, string> = { text: 'Text', html: 'HTML', raw: 'Source' };

export const TO_A_TEAMMATE = 'To a teammate';

/** One caught message. Its content is shown and never run. */
export function MessageView({ message }: { message: Message }) {
  const [part, setPart] = useState<Part>('text');
  return (
    <article className="panel">
      <div className="panel_bar">
        <Link className="back" to="/mail">
          ‹ All
        </Link>
        <span className="keys muted">
          <kbd className="key">J</kbd> <kbd className="key">K</kbd> next, previous
        </span>
      </div>
      <h2>{message.subject || '(no subject)'}</h2>
      {message.is_to_user ? (
        <p className="badges">
          <span className="badge">{TO_A_TEAMMATE}</span>
          <span className="muted">A notification or test message, not a message to a lead.</span>
        </p>
      ) : null}
      <dl className="facts">
        {headersThatMatter(message).map(({ name, value }) => (
          <div className="fact" key={`${name} ${value}`}>
            <dt>{name}</dt>
            <dd className="address">
              <HeaderValue name={name} value={value} />
            </dd>
          </div>
        ))}
      </dl>
      <fieldset className="choice">
        <legend className="unseen">Show</legend>
        {PARTS.map((name) => (
          <label key={name}>
            <input
              type="radio"
              name="part"
              value={name}
              checked={part === name}
              onChange={() => setPart(name)}
              disabled={message[name] === ''}
            />
            {PART_WORDS[name]}
          </label>
        ))}
      </fieldset>
      <PartView message={message} part={part} />
      {message.is_to_user ? null : <AnswerForm message={message} />}
    </article>
  );
}

function PartView({ message, part }: { message: Message; part: Part }) {
  if (part === 'html') {
    return <iframe className="letter" title="HTML part" sandbox="" srcDoc={harmlessHtml(message.html)} />;
  }
  if (part === 'raw') return <pre className="letter source">{message.raw}</pre>;
  return (
    <div className="letter letter_body">
      <TextWithLinks text={message.text} />
    </div>
  );
}

function headersThatMatter({ headers }: Message) {
  return HEADERS.flatMap((wanted) =>
    headers
      .filter(({ name }) => name.toLowerCase() === wanted.toLowerCase())
      .map(({ value }) => ({ name: wanted, value })),
  );
}

function HeaderValue({ name, value }: { name: string; value: string }) {
  if (name !== 'List-Unsubscribe') return value;
  return <TextWithLinks text={value} />;
}

/** Turns web addresses in a text into links. */
function TextWithLinks({ text }: { text: string }) {
  const pieces = text.split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]])/);
  return pieces.map((piece, at) => {
    const key = `${at} ${piece.length}`;
    return at % 2 === 1 ? (
      <OutLink key={key} href={piece}>
        {piece}
      </OutLink>
    ) : (
      <span key={key}>{piece}</span>
    );
  });
}
