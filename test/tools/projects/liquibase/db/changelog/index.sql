--liquibase formatted sql

--changeset bob:1 runInTransaction:false
CREATE INDEX users_email ON users (email);
/* liquibase rollback
DROP INDEX users_email;
*/
