import type { AgentsRow } from '../schema.gen.ts';

/** The agents of the specifications, with their names and topics; `side`: the side whose signals a role reports. */
export const AGENTS: readonly Pick<AgentsRow, 'id' | 'kind' | 'display_name' | 'topic' | 'side'>[] = [
  { id: 'AGT-202', kind: 'system', display_name: 'Lead Routing', topic: null, side: null },
  { id: 'AGT-203', kind: 'system', display_name: 'ABM Playbook', topic: null, side: null },
  { id: 'AGT-301', kind: 'system', display_name: 'Outreach Generator', topic: null, side: null },
  { id: 'AGT-302', kind: 'system', display_name: 'Cadence Coordinator', topic: null, side: null },
  { id: 'AGT-303', kind: 'system', display_name: 'Cadence Intelligence', topic: null, side: null },
  { id: 'AGT-304', kind: 'system', display_name: 'Marketing Nurture', topic: null, side: null },
  { id: 'AGT-901', kind: 'brain', display_name: 'Pipeline Brain', topic: null, side: null },
  { id: 'AGT-902', kind: 'brain', display_name: 'Account Brain', topic: null, side: null },
  // Null: the topic does not exist yet. Only roles.sales has an existing one.
  { id: 'roles.bdr', kind: 'role', display_name: 'Tara', topic: null, side: 'sales' },
  { id: 'roles.sales', kind: 'role', display_name: 'Brooke', topic: '0.0.8796955', side: 'sales' },
  { id: 'roles.exec', kind: 'role', display_name: 'Justin', topic: null, side: null },
  { id: 'roles.cs', kind: 'role', display_name: 'Customer Success', topic: null, side: null },
  // Topics of the two agents themselves, regardless of their role.
  { id: 'agents.traci', kind: 'role', display_name: 'Tara', topic: null, side: 'sales' },
  { id: 'agents.brooke', kind: 'role', display_name: 'Brooke', topic: null, side: 'sales' },
];
