ALTER TABLE users ADD COLUMN ${owner} text;
