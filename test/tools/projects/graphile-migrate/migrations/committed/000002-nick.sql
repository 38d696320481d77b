--! Previous: sha1:a6321210ecb751c663a2f7fa5dceea2adf9c368e
--! Hash: sha1:afdb0175a152078002fc9430084963e695ce856f
--! Message: nick

ALTER TABLE users ADD COLUMN nick text;
