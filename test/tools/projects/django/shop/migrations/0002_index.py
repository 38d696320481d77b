from django.db import migrations


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("shop", "0003_nick")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY users_nick ON users (nick)",
            reverse_sql="DROP INDEX CONCURRENTLY users_nick",
        ),
    ]
