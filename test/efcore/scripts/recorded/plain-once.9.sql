CREATE TABLE IF NOT EXISTS "__EFMigrationsHistory" (
    "MigrationId" character varying(150) NOT NULL,
    "ProductVersion" character varying(32) NOT NULL,
    CONSTRAINT "PK___EFMigrationsHistory" PRIMARY KEY ("MigrationId")
);

START TRANSACTION;
CREATE TABLE "Users" (
    "Id" integer NOT NULL,
    "Email" text,
    CONSTRAINT "PK_Users" PRIMARY KEY ("Id")
);

INSERT INTO "Users" VALUES (1, 'it''s; a'), (2, 'b');

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20240101000000_First', '9.0.19');

ALTER TABLE "Users" ADD "Nick" text;

COMMIT;

DO $$ BEGIN UPDATE "Users" SET "Nick" = 'x'; COMMIT; END $$;

START TRANSACTION;
CREATE INDEX "IX_Users_Email" ON "Users" ("Email");

COMMIT;

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20240202000000_Second', '9.0.19');

START TRANSACTION;
ALTER TABLE "Users" ADD "Age" integer NOT NULL DEFAULT 18;

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20240303000000_Third', '9.0.19');

COMMIT;

