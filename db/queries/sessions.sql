/* Open sessions of a user, by id. Ended sessions stay listed for a while if a link that this user did not make began
   them, so an intruder cannot hide by signing out. */
/* @name listSessions */
SELECT s.id, s.user_id, s.created_at, s.last_seen_at, s.expires_at, s.user_agent,
       (s.revoked_at IS NULL AND s.expires_at > :now! AND coalesce(s.last_seen_at, s.created_at) > :idle_since!)
         AS "is_open!",
       s.sign_in_link_id IS NOT NULL AS "by_link!", l.created_by_user_id AS "link_made_by_user_id?", m.name AS "link_made_by?",
       (s.sign_in_link_id IS NOT NULL AND l.created_by_user_id IS DISTINCT FROM s.user_id) AS "link_made_by_other!"
FROM sessions s
LEFT JOIN sign_in_links l ON l.org_id = s.org_id AND l.user_id = s.user_id AND l.id = s.sign_in_link_id
LEFT JOIN users m ON m.org_id = l.org_id AND m.id = l.created_by_user_id
WHERE s.org_id = :org_id! AND s.user_id = :user_id! AND (:after_id::uuid IS NULL OR s.id > :after_id)
  AND ((s.revoked_at IS NULL AND s.expires_at > :now! AND coalesce(s.last_seen_at, s.created_at) > :idle_since!)
       OR (s.sign_in_link_id IS NOT NULL AND l.created_by_user_id IS DISTINCT FROM s.user_id
           AND s.created_at > :told_since!))
ORDER BY s.id LIMIT :limit!;

/* Without a user: any session. */
/* @name revokeSession */
UPDATE sessions SET revoked_at = :now!
WHERE org_id = :org_id! AND id = :id! AND (:user_id::uuid IS NULL OR user_id = :user_id) AND revoked_at IS NULL
RETURNING id;

/* @name revokeOtherSessions */
UPDATE sessions SET revoked_at = :now!
WHERE org_id = :org_id! AND user_id = :user_id! AND id IS DISTINCT FROM :kept_id AND revoked_at IS NULL
RETURNING id;

/* @name voidSignInLinks */
UPDATE sign_in_links SET used_at = :now! WHERE org_id = :org_id! AND user_id = :user_id! AND used_at IS NULL RETURNING id;

/* Only one of several simultaneous requests writes. */
/* @name markSessionSeen */
UPDATE sessions SET last_seen_at = :now!
WHERE org_id = :org_id! AND id = :id! AND revoked_at IS NULL AND (last_seen_at IS NULL OR last_seen_at < :before!)
RETURNING id;

/* All users with the address that the transaction presents, in any organization, oldest first. */
/* @name listPresentedUsers */
SELECT u.org_id, u.id, u.password_hash, u.deactivated_at, o.slug
FROM users u JOIN organizations o ON o.org_id = u.org_id
WHERE u.email = :email!
ORDER BY u.created_at, u.org_id LIMIT :limit!;

/* The user, if the password is still the one that was checked and the user is active. A change of either waits for the
   new session and then ends it. */
/* @name lockUserToSignIn */
SELECT id FROM users
WHERE org_id = :org_id! AND id = :id! AND deactivated_at IS NULL
  AND (:password_hash::text IS NULL OR password_hash = :password_hash)
FOR SHARE;

/* Increments a counter, which restarts at 1 when its period ends. Returns the count and the end of the period. */
/* @name countSignIn */
INSERT INTO sign_in_counts AS c (subject, count, until) VALUES (:subject!, 1, :until!)
ON CONFLICT (subject) DO UPDATE
SET count = CASE WHEN c.until <= :now! THEN 1 ELSE c.count + 1 END,
    until = CASE WHEN c.until <= :now! THEN excluded.until ELSE c.until END
RETURNING count, until;

/* @name uncountSignIn */
UPDATE sign_in_counts SET count = greatest(count - 1, 0) WHERE subject = :subject! RETURNING subject;

/* @name forgetSignIns */
DELETE FROM sign_in_counts WHERE subject = :subject! RETURNING subject;

/* @name findSignInCount */
SELECT count, until FROM sign_in_counts WHERE subject = :subject! AND until > :now!;

/* @name sweepSignInCounts */
DELETE FROM sign_in_counts WHERE subject IN (
  SELECT s.subject FROM sign_in_counts s WHERE s.until <= :now! LIMIT :limit! FOR UPDATE SKIP LOCKED)
RETURNING subject;
