-- What one would do without this program: two tables, an index, ORDER BY random().
-- The bench fills them from the same experts, on disk, and asks one statement a slot.
-- {key} is TEXT, as the pool names its experts, and INTEGER in the row `...int_keys`.
CREATE TABLE expert (
    id {key} PRIMARY KEY,
    employer TEXT NOT NULL,
    grouped TEXT NOT NULL,
    region INTEGER NOT NULL,
    valid_to TEXT NOT NULL,
    admitted_on TEXT NOT NULL,
    standing INTEGER NOT NULL
);
CREATE TABLE expert_specialty (code TEXT NOT NULL, expert {key} NOT NULL);
CREATE TABLE conflict (unit TEXT PRIMARY KEY);
-- once the rows are in
CREATE INDEX code_expert ON expert_specialty (code, expert);
ANALYZE;
-- one slot
SELECT e.id FROM expert e
WHERE e.id IN (SELECT s.expert FROM expert_specialty s WHERE s.code >= :code AND s.code < :beyond)
  AND e.valid_to >= :day AND e.admitted_on <= :quarantine AND e.standing = 0
  AND e.employer NOT IN (SELECT unit FROM conflict)
  AND e.grouped NOT IN (SELECT unit FROM conflict)
ORDER BY random() LIMIT :seats;
