START TRANSACTION;
DO $EF$
BEGIN
    IF EXISTS(SELECT 1 FROM "__EFMigrationsHistory" WHERE "MigrationId" = '20240303000000_Third') THEN
    ALTER TABLE "Users" DROP COLUMN "Age";
    END IF;
END $EF$;
DO $EF$
BEGIN
    IF EXISTS(SELECT 1 FROM "__EFMigrationsHistory" WHERE "MigrationId" = '20240303000000_Third') THEN
    DELETE FROM "__EFMigrationsHistory"
    WHERE "MigrationId" = '20240303000000_Third';
    END IF;
END $EF$;
COMMIT;

START TRANSACTION;
DO $EF$
BEGIN
    IF EXISTS(SELECT 1 FROM "__EFMigrationsHistory" WHERE "MigrationId" = '20240202000000_Second') THEN
    ALTER TABLE "Users" DROP COLUMN "Nick";
    END IF;
END $EF$;
DO $EF$
BEGIN
    IF EXISTS(SELECT 1 FROM "__EFMigrationsHistory" WHERE "MigrationId" = '20240202000000_Second') THEN
    DROP INDEX "IX_Users_Email";
    END IF;
END $EF$;
DO $EF$
BEGIN
    IF EXISTS(SELECT 1 FROM "__EFMigrationsHistory" WHERE "MigrationId" = '20240202000000_Second') THEN
    DELETE FROM "__EFMigrationsHistory"
    WHERE "MigrationId" = '20240202000000_Second';
    END IF;
END $EF$;
COMMIT;

