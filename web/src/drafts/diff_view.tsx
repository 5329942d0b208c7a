import './versions.css';
import type { ReactNode } from 'react';
import { type DiffPart, isSame } from './text_diff.ts';

type DiffViewProps = {
  /** Labels of the left and the right side. */
  older: string;
  newer: string;
  subject: readonly DiffPart[];
  body: readonly DiffPart[];
};

/** Two texts and their differences, side by side if they fit. Removed text is struck through, added text underlined. */
export function DiffView({ older, newer, subject, body }: DiffViewProps) {
  if (isSame(subject) && isSame(body)) return <p className="muted">No differences.</p>;
  const has_subject = subject.length > 0;
  return (
    <div className="diff">
      <div className="diff_sides">
        <DiffSide title={older}>
          {has_subject ? <DiffText parts={subject} is_subject without="added" /> : null}
          <DiffText parts={body} without="added" />
        </DiffSide>
        <DiffSide title={newer}>
          {has_subject ? <DiffText parts={subject} is_subject without="removed" /> : null}
          <DiffText parts={body} without="removed" />
        </DiffSide>
      </div>
      <div className="diff_inline">
        <p className="diff_title">
          {older} → {newer}
        </p>
        {has_subject ? <DiffText parts={subject} is_subject /> : null}
        <DiffText parts={body} />
      </div>
    </div>
  );
}

function DiffSide({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <p className="diff_title">{title}</p>
      {children}
    </div>
  );
}

type DiffTextProps = {
  parts: readonly DiffPart[];
  is_subject?: boolean;
  without?: DiffPart['kind'];
};

export function DiffText({ parts, is_subject = false, without }: DiffTextProps) {
  const shown = parts.filter(({ kind }) => kind !== without);
  return (
    <p className={is_subject ? 'diff_text diff_subject' : 'diff_text'}>
      {shown.map(({ kind, text }, at) => {
        const key = `${at} ${kind}`;
        if (kind === 'removed') return <del key={key}>{text}</del>;
        return kind === 'added' ? <ins key={key}>{text}</ins> : <span key={key}>{text}</span>;
      })}
    </p>
  );
}
