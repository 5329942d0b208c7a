import { useId } from 'react';
import { Link } from '../ui/link.tsx';
import { exitsOf, type ListedCampaign } from './campaign.ts';
import { layoutOf, type MapEdge, type MapNode, NODE } from './exit_layout.ts';
import { EXIT_WORDS, targetWords } from './words.ts';

const NAME_CHARS = 26;

/** Exit rules as a picture on wide screens, and as a list. */
export function ExitMapView({ campaigns }: { campaigns: readonly ListedCampaign[] }) {
  const shown = campaigns.filter(({ status }) => status !== 'archived');
  const map = layoutOf(shown);
  const id = useId();
  const nameOf = (slug: string) =>
    campaigns.find((one) => one.slug === slug)?.name ?? slug.replaceAll('_', ' ');
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>Exit rules</h2>
      {map.edges.length === 0 ? (
        <p className="muted">
          No exit rule leads to another campaign. Set exit rules in a campaign’s settings.
        </p>
      ) : (
        <svg
          className="exit_map"
          viewBox={`0 0 ${map.width} ${map.height}`}
          width={map.width}
          role="img"
          aria-label="Map of campaigns and their exit rules, also listed below"
        >
          <defs>
            <marker
              id={`${id}-end`}
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="7"
              markerHeight="7"
              orient="auto"
            >
              <path className="exit_arrow" d="M0 0 L8 4 L0 8 z" />
            </marker>
          </defs>
          {map.edges.map((edge) => (
            <EdgeView
              key={`${edge.from.id} ${edge.to.id} ${edge.is_gated}`}
              edge={edge}
              marker={`${id}-end`}
            />
          ))}
          {map.nodes.map((node) => (
            <NodeView key={node.id} node={node} />
          ))}
        </svg>
      )}
      {map.edges.some(({ is_gated }) => is_gated) ? (
        <p className="exit_legend muted">
          At diamonds and dashed lines, a person decides. All other exits are automatic.
        </p>
      ) : null}
      <ul className="exit_list">
        {shown
          .filter((campaign) => exitsOf(campaign).length > 0)
          .map((campaign) => (
            <li key={campaign.slug}>
              <Link to={`/campaigns/${campaign.slug}`}>{campaign.name}</Link>
              <ul>
                {exitsOf(campaign).map(({ reason, target }) => (
                  <li key={reason}>
                    {EXIT_WORDS[reason]}: {targetWords(target, nameOf)}
                  </li>
                ))}
              </ul>
            </li>
          ))}
      </ul>
    </section>
  );
}

function NodeView({ node: { name, slug, x, y } }: { node: MapNode }) {
  return (
    <g
      className={slug === null ? 'exit_node exit_node_open' : 'exit_node'}
      transform={`translate(${x} ${y})`}
    >
      <rect width={NODE.width} height={NODE.height} rx="6" />
      <text x={NODE.width / 2} y={NODE.height / 2 + 4}>
        {name.length > NAME_CHARS ? `${name.slice(0, NAME_CHARS - 1)}…` : name}
      </text>
    </g>
  );
}

/** A hand-off that a person routes is dashed and starts at a gate. The label is at the start of the edge. */
function EdgeView({ edge, marker }: { edge: MapEdge; marker: string }) {
  const { from, to, port, reasons, is_gated } = edge;
  const [x1, y1] = [from.x + NODE.width, from.y + NODE.height / 2 + port];
  const [x2, y2] = [to.x, to.y + NODE.height / 2];
  const bend = Math.max(50, Math.abs(x2 - x1) / 2);
  return (
    <g className={is_gated ? 'exit_edge exit_edge_gated' : 'exit_edge'}>
      <path
        d={`M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`}
        markerEnd={`url(#${marker})`}
      />
      {is_gated ? (
        <rect
          className="exit_gate"
          x="-4.5"
          y="-4.5"
          width="9"
          height="9"
          transform={`translate(${x1 + 10} ${y1}) rotate(45)`}
        />
      ) : null}
      <text x={x1 + 20} y={y1 - 5}>
        {reasons.map((reason) => EXIT_WORDS[reason]).join(', ')}
      </text>
    </g>
  );
}
