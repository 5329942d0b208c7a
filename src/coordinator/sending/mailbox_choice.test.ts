import { expect, it } from 'vitest';
import { chooseMailboxes } from './mailbox_choice.ts';

const box = (id: string, over = {}) => {
  return {
    id,
    owner_user_id: null,
    client_id: null,
    is_paused: false,
    lead_count: 0,
    room: Number.POSITIVE_INFINITY,
    ...over,
  };
};
const lead = (lead_id: string, over = {}) => ({ lead_id, client_id: 'c', owner_user_id: null, ...over });

it('a lead gets the mailbox of its owner, else of its brand, else the one with the fewest leads, and always the same one', () => {
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

it('no lead gets a mailbox that is full today while another has capacity', () => {
  const boxes = [
    box('full', { room: 0 }),
    box('nearly', { room: 1, lead_count: 8 }),
    box('free', { lead_count: 9, room: 5 }),
  ];
  const chosen = chooseMailboxes(
    ['1', '2', '3'].map((id) => lead(id)),
    boxes,
  );
  expect([...chosen.values()]).toEqual(['nearly', 'free', 'free']);
  expect([...chooseMailboxes([lead('1')], [box('full', { room: 0 })]).values()]).toEqual(['full']);
});
