import './campaigns.css';
import { useMutation } from '@tanstack/react-query';
import { type ChangeEvent, useId } from 'react';
import { cache } from '../api/cache.ts';
import { useMe } from '../sessions/me.ts';
import { announce } from '../ui/announce.tsx';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { go } from '../ui/route.ts';
import { useTitle } from '../ui/title.ts';
import { importCampaign } from './campaign.ts';
import { canPlan } from './campaigns_page.tsx';
import { NewCampaign } from './new_campaign.tsx';

/** Creates a campaign in a form or from a file. */
export function NewCampaignPage() {
  const me = useMe();
  useTitle('New campaign');
  const may_write = me === undefined || canPlan(me.roles);
  return (
    <div className="page">
      <p className="crumbs">
        <Link to="/campaigns">‹ Campaigns</Link>
      </p>
      <h1>New campaign</h1>
      {may_write ? (
        <>
          <FromFile />
          <NewCampaign />
        </>
      ) : (
        <Empty title="You cannot create campaigns">
          <p>RevOps and admins can create campaigns.</p>
        </Empty>
      )}
    </div>
  );
}

/** Reads the command line’s file format; every fault names its line. */
function FromFile() {
  const id = useId();
  const importing = useMutation({
    mutationFn: async (file: File) => importCampaign(await file.text()),
    onSuccess: ({ slug, name }) => {
      cache.invalidateQueries({ queryKey: ['campaigns'] });
      announce(`Imported ${name}.`);
      go(`/campaigns/${slug}`);
    },
  });
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    const [file] = event.target.files ?? [];
    // Lets the user choose the same file again after a correction.
    event.target.value = '';
    if (file !== undefined) importing.mutate(file);
  };
  return (
    <section className="from_file">
      <label htmlFor={id}>From a YAML file</label>
      <input id={id} type="file" accept=".yaml,.yml" onChange={choose} aria-describedby={`${id}-hint`} />
      <p className="field_hint" id={`${id}-hint`}>
        A file with an existing slug replaces that campaign.
      </p>
      <Failure error={importing.error} />
    </section>
  );
}
