from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class TrainerAdminConfig(AdminConfig):
    default_site = "soctrainer.admin_site.TrainerSite"


class SocTrainerConfig(AppConfig):
    name = "soctrainer"

    def ready(self) -> None:
        # Both register themselves by being imported: the checks, and the Celery app that
        # `shared_task` functions belong to, in whatever process they are called from.
        from soctrainer import celery, checks  # noqa: F401
