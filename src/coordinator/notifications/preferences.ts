/** The owner to which the sealed URL of a user's own webhook is bound. */
export function notificationUrlOwner(org_id: string, user_id: string): readonly string[] {
  return ['notification_url', org_id, user_id];
}
