import type { LeadErasure } from '../api/schema.d.ts';
import { Dialog } from '../ui/dialog.tsx';
import { MentionWords } from './erased_mentions.tsx';

type Erasure = LeadErasure;

/** Shows what an erasure deleted, and what users still have to review. */
export function ErasedDialog({ erasure, onClose }: { erasure: Erasure; onClose(): void }) {
  const { row_counts, log_row_count, caught_mail_count, to_review, out_of_reach } = erasure;
  const row_count = Object.values(row_counts).reduce((total, count) => total + count, 0);
  return (
    <Dialog title="Personal data deleted" onClose={onClose}>
      <p>
        Deleted from {row_count.toLocaleString('en-US')} rows and {log_row_count.toLocaleString('en-US')} log
        lines
        {caught_mail_count === null
          ? ''
          : `, with ${caught_mail_count.toLocaleString('en-US')} caught messages`}
        .
      </p>
      {to_review.length === 0 ? null : (
        <>
          <h3>Texts to review</h3>
          <p>These texts name the person and are shared with others. They stay listed on this page.</p>
          <ul className="bulleted">
            {to_review.map((mention) => (
              <li key={mention.id}>
                <MentionWords mention={mention} />
              </li>
            ))}
          </ul>
        </>
      )}
      <h3>Not reached</h3>
      <ul className="bulleted">
        {out_of_reach.map(({ place, says }) => (
          <li key={place}>{says}</li>
        ))}
      </ul>
    </Dialog>
  );
}
