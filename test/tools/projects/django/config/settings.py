import os
from urllib.parse import urlsplit

url = urlsplit(os.environ["DATABASE_URL"])

if url.scheme == "sqlite":
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": url.path[1:]}}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": url.path[1:],
            "USER": url.username,
            "HOST": url.hostname,
            "PORT": url.port,
        }
    }

INSTALLED_APPS = ["shop"]
SECRET_KEY = "for migrations alone"
USE_TZ = True
