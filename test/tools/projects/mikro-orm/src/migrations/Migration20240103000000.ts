import { Migration } from '@mikro-orm/migrations';

export class Migration20240103000000 extends Migration {
  override async up(): Promise<void> {
    this.addSql(`CREATE INDEX CONCURRENTLY users_email ON users (email)`);
  }

  override async down(): Promise<void> {
    this.addSql(`DROP INDEX CONCURRENTLY users_email`);
  }

  override isTransactional(): boolean {
    return false;
  }
}
