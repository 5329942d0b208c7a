import { useMutation, useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import type { ErasedMention } from '../api/schema.d.ts';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { leadChanged, REFRESH_MS } from './lead.ts';

type Mention = ErasedMention;

const KIND_WORDS: Record<Mention['kind'], string> = {
  play: 'Play',
  campaign: 'Campaign',
  campaign_step: 'Campaign step',
  brand: 'Brand',
  segment: 'Segment',
  account: 'Account',
  draft: 'Draft',
};

/** Shared texts that name the erased person, until each is edited or reviewed. */
export function ErasedMentionsView({ lead_id }: { lead_id: string }) {
  const mentions = useQuery({
    queryKey: ['leads', lead_id, 'mentions'],
    queryFn: () => read(api.GET('/erased_mentions', { params: { query: { lead_id, limit: 200 } } })),
    refetchInterval: REFRESH_MS,
  });
  const reviewing = useMutation({
    mutationFn: (id: string) => read(api.POST('/erased_mentions/{id}/review', { params: { path: { id } } })),
    onSettled: leadChanged,
  });
  const items = mentions.data?.items ?? [];
  if (items.length === 0) return <Failure error={mentions.error} />;
  return (
    <section aria-labelledby="mentions">
      <h2 id="mentions">Texts to review</h2>
      <p className="muted">These texts name the person. Edit each one, or mark it reviewed.</p>
      <ul className="bulleted">
        {items.map((mention) => (
          <li key={mention.id}>
            <MentionWords mention={mention} />{' '}
            <button
              type="button"
              className="quiet"
              disabled={reviewing.isPending}
              onClick={() => reviewing.mutate(mention.id)}
            >
              Mark reviewed
            </button>
          </li>
        ))}
      </ul>
      <Failure error={reviewing.error} />
    </section>
  );
}

/** Names the text and says what to do with it. */
export function MentionWords({ mention }: { mention: Mention }) {
  const { kind, reference, step_number, field, what_next } = mention;
  const words = `${KIND_WORDS[kind]}${step_number === null ? '' : ` ${step_number}`}, ${field.replaceAll('_', ' ')}`;
  const to = addressOf(kind, reference);
  return (
    <>
      {to === null ? `${words} (${reference})` : <Link to={to}>{words}</Link>}: {what_next}
    </>
  );
}

function addressOf(kind: Mention['kind'], reference: string): string | null {
  const place = encodeURIComponent(reference);
  if (kind === 'play') return `/plays/${place}`;
  if (kind === 'campaign') return `/campaigns/${place}`;
  if (kind === 'campaign_step') return `/campaigns/${place}/steps`;
  if (kind === 'brand') return '/settings/brands';
  return null;
}
