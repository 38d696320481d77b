CREATE VIEW names AS SELECT email FROM users;
