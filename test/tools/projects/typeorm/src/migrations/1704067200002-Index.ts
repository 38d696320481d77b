import { MigrationInterface, QueryRunner } from "typeorm";

export class Index1704067200002 implements MigrationInterface {
    name = 'Index1704067200002'

    transaction = false

    public async up(queryRunner: QueryRunner): Promise<void> {
        await queryRunner.query('CREATE INDEX CONCURRENTLY "users_nick" ON "users" ("nick")');
    }

    public async down(queryRunner: QueryRunner): Promise<void> {
        await queryRunner.query('DROP INDEX "users_nick"');
    }

}
