ALTER TABLE users ADD COLUMN nick text;

---- create above / drop below ----

ALTER TABLE users DROP COLUMN nick;
