--liquibase formatted sql

--changeset alice:1
CREATE TABLE users (id bigint PRIMARY KEY, email text);
--rollback DROP TABLE users;

--changeset alice:2
ALTER TABLE users ADD COLUMN nick text;
--rollback SELECT 1;
--rollback ALTER TABLE users
--rollback DROP COLUMN nick;
