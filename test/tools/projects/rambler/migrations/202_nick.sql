-- rambler up
ALTER TABLE users ADD COLUMN nick text;

-- rambler down
ALTER TABLE users DROP COLUMN nick;
