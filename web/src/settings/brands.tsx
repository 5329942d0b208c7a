import { useState } from 'react';
import { api, read } from '../api/client.ts';
import { usePages } from '../api/pages.ts';
import { useMe } from '../sessions/me.ts';
import { Failure } from '../ui/failure.tsx';
import { More } from '../ui/more.tsx';
import { BrandForm } from './brand_form.tsx';
import { mayPlan } from './tabs.ts';
import { type Brand, REFRESH_MS } from './use_settings.ts';

/** Lists the brands, and adds or renames them. */
export function Brands() {
  const [editing, setEditing] = useState<Brand | 'new' | null>(null);
  const me = useMe();
  const pages = usePages(
    ['settings', 'clients', 'list'],
    (cursor) => read(api.GET('/clients', { params: { query: cursor === undefined ? {} : { cursor } } })),
    REFRESH_MS,
  );
  return (
    <section className="policy_section">
      <div className="section_head">
        <h2>Brands</h2>
        {mayPlan(me) ? (
          <button type="button" onClick={() => setEditing('new')}>
            Add brand
          </button>
        ) : null}
      </div>
      <p className="muted">
        The brands messages come from. Campaigns, plays, and mailboxes refer to them.
        {me === undefined || mayPlan(me) ? '' : ' RevOps and admins add them.'}
      </p>
      <Failure error={pages.error} />
      {!pages.is_loading && pages.error === null && pages.items.length === 0 ? (
        <p>No brands yet. Every campaign needs a brand, so add one first.</p>
      ) : null}
      <ul className="record_list">
        {pages.items.map((brand) => (
          <li key={brand.client_id}>
            <p>
              <strong>{brand.name}</strong> <span className="muted">{brand.client_id}</span>
            </p>
            {mayPlan(me) ? (
              <button type="button" aria-label={`Rename ${brand.name}`} onClick={() => setEditing(brand)}>
                Rename
              </button>
            ) : null}
          </li>
        ))}
      </ul>
      <More pages={pages} />
      {editing === null ? null : (
        <BrandForm brand={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
    </section>
  );
}
