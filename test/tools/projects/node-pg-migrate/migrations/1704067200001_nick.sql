-- Up Migration
ALTER TABLE users ADD COLUMN nick text;

-- Down Migration
ALTER TABLE users DROP COLUMN nick;
