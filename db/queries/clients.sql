/* The brands of an org, by id. */
/* @name listClients */
SELECT client_id, name FROM clients
WHERE org_id = :org_id! AND (:after_client_id::text IS NULL OR client_id > :after_client_id)
ORDER BY client_id LIMIT :limit!;
