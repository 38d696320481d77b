import { Migration } from '@mikro-orm/migrations';

export class Migration20240101000000 extends Migration {
  override async up(): Promise<void> {
    this.addSql(`CREATE TABLE users (id bigint PRIMARY KEY, email text)`);
  }

  override async down(): Promise<void> {
    this.addSql(`DROP TABLE users`);
  }

}
