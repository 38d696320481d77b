DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM pg_namespace WHERE nspname = 'Ops') THEN
        CREATE SCHEMA "Ops";
    END IF;
END $EF$;
CREATE TABLE IF NOT EXISTS "Ops".runs (
    "MigrationId" character varying(150) NOT NULL,
    "ProductVersion" character varying(32) NOT NULL,
    CONSTRAINT "PK_runs" PRIMARY KEY ("MigrationId")
);

START TRANSACTION;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM "Ops".runs WHERE "MigrationId" = '20240101000000_First') THEN
    CREATE TABLE "Users" (
        "Id" integer NOT NULL,
        "Email" text,
        CONSTRAINT "PK_Users" PRIMARY KEY ("Id")
    );
    END IF;
END $EF$;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM "Ops".runs WHERE "MigrationId" = '20240101000000_First') THEN
    INSERT INTO "Ops".runs ("MigrationId", "ProductVersion")
    VALUES ('20240101000000_First', '9.0.19');
    END IF;
END $EF$;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM "Ops".runs WHERE "MigrationId" = '20240202000000_Second') THEN
    ALTER TABLE "Users" ADD "Nick" text;
    END IF;
END $EF$;

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM "Ops".runs WHERE "MigrationId" = '20240202000000_Second') THEN
    INSERT INTO "Ops".runs ("MigrationId", "ProductVersion")
    VALUES ('20240202000000_Second', '9.0.19');
    END IF;
END $EF$;
COMMIT;

