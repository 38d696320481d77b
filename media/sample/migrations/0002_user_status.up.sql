-- Every user gets a status. Read the squiggle, then press Ctrl+. on it.
ALTER TABLE users ADD COLUMN status TEXT NOT NULL;
