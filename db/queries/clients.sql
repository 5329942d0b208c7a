/* The brands of an organization, by id. */
/* @name listClients */
SELECT client_id, name FROM clients
WHERE org_id = :org_id! AND (:after_client_id::text IS NULL OR client_id > :after_client_id)
ORDER BY client_id LIMIT :limit!;

/* @name createClient */
INSERT INTO clients (org_id, client_id, name, created_at) VALUES (:org_id!, :client_id!, :name!, :now!)
ON CONFLICT (org_id, client_id) DO NOTHING
RETURNING client_id, name;

/* @name renameClient */
UPDATE clients SET name = :name! WHERE org_id = :org_id! AND client_id = :client_id!
RETURNING client_id, name;
