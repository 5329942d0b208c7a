import { expect, it } from 'vitest';
import { chooseMailboxes } from './mailbox_choice.ts';

it('the mailbox of a lead is its owner’s, else its client’s, else the one with the fewest leads, and the same each time', () => {
  const box = (id: string, over = {}) => {
    return { id, owner_user_id: null, client_id: null, is_paused: false, lead_count: 0, ...over };
  };
  const lead = (lead_id: string, over = {}) => ({ lead_id, client_id: 'c', owner_user_id: null, ...over });
  const boxes = [
    box('old', { lead_count: 1 }),
    box('new'),
    box('own', { owner_user_id: 'u' }),
    box('of_d', { client_id: 'd' }),
  ];
  const leads = [
    lead('1', { owner_user_id: 'u' }),
    lead('2', { client_id: 'd' }),
    lead('3'),
    lead('4'),
    lead('5'),
  ];
  expect([...chooseMailboxes(leads, boxes).values()]).toEqual(['own', 'of_d', 'new', 'old', 'new']);
  expect(chooseMailboxes(leads, []).size).toBe(0);
});
