ALTER TABLE users ADD COLUMN nick text;--> statement-breakpoint
UPDATE users SET nick = email;
