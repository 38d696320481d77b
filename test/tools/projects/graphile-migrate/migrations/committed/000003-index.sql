--! Previous: sha1:afdb0175a152078002fc9430084963e695ce856f
--! Hash: sha1:bc950e40651fff110415efe4062f915f83dddf48
--! Message: index

--! no-transaction
CREATE INDEX users_email ON users (email);
